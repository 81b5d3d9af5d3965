//! The sessions that live: where one is signed in, and how to end that.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::desk::Desk;
use crate::api::account::{
    EndAllSessions, EndOtherSessions, EndSession, end_all_sessions, end_other_sessions, end_session,
};
use crate::api::client;
use crate::model::account::SessionHandle;
use crate::model::form::REDIRECT_FIELD;
use crate::model::session::SessionItem;
use crate::model::text::Text;
use crate::ui::components::post_form::CsrfField;
use crate::ui::components::time::Time;
use crate::ui::page::{lang, t};
use crate::ui::words;

/// Where a post without WASM leads, so that what it did is on the screen.
const DONE: &str = "/account?done=sessions#sessions";

/// Every live session, this one first.
#[component]
pub fn Sessions(desk: Desk) -> impl IntoView {
    let others = move || desk.live.with(|live| live.iter().any(|item| !item.current));
    let only_this = t(Text::SessionsOnlyThis);
    let list = move || {
        let cards = desk.live.get().into_iter().map(|item| view! { <Card desk item/> });
        view! { <ul class="session-list">{cards.collect_view()}</ul> }
    };
    // Made here: its texts need the component's context.
    let end_others = StoredValue::new(move || {
        view! {
            <Act
                desk
                action=EndOtherSessions::PATH
                key="others".to_owned()
                label=Text::SessionsEndOthers
                redirect=DONE
                act=Callback::new(move |()| desk.act("others".to_owned(), client::call(end_other_sessions)))
            />
        }
    });
    view! {
        <section class="panel account-wide" id="sessions" aria-labelledby="sessions-title">
            <div>
                <h2 id="sessions-title" tabindex="-1">{t(Text::SessionsTitle)}</h2>
                <p class="muted">{t(Text::SessionsLead)}</p>
            </div>
            <div role="status">
                {move || desk.notice.get().map(|text| view! { <p class="notice notice-success">{text}</p> })}
            </div>
            <div role="alert">
                {move || desk.refusal.get().map(|text| view! { <p class="notice notice-danger">{text}</p> })}
            </div>
            {list}
            {desk.more_live.then(|| view! { <p class="muted">{t(Text::SessionsMore)}</p> })}
            <div class="actions session-actions">
                {move || others().then(|| end_others.with_value(|make| make()))}
                {move || (!others()).then(|| view! { <p class="muted">{only_this}</p> })}
                <Act
                    desk
                    action=EndAllSessions::PATH
                    key="all".to_owned()
                    label=Text::SessionsEndAll
                    redirect="/login"
                    act=Callback::new(move |()| desk.act_and_leave("all".to_owned(), client::call(end_all_sessions)))
                />
            </div>
        </section>
    }
}

#[component]
fn Card(desk: Desk, item: SessionItem) -> impl IntoView {
    let name = words::browser(&item.browser, &item.device, lang());
    let (handle, key) = (item.handle.clone(), item.handle.clone());
    let hidden = item.handle.clone();
    let act = Callback::new(move |()| {
        let handle = handle.clone();
        let end = move || end_session(SessionHandle { handle: handle.clone() });
        desk.act(key.clone(), async move { client::call(end).await });
    });
    let label = name.clone();
    let end = (!item.current).then(|| {
        view! {
            <Act desk action=EndSession::PATH key=item.handle.clone() label=Text::SessionsEnd about=label redirect=DONE act>
                <input type="hidden" name="handle" value=hidden/>
            </Act>
        }
    });
    let remembered = t(if item.remembered { Text::SessionRememberedYes } else { Text::SessionRememberedNo });
    let idle = match item.idle_expires_at {
        Some(at) => view! { <Time at/> }.into_any(),
        None => t(Text::SessionIdleNever).into_any(),
    };
    view! {
        <li class="session" class:session-current=item.current>
            <div class="session-head">
                <h3>{name}</h3>
                {item.current.then(|| view! { <span class="badge">{t(Text::SessionsThis)}</span> })}
                {end}
            </div>
            <dl class="facts facts-tight">
                <Fact term=Text::SessionAddress>{item.address}</Fact>
                <Fact term=Text::SessionSince><Time at=item.started_at/></Fact>
                <Fact term=Text::SessionActive><Time at=item.last_active_at/></Fact>
                <Fact term=Text::SessionIdleEnd>{idle}</Fact>
                <Fact term=Text::SessionUntil><Time at=item.expires_at/></Fact>
                <Fact term=Text::SessionRemembered>{remembered}</Fact>
            </dl>
        </li>
    }
}

/// A term with its value.
#[component]
pub fn Fact(term: Text, children: Children) -> impl IntoView {
    view! {
        <div>
            <dt>{t(term)}</dt>
            <dd>{children()}</dd>
        </div>
    }
}

/// A button that is a form: a plain post without WASM, a call with it.
#[component]
fn Act(
    desk: Desk,
    action: &'static str,
    /// What [`Desk::busy`] holds while it works.
    key: String,
    label: Text,
    /// What the button is about, where several say the same.
    #[prop(optional)]
    about: Option<String>,
    /// Where a post without WASM leads.
    redirect: &'static str,
    act: Callback<()>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        act.run(());
    };
    let works = move || desk.busy.with(|busy| busy.as_ref() == Some(&key));
    let works_too = works.clone();
    let (label, busy_label) = (t(label), t(Text::SessionsEnding));
    view! {
        <form class="act" method="post" action=action on:submit=submit>
            <CsrfField/>
            <input type="hidden" name=REDIRECT_FIELD value=redirect/>
            {children.map(|children| children())}
            <button
                class="button button-quiet"
                type="submit"
                disabled=move || desk.busy.with(Option::is_some)
                aria-busy=move || works().then_some("true")
            >
                {move || if works_too() { busy_label } else { label }}
                {about.map(|about| view! { <span class="visually-hidden">": "{about}</span> })}
            </button>
        </form>
    }
}

//! The user's live sessions, and the buttons that end them.

use leptos::prelude::*;

use super::ended_text;
use crate::app::request::{error, flash, query};
use crate::model::code::Code;
use crate::model::form::REDIRECT_FIELD;
use crate::model::forms;
use crate::model::session::SessionItem;
use crate::model::text::Text;
use crate::model::words;
use crate::ui::components::form::{CsrfField, SubmitButton};
use crate::ui::components::time::Time;
use crate::ui::page::{lang, t};

/// The redirect target of the forms: the section that shows the result.
const DONE: &str = "/account?done=sessions#sessions";

/// The id of the element that shows why a session was not ended.
const ALERT: &str = "sessions-alert";

/// Every live session, the current one first.
#[component]
pub fn Sessions(live: Vec<SessionItem>, more: bool) -> impl IntoView {
    let others = live.iter().any(|item| !item.current);
    let cards = live.into_iter().map(|item| view! { <Card item/> }).collect_view();
    view! {
        <section class="panel account-wide" id="sessions" aria-labelledby="sessions-title">
            <div>
                <h2 id="sessions-title" tabindex="-1">{t(Text::SessionsTitle)}</h2>
                <p class="muted">{t(Text::SessionsLead)}</p>
            </div>
            <div role="status" data-notice="sessions">
                {notice().map(|text| view! { <p class="notice notice-success">{text}</p> })}
            </div>
            <div role="alert" id=ALERT data-notice="sessions-alert">
                {refusal().map(|text| view! { <p class="notice notice-danger">{text}</p> })}
            </div>
            <ul class="session-list">{cards}</ul>
            {more.then(|| view! { <p class="muted">{t(Text::SessionsMore)}</p> })}
            <div class="actions session-actions">
                {if others {
                    view! { <Act action=forms::END_OTHER_SESSIONS.action label=Text::SessionsEndOthers redirect=DONE/> }.into_any()
                } else {
                    view! { <p class="muted">{t(Text::SessionsOnlyThis)}</p> }.into_any()
                }}
                <Act action=forms::END_ALL_SESSIONS.action label=Text::SessionsEndAll redirect="/login"/>
            </div>
        </section>
    }
}

/// Returns the result of the last form.
fn notice() -> Option<String> {
    let done = query("done").is_some_and(|what| what == "sessions");
    flash().ended_count.filter(|_| done).map(|count| ended_text(count, lang()))
}

/// Returns why the last form was refused.
fn refusal() -> Option<&'static str> {
    let flash = flash();
    let code = error().filter(|_| flash.form.starts_with("/api/account/sessions/") && flash.code == error())?;
    Some(if code == Code::NotFound { t(Text::SessionsGone) } else { code.text(lang()) })
}

#[component]
fn Card(item: SessionItem) -> impl IntoView {
    let name = words::browser(&item.browser, &item.device, lang());
    let end = (!item.current).then(|| {
        view! {
            <Act action=forms::END_SESSION.action label=Text::SessionsEnd about=name.clone() redirect=DONE>
                <input type="hidden" name="handle" value=item.handle/>
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

/// A form with one button.
#[component]
fn Act(
    action: &'static str,
    label: Text,
    /// What the button acts on, where several have the same label.
    #[prop(optional)]
    about: Option<String>,
    redirect: &'static str,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let button = match about {
        Some(about) => {
            view! { <SubmitButton label busy_label=Text::SessionsEnding class="button button-quiet" about/> }.into_any()
        }
        None => view! { <SubmitButton label busy_label=Text::SessionsEnding class="button button-quiet"/> }.into_any(),
    };
    view! {
        <form class="act" method="post" action=action data-form="" data-alert=ALERT data-gone=t(Text::SessionsGone)>
            <CsrfField/>
            <input type="hidden" name=REDIRECT_FIELD value=redirect/>
            {children.map(|children| children())}
            {button}
        </form>
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

//! The notice of a sign-in on another device, with advice in case it was not the user.

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::client;
use crate::model::account::SessionHandle;
use crate::model::forms;
use crate::model::live::NewSignIn;
use crate::model::redirect::SafePath;
use crate::model::text::{self, Text};
use crate::ui::browser::Departure;
use crate::ui::page::{lang, t};
use crate::ui::session_life::session_life;
use crate::ui::tabs;

/// The form that changes the password.
pub const PASSWORD: &str = "/account#password";

/// The notice, in every tab until the user dismisses it in one.
#[component]
pub fn NewSignInNotice(news: NewSignIn) -> impl IntoView {
    let life = session_life();
    let busy = RwSignal::new(false);
    let failed = RwSignal::new(None);
    let lang = lang();
    let device = if news.device.is_empty() { t(Text::BrowserUnknown).to_owned() } else { news.device };
    let text = text::life_new_sign_in(lang, &news.address, &device);

    let seen = move || {
        tabs::send("news-seen", "null");
        life.news.set(None);
    };
    let handle = StoredValue::new(news.handle);
    let not_me = move |_| {
        busy.set(true);
        spawn_local(async move {
            let choice = SessionHandle { handle: handle.get_value() };
            match client::call(&client::json(forms::END_SESSION.action, &choice)).await {
                Ok(_) => {
                    seen();
                    life.store.leave(SafePath::parse(PASSWORD).map_or(Departure::Reload, Departure::To));
                }
                Err(failure) => {
                    failed.try_set(Some(failure.code));
                    busy.try_set(false);
                }
            }
        });
    };
    view! {
        <section class="toast" aria-label=t(Text::LifeNewSignInTitle)>
            <p>{text}</p>
            {move || failed.get().map(|code| view! { <p class="notice notice-danger">{code.text(lang)}</p> })}
            <div class="dialog-actions">
                <button class="button button-primary" type="button" disabled=busy on:click=not_me>
                    {t(Text::LifeNotMe)}
                </button>
                <button class="button" type="button" on:click=move |_| seen()>{t(Text::LifeWasMe)}</button>
            </div>
        </section>
    }
}

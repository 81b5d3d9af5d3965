//! The notice that the email was changed somewhere else, with advice in case it was not the user.

use leptos::prelude::*;

use super::new_sign_in::PASSWORD;
use crate::model::text::{self, Text};
use crate::ui::page::{lang, t};
use crate::ui::session_life::session_life;

/// The notice, until the user dismisses it.
#[component]
pub fn NewEmailNotice(email: String) -> impl IntoView {
    let life = session_life();
    let seen = move |_| life.new_email.set(None);
    view! {
        <section class="toast" aria-label=t(Text::LifeNewEmailTitle)>
            <p>{text::life_new_email(lang(), &email)}</p>
            <div class="dialog-actions">
                <a class="button button-primary" href=PASSWORD on:click=seen>{t(Text::LifeNewEmailNotMe)}</a>
                <button class="button" type="button" on:click=seen>{t(Text::LifeWasMe)}</button>
            </div>
        </section>
    }
}

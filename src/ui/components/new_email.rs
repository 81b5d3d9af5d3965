//! Word of an email that was changed elsewhere, with what to do if it was a stranger.

use leptos::prelude::*;

use super::new_sign_in::PASSWORD;
use crate::model::redirect::SafePath;
use crate::model::text::Text;
use crate::ui::browser::Departure;
use crate::ui::page::{lang, t};
use crate::ui::session_life::session_life;

/// The notice, until somebody has looked at it.
#[component]
pub fn NewEmailNotice(email: String) -> impl IntoView {
    let life = session_life();
    let text = Text::LifeNewEmail.with(lang(), &[("email", &email)]);
    let seen = move || life.new_email.set(None);
    let not_me = move |_| {
        seen();
        life.store.leave(SafePath::parse(PASSWORD).map_or(Departure::Reload, Departure::To));
    };
    view! {
        <section class="toast" aria-label=t(Text::LifeNewEmailTitle)>
            <p>{text}</p>
            <div class="dialog-actions">
                <button class="button button-primary" type="button" on:click=not_me>{t(Text::LifeNewEmailNotMe)}</button>
                <button class="button" type="button" on:click=move |_| seen()>{t(Text::LifeWasMe)}</button>
            </div>
        </section>
    }
}

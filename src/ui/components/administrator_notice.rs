//! The notice to administrators that somebody else became one, or is none any more.

use leptos::prelude::*;

use crate::model::live::AdministratorChanged;
use crate::model::text::{self, Text};
use crate::ui::page::{lang, t};
use crate::ui::session_life::session_life;

/// The notice, until the user dismisses it.
#[component]
pub fn AdministratorNotice(change: AdministratorChanged) -> impl IntoView {
    let life = session_life();
    let AdministratorChanged { name, is } = change;
    let text = match is {
        true => text::life_administrator_now(lang(), &name),
        false => text::life_administrator_gone(lang(), &name),
    };
    view! {
        <section class="toast" aria-label=t(Text::LifeAdministratorTitle)>
            <p>{text}</p>
            <div class="dialog-actions">
                <button class="button" type="button" on:click=move |_| life.administrators.set(None)>
                    {t(Text::LifeAdministratorSeen)}
                </button>
            </div>
        </section>
    }
}

//! The countdown in the last minute of a session, in every tab.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::dialog::DialogFrame;
use super::form::clock;
use crate::model::text::{self, Text};
use crate::ui::page::{lang, t};
use crate::ui::session_life::clock::Limit;
use crate::ui::session_life::session_life;

/// The remaining seconds that screen readers announce. Announcing each second would be noise.
const STEPS: [u32; 3] = [30, 10, 5];

/// Warns of the session's end, and offers to extend the session or to sign in again.
#[component]
pub fn ExpiryWarning() -> impl IntoView {
    let (life, lang) = (session_life(), lang());
    let busy = RwSignal::new(false);
    let failed = RwSignal::new(None);
    let left = Memo::new(move |_| life.warning.with(|w| w.map_or(0, |w| w.left)));
    let limit = Memo::new(move |_| life.warning.with(|w| w.map_or(Limit::Idle, |w| w.limit)));
    // The last announced step. The live region changes only with it.
    let step = Memo::new(move |_| STEPS.into_iter().rev().find(|step| left.get() <= *step));

    let stay = move |_| {
        busy.set(true);
        failed.set(None);
        spawn_local(async move {
            if let Err(failure) = life.extend().await {
                failed.try_set(Some(failure.code));
            }
            // After a success the dialog is gone.
            busy.try_set(false);
        });
    };
    let leave = move |_| spawn_local(life.store.logout(None));
    let help = move || match limit.get() {
        Limit::Idle => view! {
            <p id="expiry-text">{t(Text::LifeWarnIdle)}</p>
        },
        Limit::Absolute => view! {
            <p id="expiry-text">{t(Text::LifeWarnAbsolute)}</p>
        },
    };
    let way = move || match limit.get() {
        Limit::Idle => view! {
            <button
                class="button button-primary"
                type="button"
                autofocus=true
                aria-disabled=move || busy.get().then_some("true")
                on:click=stay
            >
                {t(Text::LifeStay)}
            </button>
        }
        .into_any(),
        Limit::Absolute => view! {
            <button class="button button-primary" type="button" autofocus=true on:click=move |_| life.store.renew()>
                {t(Text::LifeRenew)}
            </button>
        }
        .into_any(),
    };
    view! {
        <DialogFrame id="expiry" role="alertdialog" title=t(Text::LifeWarnTitle)>
            {help}
            <p class="dialog-clock" role="timer">{move || clock(u64::from(left.get()))}</p>
            <p class="visually-hidden" role="status">
                {move || step.get().map(|s| text::life_left_spoken(lang, s))}
            </p>
            <div role="alert">
                {move || failed.get().map(|code| view! { <p class="notice notice-danger">{code.text(lang)}</p> })}
            </div>
            <div class="dialog-actions">
                {way}
                <button class="button" type="button" on:click=leave>{t(Text::SignOut)}</button>
            </div>
        </DialogFrame>
    }
}

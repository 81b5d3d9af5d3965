//! What the last act did, person by person, and one-time links.

use leptos::prelude::*;

use crate::app::request::flash;
use crate::model::forms::{DELETE_ROLES, END_SESSIONS, Form, LIFT_LOCKOUTS};
use crate::model::outcome::{KeptOutcome, Refusal};
use crate::model::text::{self, Text};
use crate::ui::page::{lang, t};

/// What the last form did, with its number.
fn done(count: u32) -> String {
    let form = flash().form;
    let is = |declared: Form| form == declared.action;
    match () {
        () if is(END_SESSIONS) => text::outcome_sessions(lang(), count),
        () if is(LIFT_LOCKOUTS) => text::outcome_lockouts(lang(), count),
        () if is(DELETE_ROLES) => text::outcome_roles(lang(), count),
        () => text::outcome_done(lang(), count),
    }
}

/// Why somebody or something was left out.
pub fn refusal(name: String, why: Refusal) -> String {
    match why {
        Refusal::NotFound => text::outcome_refused_not_found(lang(), name),
        Refusal::Forbidden => text::outcome_refused_forbidden(lang(), name),
        Refusal::LastAdministrator => text::outcome_refused_last_administrator(lang(), name),
        Refusal::Shipped => text::outcome_refused_shipped(lang(), name),
        Refusal::InUse => text::outcome_refused_in_use(lang(), name),
    }
}

/// The result of a form, in a live region.
#[component]
pub fn Outcome(outcome: Option<KeptOutcome>) -> impl IntoView {
    let shown = outcome.map(|outcome| {
        let done = match outcome.done {
            0 => view! { <p class="notice notice-warning">{t(Text::OutcomeDoneNone)}</p> },
            count => view! { <p class="notice notice-success">{done(count)}</p> },
        };
        let refused = outcome.refused.into_iter().map(|(name, why)| {
            view! { <p class="notice notice-danger">{refusal(name, why)}</p> }
        });
        let links = outcome.links.into_iter().map(|(name, url)| {
            let label = text::outcome_link(lang(), &name);
            view! {
                <div class="one-time-link">
                    <label>
                        <span>{label}</span>
                        <input class="input" type="text" readonly value=url.clone()/>
                    </label>
                    <button class="button" type="button" data-copy=url hidden>
                        <span data-copied=t(Text::OutcomeCopied)>{t(Text::OutcomeCopy)}</span>
                    </button>
                </div>
            }
        });
        view! { <div class="outcome">{done} {refused.collect_view()} {links.collect_view()}</div> }
    });
    view! { <div role="status" data-notice="outcome">{shown}</div> }
}

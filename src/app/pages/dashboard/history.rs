//! The previous sign-in, and the failed attempts since.

use leptos::prelude::*;

use super::session::browser_name;
use crate::model::account::{Overview, SignInEvent};
use crate::model::text::{self, Text};
use crate::ui::components::time::Time;
use crate::ui::page::{lang, t};

/// Lets users notice sign-ins and attempts that were not theirs.
#[component]
pub fn History(overview: Overview) -> impl IntoView {
    let last = match overview.last_sign_in {
        Some(event) => view! { <Attempt event/> }.into_any(),
        None => view! { <p class="muted">{t(Text::HistoryFirst)}</p> }.into_any(),
    };
    let unlisted = (overview.failed_count as usize).saturating_sub(overview.failed_since.len());
    let failed = if overview.failed_since.is_empty() {
        view! { <p class="muted">{t(Text::HistoryFailedNone)}</p> }.into_any()
    } else {
        let more = || text::history_failed_more(lang(), unlisted);
        view! {
            <p class="notice notice-warning">{t(Text::HistoryFailedHint)}</p>
            <ul class="attempts">
                {overview.failed_since.into_iter().map(|event| view! { <li><Attempt event/></li> }).collect_view()}
            </ul>
            {(unlisted > 0).then(|| view! { <p class="muted">{more()}</p> })}
        }
        .into_any()
    };
    view! {
        <section class="panel" aria-labelledby="history-title">
            <h2 id="history-title">{t(Text::HistoryTitle)}</h2>
            <h3>{t(Text::HistoryLast)}</h3>
            {last}
            <h3>{t(Text::HistoryFailed)}</h3>
            {failed}
        </section>
    }
}

#[component]
fn Attempt(event: SignInEvent) -> impl IntoView {
    view! {
        <p class="attempt">
            <Time at=event.at/>
            <span class="muted">{browser_name(event.browser)}" · "{event.address}</span>
        </p>
    }
}

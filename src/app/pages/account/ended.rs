//! The ended sessions: when, why and by whom.

use leptos::prelude::*;

use super::sessions::Fact;
use crate::app::request::query;
use crate::model::session::SessionItem;
use crate::model::text::{self, Text};
use crate::model::words;
use crate::ui::components::time::Time;
use crate::ui::page::{lang, t};

/// The list of ended sessions, folded.
#[component]
pub fn Ended(
    ended: Vec<SessionItem>,
    /// The cursor of the next page.
    cursor: Option<String>,
    /// How many days they stay listed.
    days: u32,
) -> impl IntoView {
    let list = match ended.is_empty() {
        true => view! { <p class="muted">{t(Text::EndedNone)}</p> }.into_any(),
        false => {
            let rows = ended.into_iter().map(|item| view! { <Row item/> }).collect_view();
            view! { <ul class="log">{rows}</ul> }.into_any()
        }
    };
    let more = cursor.map(|cursor| {
        view! { <a class="button button-quiet" href=format!("/account?ended={cursor}#ended")>{t(Text::EndedOlder)}</a> }
    });
    view! {
        <section class="panel account-wide" id="ended" aria-labelledby="ended-title">
            <details class="fold" open=query("ended").is_some()>
                <summary><h2 id="ended-title">{t(Text::EndedTitle)}</h2></summary>
                <div class="fold-body">
                    <p class="muted">{text::ended_lead(lang(), days)}</p>
                    {list}
                    {more}
                </div>
            </details>
        </section>
    }
}

#[component]
fn Row(item: SessionItem) -> impl IntoView {
    let reason = item.end_reason.map(|reason| t(words::end_reason(reason)));
    let by = item.ended_by.unwrap_or_else(|| t(Text::EndedBySystem).to_owned());
    view! {
        <li class="log-row">
            <h3>{words::browser(&item.browser, &item.device, lang())}</h3>
            <dl class="facts facts-tight">
                <Fact term=Text::EndedAt>{item.ended_at.map(|at| view! { <Time at/> })}</Fact>
                <Fact term=Text::EndedWhy>{reason}</Fact>
                <Fact term=Text::EndedBy>{by}</Fact>
                <Fact term=Text::SessionSince><Time at=item.started_at/></Fact>
                <Fact term=Text::SessionAddress>{item.address}</Fact>
            </dl>
        </li>
    }
}

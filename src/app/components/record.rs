//! A row of the audit.

use leptos::prelude::*;

use crate::model::desk::AuditItem;
use crate::model::text::Text;
use crate::model::words;
use crate::ui::components::time::Time;
use crate::ui::page::{lang, t};

/// The result of an event in words.
pub fn result(name: &str) -> String {
    t(if name == "failure" { Text::AuditFailure } else { Text::AuditSuccess }).to_owned()
}

/// An event: what, when, who to whom, from where. It opens to its details.
#[component]
pub fn Record(item: AuditItem) -> impl IntoView {
    let failed = item.result == "failure";
    let what = words::audit_action(&item.action, lang());
    // What no request did has no address.
    let nobody = if item.address.is_empty() { Text::AuditSystem } else { Text::AuditNobody };
    let who = item.actor.map_or_else(|| t(nobody).to_owned(), |actor| actor.name);
    let whom = item.target.map(|target| target.name);
    let sentence = match whom {
        Some(whom) if whom != who => format!("{who} → {whom}"),
        _ => who,
    };
    let from: Vec<String> = [item.device, item.address].into_iter().filter(|part| !part.is_empty()).collect();
    let details: Vec<_> = serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(&item.details.0)
        .unwrap_or_default()
        .into_iter()
        .map(|(name, value)| {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            view! { <div><dt><code>{name}</code></dt><dd>{value}</dd></div> }
        })
        .collect();
    let details = (!details.is_empty()).then(|| {
        view! {
            <details class="fold">
                <summary>{t(Text::AuditDetails)}</summary>
                <dl class="facts facts-tight fold-body">{details}</dl>
            </details>
        }
    });
    view! {
        <li class="log-row">
            <p class="log-head">
                <span class=if failed { "badge badge-danger" } else { "badge" }>{what}</span>
                <Time at=item.at/>
            </p>
            <p>{sentence}</p>
            {(!from.is_empty()).then(|| view! { <p class="muted">{from.join(" · ")}</p> })}
            {details}
        </li>
    }
}

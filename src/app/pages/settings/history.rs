//! Who changed the policy last.

use leptos::prelude::*;

use super::rows::{label, words};
use crate::model::settings::PolicyHistory;
use crate::model::text::{self, Text};
use crate::ui::components::time::Time;
use crate::ui::page::{lang, t};

/// The last change, key by key.
#[component]
pub fn LastChange(change: PolicyHistory) -> impl IntoView {
    let by = change
        .by
        .map_or_else(|| t(Text::SettingsByCommandLine).to_owned(), |name| text::settings_changed_by(lang(), name));
    let changes = change.changes.into_iter().map(|(key, before, after)| {
        let name = label(&key).map_or(key, |label| t(label).to_owned());
        view! {
            <div>
                <dt>{name}</dt>
                <dd>{format!("{} → {}", words(&before), words(&after))}</dd>
            </div>
        }
    });
    view! {
        <section class="panel" aria-labelledby="last-change">
            <h2 id="last-change">{t(Text::SettingsLastChange)}</h2>
            <p class="muted">{by}" · "<Time at=change.at/></p>
            <dl class="facts">{changes.collect_view()}</dl>
        </section>
    }
}

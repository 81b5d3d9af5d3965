//! A field to choose one of a few values from.

use leptos::prelude::*;

use crate::model::text::Text;
use crate::ui::components::field::{FieldFrame, described_by, invalid};
use crate::ui::components::form::FormState;

/// A choice; `options` are values with their words.
#[component]
pub fn SelectField(
    state: FormState,
    name: &'static str,
    label: Text,
    options: Vec<(&'static str, &'static str)>,
    /// What is chosen unless the form came back.
    value: &'static str,
) -> impl IntoView {
    let chosen = state.typed_or(name, value);
    view! {
        <FieldFrame state name label hint=None>
            <select
                class="input"
                id=name
                name=name
                autocomplete="off"
                aria-invalid=invalid(state, name)
                aria-describedby=described_by(state, name, false)
            >
                {options
                    .into_iter()
                    .map(|(value, words)| view! { <option value=value selected=value == chosen>{words}</option> })
                    .collect_view()}
            </select>
        </FieldFrame>
    }
}

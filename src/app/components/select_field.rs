//! A select field.

use leptos::prelude::*;

use crate::model::text::Text;
use crate::ui::components::field::{FieldFrame, described_by, invalid};
use crate::ui::components::form::FormState;

/// A labelled select; `options` are values with their labels.
#[component]
pub fn SelectField(
    state: FormState,
    name: &'static str,
    label: Text,
    options: Vec<(String, String)>,
    /// The selected value, unless the form was rejected.
    #[prop(into)]
    value: String,
) -> impl IntoView {
    let chosen = state.typed_or(name, &value);
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
                    .map(|(value, words)| {
                        let selected = value == chosen;
                        view! { <option value=value selected=selected>{words}</option> }
                    })
                    .collect_view()}
            </select>
        </FieldFrame>
    }
}

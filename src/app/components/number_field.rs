//! A field for a whole number.

use leptos::prelude::*;

use crate::model::text::Text;
use crate::ui::components::field::{FieldFrame, described_by, invalid};
use crate::ui::components::form::FormState;

/// A labelled number with its hint. Not `type=number`: its wheel and arrows change values unseen.
#[component]
pub fn NumberField(
    state: FormState,
    name: &'static str,
    label: Text,
    hint: String,
    /// The stored value, shown unless the form was rejected.
    value: String,
) -> impl IntoView {
    view! {
        <FieldFrame state name label hint=Some(hint)>
            <input
                class="input input-number"
                id=name
                name=name
                type="text"
                inputmode="numeric"
                autocomplete="off"
                required
                value=state.typed_or(name, &value)
                aria-invalid=invalid(state, name)
                aria-describedby=described_by(state, name, true)
            />
        </FieldFrame>
    }
}

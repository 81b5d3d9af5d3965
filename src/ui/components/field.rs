//! A labelled input with its hint and its error, linked for assistive technology.

use leptos::prelude::*;

use super::form::FormState;
use crate::model::text::Text;
use crate::ui::page::t;

/// Label, hint and error around an input. The input's id is the field's name.
#[component]
pub fn FieldFrame(
    state: FormState,
    name: &'static str,
    label: Text,
    hint: Option<String>,
    /// The input itself.
    children: Children,
) -> impl IntoView {
    let error = state.field_error(name);
    view! {
        <div class="field">
            <label class="field-label" for=name>{t(label)}</label>
            {children()}
            {hint.map(|hint| view! { <p class="field-hint" id=format!("{name}-hint")>{hint}</p> })}
            {error.map(|error| view! { <p class="field-error" id=format!("{name}-error")>{error}</p> })}
        </div>
    }
}

/// Returns the ids for `aria-describedby`, as [`FieldFrame`] assigns them.
pub fn described_by(state: FormState, name: &str, has_hint: bool) -> Option<String> {
    let error = state.field_error(name).map(|_| format!("{name}-error"));
    let hint = has_hint.then(|| format!("{name}-hint"));
    let ids: Vec<String> = error.into_iter().chain(hint).collect();
    (!ids.is_empty()).then(|| ids.join(" "))
}

/// Returns `aria-invalid`, which is present only while it is true.
pub fn invalid(state: FormState, name: &str) -> Option<&'static str> {
    state.field_error(name).map(|_| "true")
}

/// A field for one line of text, filled with the rejected form's value.
#[component]
pub fn TextField(
    state: FormState,
    name: &'static str,
    label: Text,
    autocomplete: &'static str,
    #[prop(optional)] inputmode: Option<&'static str>,
    #[prop(optional)] hint: Option<Text>,
    /// The stored value, shown unless the form was rejected.
    #[prop(optional)]
    value: String,
    /// Whether it may stay empty.
    #[prop(optional)]
    optional: bool,
    autofocus: bool,
) -> impl IntoView {
    view! {
        <FieldFrame state name label hint=hint.map(|hint| t(hint).to_owned())>
            // Not `type=email`: browsers convert the domain to punycode, which would change the
            // address.
            <input
                class="input"
                id=name
                name=name
                type="text"
                value=state.typed_or(name, &value)
                autocomplete=autocomplete
                inputmode=inputmode
                autocapitalize=inputmode.map(|_| "none")
                spellcheck="false"
                required=!optional
                autofocus=autofocus
                aria-invalid=invalid(state, name)
                aria-describedby=described_by(state, name, hint.is_some())
            />
        </FieldFrame>
    }
}

//! The field for a password: it can be shown, and it notices Caps Lock, both by
//! [`password_help`](crate::ui::password_help). Where a form does not ask who it
//! is, [`PasswordOwner`] says so to password managers.

use leptos::prelude::*;

use super::field::{FieldFrame, described_by, invalid};
use super::form::FormState;
use crate::model::text::{self, Text};
use crate::ui::page::{lang, t};

/// A password, never prefilled.
#[component]
pub fn PasswordField(
    state: FormState,
    /// The field's name and id.
    #[prop(default = "password")]
    name: &'static str,
    #[prop(default = Text::FieldPassword)] label: Text,
    /// `current-password` or `new-password`, for password managers.
    autocomplete: &'static str,
    /// For a new one: the policy's `passwordMinLength`.
    #[prop(optional, into)]
    min_length: Option<u32>,
    autofocus: bool,
) -> impl IntoView {
    // Where a page has several, each says which it shows.
    let shows = t(if name == "password" { Text::FieldShowPassword } else { label });
    let hint = min_length.map(|min| text::field_password_hint(lang(), min));
    let described_by = described_by(state, name, hint.is_some());
    view! {
        <FieldFrame state name label hint>
            <div class="input-group">
                <input
                    class="input"
                    id=name
                    name=name
                    type="password"
                    autocomplete=autocomplete
                    autocapitalize="none"
                    spellcheck="false"
                    required=true
                    autofocus=autofocus
                    aria-invalid=invalid(state, name)
                    aria-describedby=described_by
                />
                // Its name stays the same: `aria-pressed` says which way it is.
                <button class="input-toggle needs-wasm" type="button" aria-pressed="false">
                    {t(Text::FieldShow)} <span class="visually-hidden">" "{shows}</span>
                </button>
            </div>
            <div role="status" data-caps=t(Text::FieldCapsLock)></div>
        </FieldFrame>
    }
}

/// For password managers: whose password the form asks for. Without a name it is
/// not sent.
#[component]
pub fn PasswordOwner(
    /// As it is shown to people.
    email: String,
) -> impl IntoView {
    view! { <input type="text" autocomplete="username" value=email readonly=true hidden=true/> }
}

//! The password field, with a button to show the password and a Caps Lock warning, both by
//! [`password_help`](crate::ui::password_help). In forms without a user name, [`PasswordOwner`]
//! gives it to password managers.

use leptos::prelude::*;

use super::field::{FieldFrame, described_by, invalid};
use super::form::FormState;
use crate::model::text::{self, Text};
use crate::ui::page::{lang, t};

/// A password field. It is never prefilled.
#[component]
pub fn PasswordField(
    state: FormState,
    /// The field's name and id.
    #[prop(default = "password")]
    name: &'static str,
    #[prop(default = Text::FieldPassword)] label: Text,
    /// `current-password` or `new-password`, for password managers.
    autocomplete: &'static str,
    /// For a new password: the policy's `passwordMinLength`.
    #[prop(optional, into)]
    min_length: Option<u32>,
    autofocus: bool,
) -> impl IntoView {
    // On a page with several, each button names its field.
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
                // The label stays the same: `aria-pressed` has the state.
                <button class="input-toggle needs-wasm" type="button" aria-pressed="false">
                    {t(Text::FieldShow)} <span class="visually-hidden">" "{shows}</span>
                </button>
            </div>
            <div role="status" data-caps=t(Text::FieldCapsLock)></div>
        </FieldFrame>
    }
}

/// The user name for password managers. The field has no `name`, so it is not sent.
#[component]
pub fn PasswordOwner(
    /// The email as it is displayed.
    email: String,
) -> impl IntoView {
    view! { <input type="text" autocomplete="username" value=email readonly=true hidden=true/> }
}

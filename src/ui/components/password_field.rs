//! The field for a password: it can be shown, and it notices Caps Lock.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::field::{FieldFrame, described_by, invalid};
use super::form_state::FormState;
use crate::model::text::Text;
use crate::ui::page::{lang, snapshot, t};

/// The field's name and id.
const NAME: &str = "password";

/// A password, never prefilled.
#[component]
pub fn PasswordField(
    state: FormState,
    /// `current-password` or `new-password`, for password managers.
    autocomplete: &'static str,
    #[prop(optional)] hint: Option<Text>,
    autofocus: bool,
) -> impl IntoView {
    let shown = RwSignal::new(false);
    let caps_lock = RwSignal::new(false);
    // Autofill fires key events that are no keyboard events, hence the check.
    let watch = move |event: KeyboardEvent| {
        if let Some(key) = event.dyn_ref::<KeyboardEvent>() {
            caps_lock.set(key.get_modifier_state("CapsLock"));
        }
    };
    let caps_text = t(Text::FieldCapsLock);
    let min = snapshot().password_min_length.to_string();
    let hint_text = hint.map(|hint| hint.with(lang(), &[("min", &min)]));
    view! {
        <FieldFrame state name=NAME label=Text::FieldPassword hint=hint_text>
            <div class="input-group">
                <input
                    class="input"
                    id=NAME
                    name=NAME
                    type=move || if shown.get() { "text" } else { "password" }
                    autocomplete=autocomplete
                    autocapitalize="none"
                    spellcheck="false"
                    required=true
                    autofocus=autofocus
                    aria-invalid=invalid(state, NAME)
                    aria-describedby=described_by(state, NAME, hint)
                    on:keydown=watch
                    on:keyup=watch
                    on:blur=move |_| caps_lock.set(false)
                />
                // Its name stays the same: `aria-pressed` says which way it is.
                <button
                    class="input-toggle needs-wasm"
                    type="button"
                    aria-pressed=move || if shown.get() { "true" } else { "false" }
                    on:click=move |_| shown.update(|s| *s = !*s)
                >
                    {t(Text::FieldShow)} <span class="visually-hidden">" "{t(Text::FieldShowPassword)}</span>
                </button>
            </div>
            <div role="status">
                {move || caps_lock.get().then(|| view! { <p class="field-hint field-caps">{caps_text}</p> })}
            </div>
        </FieldFrame>
    }
}

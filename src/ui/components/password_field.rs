//! The field for a password: it can be shown, and it notices Caps Lock. Where a
//! form does not ask who it is, [`PasswordOwner`] says so to password managers.

use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::field::{FieldFrame, described_by, invalid};
use super::form_state::FormState;
use crate::model::email::shown;
use crate::model::text::Text;
use crate::ui::auth_store::auth_store;
use crate::ui::page::{lang, page_data, t};

/// A password, never prefilled.
#[component]
pub fn PasswordField(
    state: FormState,
    /// The field's name and id.
    #[prop(default = "password")]
    name: &'static str,
    #[prop(default = Text::FieldPassword)] label: Text,
    /// Follows what is typed, for who explains rules meanwhile.
    #[prop(optional)]
    typed: Option<RwSignal<String>>,
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
    let input = NodeRef::<html::Input>::new();
    let follow = move || {
        if let (Some(typed), Some(input)) = (typed, input.get_untracked()) {
            typed.set(input.value());
        }
    };
    // What was typed before WASM came counts too.
    Effect::new(move |_| follow());
    // Where a page has several, each says which it shows.
    let shows = t(if name == "password" { Text::FieldShowPassword } else { label });
    let caps_text = t(Text::FieldCapsLock);
    let min = page_data().password_min_length().unwrap_or_default().to_string();
    let hint_text = hint.map(|hint| hint.with(lang(), &[("min", &min)]));
    view! {
        <FieldFrame state name label hint=hint_text>
            <div class="input-group">
                <input
                    class="input"
                    node_ref=input
                    id=name
                    name=name
                    type=move || if shown.get() { "text" } else { "password" }
                    autocomplete=autocomplete
                    autocapitalize="none"
                    spellcheck="false"
                    required=true
                    autofocus=autofocus
                    aria-invalid=invalid(state, name)
                    aria-describedby=described_by(state, name, hint)
                    on:input=move |_| follow()
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
                    {t(Text::FieldShow)} <span class="visually-hidden">" "{shows}</span>
                </button>
            </div>
            <div role="status">
                {move || caps_lock.get().then(|| view! { <p class="field-hint field-caps">{caps_text}</p> })}
            </div>
        </FieldFrame>
    }
}

/// For password managers: whose password the form asks for. Without a name it is
/// not sent.
#[component]
pub fn PasswordOwner(
    /// Who is signed in, if it says nothing else.
    #[prop(optional)]
    email: Option<String>,
) -> impl IntoView {
    let of_user = || auth_store().state().with_untracked(|s| s.user.as_ref().map(|user| user.email.clone()));
    let email = shown(&email.or_else(of_user).unwrap_or_default());
    view! { <input type="text" autocomplete="username" value=email readonly=true hidden=true/> }
}

//! The form around a mutation: a plain post without WASM, a call with it.

use leptos::ev::{Event, SubmitEvent};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;

use super::form_alert::FormAlert;
use super::form_state::FormState;
use super::typed::Typed;
use crate::model::form::CSRF_FIELD;
use crate::model::text::Text;
use crate::ui::page::{snapshot, t};

/// The token that a post without WASM carries.
#[component]
pub fn CsrfField() -> impl IntoView {
    view! { <input type="hidden" name=CSRF_FIELD value=snapshot().csrf_token/> }
}

/// A form with its alert above and its one button below.
///
/// `novalidate`: the server says what is wrong, in the reader's language and
/// not the browser's, the same with and without WASM.
#[component]
pub fn PostForm(
    /// Where the browser posts to by itself.
    action: &'static str,
    state: FormState,
    /// What is done instead once WASM is here.
    on_send: impl Fn(Typed) + 'static,
    /// What the button says.
    label: Text,
    /// What it says while it works.
    busy_label: Text,
    /// The fields.
    children: Children,
) -> impl IntoView {
    let submit = move |event: SubmitEvent| {
        if let Some(typed) = Typed::of(&event) {
            event.prevent_default();
            on_send(typed);
        }
    };
    let input = move |event: Event| {
        if let Some(field) = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok()) {
            state.edited(&field.name());
        }
    };
    let (label, busy_label) = (t(label), t(busy_label));
    view! {
        <form class="form" method="post" action=action novalidate=true on:submit=submit on:input=input>
            <FormAlert state/>
            <CsrfField/>
            {children()}
            <button
                class="button button-primary"
                type="submit"
                disabled=move || state.busy.get() || state.wait.get().is_some()
                aria-busy=move || state.busy.get().then_some("true")
            >
                {move || if state.busy.get() { busy_label } else { label }}
            </button>
        </form>
    }
}

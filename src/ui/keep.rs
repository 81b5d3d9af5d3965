//! What is typed survives a reload that nobody asked to lose it by: another
//! language is another page, with the same fields.

use leptos::prelude::window;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlInputElement};

use super::dom;

/// Where fields wait while the page loads anew.
const KEY: &str = "kept-fields";

/// The fields somebody may have typed into. What a form has done already is no draft.
const FIELDS: &str = "form:not([data-done]) :is(input, select, textarea)[name]";

/// What is never written down, not even for a moment.
const SECRET: [&str; 3] = ["password", "hidden", "file"];

/// Keeps what is in the page's fields until [`restore`]; passwords are not kept.
pub fn keep() {
    let fields: Vec<(String, String)> =
        fields().filter_map(|field| Some((key(&field)?, dom::value(&field)?))).collect();
    if let (Some(storage), Ok(json)) = (storage(), serde_json::to_string(&fields)) {
        // A storage that is full keeps nothing: the page loads all the same.
        storage.set_item(KEY, &json).ok();
    }
}

/// Fills the fields with what was kept, and forgets it.
pub fn restore() {
    let Some(storage) = storage() else { return };
    let Some(json) = storage.get_item(KEY).ok().flatten() else { return };
    storage.remove_item(KEY).ok();
    let kept: Vec<(String, String)> = serde_json::from_str(&json).unwrap_or_default();
    for field in fields() {
        let wanted = key(&field);
        if let Some((_, value)) = kept.iter().find(|(key, _)| Some(key) == wanted.as_ref()) {
            dom::fill(&field, value);
        }
    }
}

fn storage() -> Option<web_sys::Storage> {
    window().session_storage().ok().flatten()
}

fn fields() -> impl Iterator<Item = Element> {
    let found = dom::body().map(|body| dom::all(&body, FIELDS)).unwrap_or_default();
    found.into_iter().filter(|field| !is_secret(field))
}

/// Whether a field's text is never written down.
pub fn is_secret(field: &Element) -> bool {
    let kind = field.dyn_ref::<HtmlInputElement>().map(HtmlInputElement::type_).unwrap_or_default();
    // A password that is shown is a text field for the moment.
    let filled_by = field.get_attribute("autocomplete").unwrap_or_default();
    SECRET.contains(&kind.as_str()) || filled_by.contains("password") || filled_by == "one-time-code"
}

/// Which field it is: the form's target and the field's name.
fn key(field: &Element) -> Option<String> {
    let form = field.closest("form").ok().flatten()?;
    Some(format!("{} {}", form.get_attribute("action").unwrap_or_default(), field.get_attribute("name")?))
}

#[cfg(all(test, target_arch = "wasm32"))]
mod tests;

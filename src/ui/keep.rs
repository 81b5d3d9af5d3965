//! Keeps typed text across a reload that only changes the language: the new page has the same
//! fields.

use leptos::prelude::window;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlInputElement};

use super::dom;

/// The storage key of the fields while the page reloads.
const KEY: &str = "kept-fields";

/// The fields with typed text, except in forms that have succeeded.
const FIELDS: &str = "form:not([data-done]) :is(input, select, textarea)[name]";

/// The types of fields that are never stored.
const SECRET: [&str; 3] = ["password", "hidden", "file"];

/// Stores the page's fields until [`restore`], except passwords.
pub fn keep() {
    let fields: Vec<(String, String)> =
        fields().filter_map(|field| Some((key(&field)?, dom::value(&field)?))).collect();
    if let (Some(storage), Ok(json)) = (storage(), serde_json::to_string(&fields)) {
        // A full storage keeps nothing. The page still reloads.
        storage.set_item(KEY, &json).ok();
    }
}

/// Fills in the stored fields and removes them from storage.
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

/// Whether a field's text must not be stored.
pub fn is_secret(field: &Element) -> bool {
    let kind = field.dyn_ref::<HtmlInputElement>().map(HtmlInputElement::type_).unwrap_or_default();
    // A password that is shown is a text field meanwhile.
    let filled_by = field.get_attribute("autocomplete").unwrap_or_default();
    SECRET.contains(&kind.as_str()) || filled_by.contains("password") || filled_by == "one-time-code"
}

/// Returns a field's key: the form's action and the field's name.
fn key(field: &Element) -> Option<String> {
    let form = field.closest("form").ok().flatten()?;
    Some(format!("{} {}", form.get_attribute("action").unwrap_or_default(), field.get_attribute("name")?))
}

#[cfg(all(test, target_arch = "wasm32"))]
mod tests;

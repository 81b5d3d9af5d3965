//! What is typed survives a reload that nobody asked to lose it by: another
//! language is another page, with the same fields.

use leptos::prelude::{document, window};
use wasm_bindgen::{JsCast, JsValue};

/// Where fields wait while the page loads anew.
const KEY: &str = "kept-fields";

/// What is never written down, not even for a moment.
const SECRET: [&str; 3] = ["password", "hidden", "file"];

/// Keeps what is in the page's fields until [`restore`]; passwords are not kept.
pub fn keep() {
    let fields: Vec<(String, String)> = fields().filter_map(|field| Some((key(&field)?, value(&field)?))).collect();
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
            match ticks(&field) {
                true => set(&field, "checked", &(value == "true").into()),
                false => set(&field, "value", &value.into()),
            }
        }
    }
}

fn storage() -> Option<web_sys::Storage> {
    window().session_storage().ok().flatten()
}

/// Every field somebody may have typed into.
fn fields() -> impl Iterator<Item = web_sys::Element> {
    let select = get(&document(), "querySelectorAll").dyn_into::<js_sys::Function>();
    let found = select.and_then(|select| select.call1(&document(), &"form :is(input, select, textarea)[name]".into()));
    let found = found.map(|found| js_sys::Array::from(&found)).unwrap_or_default();
    found.into_iter().filter_map(|field| field.dyn_into().ok()).filter(|field| !is_secret(field))
}

fn is_secret(field: &web_sys::Element) -> bool {
    let kind = get(field, "type").as_string().unwrap_or_default();
    // A password that is shown is a text field for the moment.
    let filled_by = field.get_attribute("autocomplete").unwrap_or_default();
    SECRET.contains(&kind.as_str()) || filled_by.contains("password") || filled_by == "one-time-code"
}

fn ticks(field: &web_sys::Element) -> bool {
    get(field, "type").as_string().is_some_and(|kind| kind == "checkbox")
}

fn value(field: &web_sys::Element) -> Option<String> {
    match ticks(field) {
        true => get(field, "checked").as_bool().map(|ticked| ticked.to_string()),
        false => get(field, "value").as_string(),
    }
}

/// Which field it is: the form's target and the field's name.
fn key(field: &web_sys::Element) -> Option<String> {
    let form = field.closest("form").ok().flatten()?;
    Some(format!("{} {}", form.get_attribute("action").unwrap_or_default(), field.get_attribute("name")?))
}

fn get(of: &JsValue, property: &str) -> JsValue {
    js_sys::Reflect::get(of, &property.into()).unwrap_or(JsValue::UNDEFINED)
}

fn set(field: &web_sys::Element, property: &str, value: &JsValue) {
    // Cannot fail: these are plain properties of a field.
    js_sys::Reflect::set(field, &property.into(), value).ok();
}

#[cfg(all(test, target_arch = "wasm32"))]
mod tests;

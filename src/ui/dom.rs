//! Short helpers for changing a server-rendered page.
//!
//! Selectors find every element, and whole elements are changed: nodes that extensions or
//! translators add do no harm.

use leptos::prelude::document;
use wasm_bindgen::JsCast;
use web_sys::{Element, FocusOptions, HtmlElement, HtmlInputElement, HtmlSelectElement, HtmlTextAreaElement};

/// Returns the first descendant that matches the selector.
pub fn find(root: &Element, selector: &str) -> Option<Element> {
    root.query_selector(selector).ok().flatten()
}

/// Returns the first element of the page that matches the selector.
pub fn on_page(selector: &str) -> Option<Element> {
    document().query_selector(selector).ok().flatten()
}

/// Returns every descendant that matches the selector.
pub fn all(root: &Element, selector: &str) -> Vec<Element> {
    let Ok(found) = root.query_selector_all(selector) else { return Vec::new() };
    (0..found.length()).filter_map(|at| found.item(at)?.dyn_into().ok()).collect()
}

/// Returns the page's body.
pub fn body() -> Option<Element> {
    document().body().map(Into::into)
}

/// Sets or removes an attribute. Can't fail, because names are valid constants.
pub fn set(element: &Element, name: &str, value: Option<&str>) {
    match value {
        Some(value) => element.set_attribute(name, value).ok(),
        None => element.remove_attribute(name).ok(),
    };
}

/// Creates an element with a class and a text.
pub fn element(tag: &str, class: &str, text: &str) -> Option<Element> {
    let element = document().create_element(tag).ok()?;
    element.set_class_name(class);
    element.set_text_content(Some(text));
    Some(element)
}

/// Replaces a slot's content by one paragraph, or empties it.
pub fn set_paragraph(slot: &Element, class: &str, text: Option<&str>) -> Option<Element> {
    slot.set_text_content(None);
    let paragraph = element("p", class, text?)?;
    slot.append_child(&paragraph).ok()?;
    Some(paragraph)
}

/// Moves the focus without scrolling.
pub fn focus_without_scrolling(element: &Element) {
    if let Some(element) = element.dyn_ref::<HtmlElement>() {
        let options = FocusOptions::new();
        options.set_prevent_scroll(true);
        element.focus_with_options(&options).ok();
    }
}

/// Moves the focus.
pub fn focus(element: &Element) {
    if let Some(element) = element.dyn_ref::<HtmlElement>() {
        // Fails on elements that can't have the focus; then it stays where it is.
        element.focus().ok();
    }
}

/// Returns a field's value; for a checkbox `true` or `false`.
pub fn value(field: &Element) -> Option<String> {
    if let Some(input) = field.dyn_ref::<HtmlInputElement>() {
        return Some(if ticks(input) { input.checked().to_string() } else { input.value() });
    }
    let select = field.dyn_ref::<HtmlSelectElement>().map(HtmlSelectElement::value);
    select.or_else(|| field.dyn_ref::<HtmlTextAreaElement>().map(HtmlTextAreaElement::value))
}

/// Sets a field to a value that [`value`] returned.
pub fn fill(field: &Element, value: &str) {
    if let Some(input) = field.dyn_ref::<HtmlInputElement>() {
        match ticks(input) {
            true => input.set_checked(value == "true"),
            false => input.set_value(value),
        }
    } else if let Some(select) = field.dyn_ref::<HtmlSelectElement>() {
        select.set_value(value);
    } else if let Some(area) = field.dyn_ref::<HtmlTextAreaElement>() {
        area.set_value(value);
    }
}

/// Whether the user changed a field's value from the server's.
pub fn is_edited(field: &Element) -> bool {
    if let Some(input) = field.dyn_ref::<HtmlInputElement>() {
        return match input.type_().as_str() {
            "hidden" => false,
            _ if ticks(input) => input.checked() != input.default_checked(),
            _ => input.value() != input.default_value(),
        };
    }
    if let Some(area) = field.dyn_ref::<HtmlTextAreaElement>() {
        return area.default_value().is_ok_and(|stored| stored != area.value());
    }
    let stored = find(field, "option[selected]").and_then(|option| option.get_attribute("value"));
    stored.is_some_and(|stored| value(field).is_some_and(|value| value != stored))
}

fn ticks(input: &HtmlInputElement) -> bool {
    ["checkbox", "radio"].contains(&input.type_().as_str())
}

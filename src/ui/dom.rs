//! Short words for what the program does to a page that the server has rendered.
//!
//! Everything is found by selectors and changed as a whole: what an extension adds,
//! or a translator wraps, is in nobody's way.

use leptos::prelude::document;
use wasm_bindgen::JsCast;
use web_sys::{Element, FocusOptions, HtmlElement, HtmlInputElement, HtmlSelectElement, HtmlTextAreaElement};

/// The first element within another that the selector finds.
pub fn find(root: &Element, selector: &str) -> Option<Element> {
    root.query_selector(selector).ok().flatten()
}

/// The first element of the page that the selector finds.
pub fn on_page(selector: &str) -> Option<Element> {
    document().query_selector(selector).ok().flatten()
}

/// Every element within another that the selector finds.
pub fn all(root: &Element, selector: &str) -> Vec<Element> {
    let Ok(found) = root.query_selector_all(selector) else { return Vec::new() };
    (0..found.length()).filter_map(|at| found.item(at)?.dyn_into().ok()).collect()
}

/// The whole page.
pub fn body() -> Option<Element> {
    document().body().map(Into::into)
}

/// Sets an attribute, or takes it away. Names are constants and valid, so this cannot fail.
pub fn set(element: &Element, name: &str, value: Option<&str>) {
    match value {
        Some(value) => element.set_attribute(name, value).ok(),
        None => element.remove_attribute(name).ok(),
    };
}

/// A new element with a class and a text.
pub fn element(tag: &str, class: &str, text: &str) -> Option<Element> {
    let element = document().create_element(tag).ok()?;
    element.set_class_name(class);
    element.set_text_content(Some(text));
    Some(element)
}

/// Puts one paragraph into an element that is there for it, or nothing.
pub fn say(slot: &Element, class: &str, text: Option<&str>) -> Option<Element> {
    slot.set_text_content(None);
    let paragraph = element("p", class, text?)?;
    slot.append_child(&paragraph).ok()?;
    Some(paragraph)
}

/// Moves the focus without scrolling to it.
pub fn focus_still(element: &Element) {
    if let Some(element) = element.dyn_ref::<HtmlElement>() {
        let options = FocusOptions::new();
        options.set_prevent_scroll(true);
        element.focus_with_options(&options).ok();
    }
}

/// Moves the focus.
pub fn focus(element: &Element) {
    if let Some(element) = element.dyn_ref::<HtmlElement>() {
        // Fails on what can't have it; then it stays where it is.
        element.focus().ok();
    }
}

/// What is in a field: its text, or for a box to tick `true` or `false`.
pub fn value(field: &Element) -> Option<String> {
    if let Some(input) = field.dyn_ref::<HtmlInputElement>() {
        return Some(if ticks(input) { input.checked().to_string() } else { input.value() });
    }
    let select = field.dyn_ref::<HtmlSelectElement>().map(HtmlSelectElement::value);
    select.or_else(|| field.dyn_ref::<HtmlTextAreaElement>().map(HtmlTextAreaElement::value))
}

/// Fills a field with what [`value`] has read.
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

/// Whether a field holds something else than the server has put into it.
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

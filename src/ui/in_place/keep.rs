//! Keeps parts of the page when its `main` is replaced.

use web_sys::Element;

use crate::ui::dom;
use crate::ui::form::Form;

/// Keeps `<details>` elements open.
pub fn folds(old: &Element, new: &Element) {
    for (was, is) in dom::all(old, "details").iter().zip(dom::all(new, "details")) {
        if was.has_attribute("open") {
            dom::set(&is, "open", Some(""));
        }
    }
}

/// Keeps forms that the user has started to fill in, or that wait for their answer.
pub fn forms(old: &Element, new: &Element) {
    let fresh = dom::all(new, "form");
    for form in dom::all(old, "form").into_iter().filter(Form::is_in_use) {
        let key = form_key(&form);
        if let Some(same) = fresh.iter().find(|form| form_key(form) == key) {
            same.replace_with_with_node_1(&form).ok();
        }
    }
}

/// Returns a form's key: its action and its hidden `handle`, if any.
pub fn form_key(form: &Element) -> String {
    let about = dom::find(form, "[name=handle][type=hidden]").and_then(|field| field.get_attribute("value"));
    format!("{} {}", form.get_attribute("action").unwrap_or_default(), about.unwrap_or_default())
}

/// Keeps the notice of the user's own action when an event refreshes the page.
pub fn notices(old: &Element, new: &Element) {
    for (was, is) in dom::all(old, "[data-notice]").iter().zip(dom::all(new, "[data-notice]")) {
        if was.get_attribute("data-notice") == is.get_attribute("data-notice") && was.has_child_nodes() {
            is.replace_with_with_node_1(was).ok();
        }
    }
}

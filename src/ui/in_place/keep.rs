//! What of a page stays although it is fetched anew.

use web_sys::Element;

use crate::ui::dom;
use crate::ui::form::Form;

/// What is unfolded stays so.
pub fn folds(old: &Element, new: &Element) {
    for (was, is) in dom::all(old, "details").iter().zip(dom::all(new, "details")) {
        if was.has_attribute("open") {
            dom::set(&is, "open", Some(""));
        }
    }
}

/// A form that somebody has begun to fill in, or that is at work, is not the server's
/// to replace.
pub fn forms(old: &Element, new: &Element) {
    let fresh = dom::all(new, "form");
    for form in dom::all(old, "form").into_iter().filter(Form::is_begun) {
        let key = form_key(&form);
        if let Some(same) = fresh.iter().find(|form| form_key(form) == key) {
            same.replace_with_with_node_1(&form).ok();
        }
    }
}

/// Which form it is: where it posts to, and about what.
pub fn form_key(form: &Element) -> String {
    let about = dom::find(form, "[name=handle][type=hidden]").and_then(|field| field.get_attribute("value"));
    format!("{} {}", form.get_attribute("action").unwrap_or_default(), about.unwrap_or_default())
}

/// What a person was told of their own act is not taken away by somebody else's.
pub fn notices(old: &Element, new: &Element) {
    for (was, is) in dom::all(old, "[data-notice]").iter().zip(dom::all(new, "[data-notice]")) {
        if was.get_attribute("data-notice") == is.get_attribute("data-notice") && was.has_child_nodes() {
            is.replace_with_with_node_1(was).ok();
        }
    }
}

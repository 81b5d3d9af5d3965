//! Buttons that copy a text, such as a one-time link. Without the program they are hidden, because
//! the text stands in a field beside them.

use leptos::prelude::window;
use web_sys::Element;

use super::dom;

/// On a button: the text to copy.
const COPY: &str = "data-copy";

/// On its label: what it says afterwards.
const COPIED: &str = "data-copied";

/// Shows the copy buttons of a new page.
pub fn show(root: &Element) {
    for button in dom::all(root, &format!("[{COPY}]")) {
        dom::set(&button, "hidden", None);
    }
}

/// Copies the text of a pressed button.
pub fn pressed(element: &Element) {
    let Some(button) = element.closest(&format!("[{COPY}]")).ok().flatten() else { return };
    let text = button.get_attribute(COPY).unwrap_or_default();
    let _ = window().navigator().clipboard().write_text(&text);
    if let Some(label) = dom::find(&button, &format!("[{COPIED}]")) {
        label.set_text_content(label.get_attribute(COPIED).as_deref());
    }
}

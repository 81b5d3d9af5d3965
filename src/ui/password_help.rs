//! Help for password fields: showing the password, a Caps Lock warning, and the state of the rules
//! for a new password.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlInputElement, KeyboardEvent};

use super::dom;
use crate::model::lang::Lang;
use crate::model::password::{MAX_LENGTH, is_invisible, is_personal, length, normalise};
use crate::model::text::{self, Text};
use crate::model::user::User;

/// Handles the button beside a password: shows or hides the password.
pub fn toggle(pressed: &Element) {
    let Ok(Some(button)) = pressed.closest(".input-toggle") else { return };
    let Ok(Some(group)) = button.closest(".input-group") else { return };
    let Some(input) = dom::find(&group, "input").and_then(|input| input.dyn_into::<HtmlInputElement>().ok()) else {
        return;
    };
    let shows = input.type_() == "password";
    input.set_type(if shows { "text" } else { "password" });
    dom::set(&button, "aria-pressed", Some(if shows { "true" } else { "false" }));
}

/// Shows or hides the Caps Lock warning after a key event; `None` when the field lost the focus.
pub fn caps_lock(field: &Element, key: Option<&KeyboardEvent>) {
    let Ok(Some(frame)) = field.closest(".field") else { return };
    let Some(slot) = dom::find(&frame, "[data-caps]") else { return };
    let on = key.is_some_and(|key| key.get_modifier_state("CapsLock"));
    if on == slot.has_child_nodes() {
        return;
    }
    let text = slot.get_attribute("data-caps").filter(|_| on);
    dom::set_paragraph(&slot, "field-hint field-caps", text.as_deref());
}

/// Checks a new password against the rules that the browser can check. Only the server can tell
/// whether a password is easy to guess.
pub fn check(field: &HtmlInputElement, user: Option<&User>, lang: Lang) {
    let Some(form) = field.form() else { return };
    let Some(rules) = dom::find(&form, ".rules") else { return };
    let typed =
        |name: &str| dom::find(&form, &format!("[name={name}]")).as_ref().and_then(dom::value).unwrap_or_default();
    let (current, new) = (typed("currentPassword"), typed("newPassword"));
    let min = rules.get_attribute("data-min").and_then(|min| min.parse().ok()).unwrap_or_default();
    let local_part = user.and_then(|user| user.email.split('@').next()).unwrap_or_default();
    let about = ["kafkasder", local_part, user.map_or("", |user| user.name.as_str())];
    let about: Vec<&str> = about.into_iter().filter(|word| !word.is_empty()).collect();

    let (count, blank) = (length(&new), is_invisible(&new));
    let long_enough = (min..=MAX_LENGTH).contains(&count) && !blank;
    show(&rules, "length", (!new.is_empty()).then_some(long_enough));
    show(&rules, "personal", (!new.is_empty()).then(|| !is_personal(&new, &about)));
    let both = !new.is_empty() && !current.is_empty();
    show(&rules, "same", both.then(|| normalise(&current) != normalise(&new)));
    if let Some(text) = dom::find(&rules, "[data-rule=length] [data-text]") {
        text.set_text_content(Some(&length_text(min, &new, lang)));
    }
}

/// Returns the text of the length rule, with the current length.
pub fn length_text(min: usize, new: &str, lang: Lang) -> String {
    let count = length(new);
    let rule = match count > MAX_LENGTH {
        _ if is_invisible(new) => Text::FieldPasswordBlank.to(lang).to_owned(),
        true => text::field_password_too_long(lang, MAX_LENGTH),
        false => text::field_password_too_short(lang, min),
    };
    match new.is_empty() {
        true => rule,
        false => format!("{rule} {}", text::password_so_far(lang, count)),
    }
}

/// Shows the state of a rule; `None` while the field is empty.
fn show(rules: &Element, rule: &str, kept: Option<bool>) {
    let Some(rule) = dom::find(rules, &format!("[data-rule={rule}]")) else { return };
    rule.set_class_name(match kept {
        None => "rule",
        Some(true) => "rule rule-kept",
        Some(false) => "rule rule-broken",
    });
    if let Some(word) = dom::find(&rule, "[data-kept]") {
        let attribute = kept.map(|kept| if kept { "data-kept" } else { "data-broken" });
        word.set_text_content(attribute.and_then(|name| word.get_attribute(name)).map(|w| format!(" {w}")).as_deref());
    }
}

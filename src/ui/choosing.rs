//! Tables whose rows can be chosen: the box that ticks all of them, and how many are ticked.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlInputElement};

use super::dom;
use crate::model::lang::Lang;
use crate::model::text;

/// On the form of a table.
const CHOOSE: &str = "[data-choose]";

/// The box in the table's head.
const ALL: &str = "[data-choose-all]";

/// Handles a ticked box: of a row, or of the whole table.
pub fn changed(input: &HtmlInputElement, lang: Lang) {
    let Some(form) = input.closest(CHOOSE).ok().flatten() else { return };
    if input.matches(ALL).unwrap_or_default() {
        boxes(&form).iter().for_each(|row| row.set_checked(input.checked()));
    }
    count(&form, lang);
}

fn boxes(form: &Element) -> Vec<HtmlInputElement> {
    dom::all(form, "tbody [type=checkbox]").into_iter().filter_map(|row| row.dyn_into().ok()).collect()
}

fn count(form: &Element, lang: Lang) {
    let rows = boxes(form);
    let chosen = rows.iter().filter(|row| row.checked()).count();
    if let Some(all) = dom::find(form, ALL).and_then(|all| all.dyn_into::<HtmlInputElement>().ok()) {
        all.set_checked(chosen == rows.len());
        all.set_indeterminate(chosen > 0 && chosen < rows.len());
    }
    if let Some(label) = dom::find(form, "[data-chosen]") {
        label.set_text_content(
            (chosen > 0).then(|| text::desk_chosen(lang, u32::try_from(chosen).unwrap_or(u32::MAX))).as_deref(),
        );
    }
}

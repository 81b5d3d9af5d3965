//! What somebody has typed into a form.

use wasm_bindgen::JsCast;

/// What is in the fields of a form when it is sent.
pub struct Typed(web_sys::FormData);

impl Typed {
    /// Reads the form of a submit event.
    pub fn of(event: &web_sys::SubmitEvent) -> Option<Typed> {
        let form = event.target()?.dyn_into::<web_sys::HtmlFormElement>().ok()?;
        web_sys::FormData::new_with_form(&form).ok().map(Typed)
    }

    /// A field's text; empty where there is no such field.
    pub fn text(&self, field: &str) -> String {
        self.0.get(field).as_string().unwrap_or_default()
    }

    /// Whether a checkbox is ticked: only then does a form hold it.
    pub fn checked(&self, field: &str) -> bool {
        self.0.has(field)
    }
}

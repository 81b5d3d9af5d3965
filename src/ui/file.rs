//! A file somebody has chosen, as far as a page looks at it before it is sent.
//!
//! Bound here and not by `web-sys`, of which it would be three more features
//! for three properties.

use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};

#[wasm_bindgen]
extern "C" {
    type FileReader;
    #[wasm_bindgen(constructor)]
    fn new() -> FileReader;
    #[wasm_bindgen(method, catch, js_name = readAsDataURL)]
    fn read_as_data_url(this: &FileReader, file: &JsValue) -> Result<(), JsValue>;
    #[wasm_bindgen(method, setter)]
    fn set_onload(this: &FileReader, heard: &JsValue);
}

/// A chosen file.
pub struct Chosen(JsValue);

/// The file an input was given, if it is one.
pub fn chosen(event: &web_sys::Event) -> Option<Chosen> {
    Chosen::of_input(event.target()?.unchecked_ref())
}

impl Chosen {
    /// The file in a field of a form.
    pub fn of_form(form: &web_sys::HtmlFormElement, field: &str) -> Option<Chosen> {
        Chosen::of_input(form.query_selector(&format!("[name={field}]")).ok().flatten()?.as_ref())
    }

    fn of_input(input: &JsValue) -> Option<Chosen> {
        let file = get(&get(input, "files"), "0");
        file.is_object().then_some(Chosen(file))
    }

    /// In bytes.
    pub fn size(&self) -> f64 {
        get(&self.0, "size").as_f64().unwrap_or_default()
    }

    /// Reads a picture into a `data:` URL to look at; what is none is not read.
    pub fn read(self, then: impl FnOnce(String) + 'static) {
        if !get(&self.0, "type").as_string().is_some_and(|kind| kind.starts_with("image/")) {
            return;
        }
        let reader = FileReader::new();
        let heard = {
            let reader: JsValue = AsRef::<JsValue>::as_ref(&reader).clone();
            Closure::once_into_js(move || {
                if let Some(url) = get(&reader, "result").as_string() {
                    then(url);
                }
            })
        };
        reader.set_onload(&heard);
        // What can't be read is sent all the same; the server says what is wrong.
        reader.read_as_data_url(&self.0).ok();
    }
}

fn get(of: &JsValue, property: &str) -> JsValue {
    js_sys::Reflect::get(of, &property.into()).unwrap_or(JsValue::UNDEFINED)
}

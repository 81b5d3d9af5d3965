//! The user's picture: choosing, preview, and upload with progress.

use leptos::prelude::document;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{File, FileReader, HtmlInputElement};

use super::dom;
use super::form::Form;
use crate::api::client::{self, Answer};
use crate::api::upload::send_picture;
use crate::model::code::Code;
use crate::model::failure::Failure;
use crate::model::forms;
use crate::model::lang::Lang;
use crate::model::profile::MAX_PICTURE;

/// The name of the file field.
const FIELD: &str = "picture";

/// The preview of a picture that is not uploaded yet.
const PREVIEW: &str = ".picture [data-preview]";

/// Handles a chosen file: shows a preview, or why it can't be uploaded.
pub fn chosen(input: &HtmlInputElement, lang: Lang) {
    let Some(form) = Form::around(input).filter(|form| form.action() == forms::PICTURE.action) else { return };
    form.clear();
    hide_preview();
    match file(&form) {
        Some(file) if is_too_large(&file) => form.refuse(&Code::PayloadTooLarge.into(), lang),
        // Other files are uploaded too; the server says what is wrong.
        Some(file) if file.type_().starts_with("image/") => read(file),
        _ => {}
    }
}

/// Uploads the picture.
///
/// # Errors
/// The server's refusal. A file that is too large is refused before the upload.
pub async fn send(form: &Form) -> Result<String, Failure> {
    if file(form).as_ref().is_some_and(is_too_large) {
        return Err(Code::PayloadTooLarge.into());
    }
    let attempt = || -> Answer {
        let form = form.clone();
        Box::pin(async move { send_picture(form.element(), show_progress).await })
    };
    let sent = client::call(&attempt).await;
    if let Some(progress) = dom::on_page(".picture-progress") {
        dom::set(&progress, "hidden", Some(""));
    }
    sent
}

fn file(form: &Form) -> Option<File> {
    form.data()?.get(FIELD).dyn_into::<File>().ok().filter(|file| file.size() > 0.0)
}

fn is_too_large(file: &File) -> bool {
    file.size() > MAX_PICTURE as f64
}

fn show_progress(part: f64) {
    if let Some(progress) = dom::on_page(".picture-progress") {
        dom::set(&progress, "hidden", None);
        dom::set(&progress, "value", Some(&part.to_string()));
    }
}

/// Reads a picture and shows its preview.
fn read(file: File) {
    let Ok(reader) = FileReader::new() else { return };
    let heard = Closure::once_into_js({
        let reader = reader.clone();
        move || {
            if let Some(url) = reader.result().ok().and_then(|url| url.as_string()) {
                show_preview(&url);
            }
        }
    });
    reader.set_onload(Some(heard.unchecked_ref()));
    reader.read_as_data_url(&file).ok();
}

fn show_preview(url: &str) {
    let Some(frame) = dom::on_page(".picture") else { return };
    let Ok(image) = document().create_element("img") else { return };
    image.set_class_name("avatar");
    dom::set(&image, "data-preview", Some(""));
    dom::set(&image, "alt", frame.get_attribute("data-preview-text").as_deref());
    // A file that the browser can't decode has no preview.
    let broken = Closure::once_into_js(hide_preview);
    image.add_event_listener_with_callback("error", broken.unchecked_ref()).ok();
    dom::set(&image, "src", Some(url));
    hide_preview();
    frame.prepend_with_node_1(&image).ok();
}

/// Hides the preview. CSS then shows the stored picture again.
fn hide_preview() {
    if let Some(preview) = dom::on_page(PREVIEW) {
        preview.remove();
    }
}

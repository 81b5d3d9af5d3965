//! Uploads a picture with `XMLHttpRequest`, because `fetch` reports no upload progress.

use futures::channel::oneshot;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{FormData, HtmlFormElement, ProgressEvent, XmlHttpRequest};

use super::client::token;
use crate::model::code::Code;
use crate::model::failure::Failure;
use crate::model::form::CSRF_HEADER;
use crate::model::forms;

/// Sends the form with its file and returns the answer as text. `progress` is called with the sent
/// share, from 0 to 1.
///
/// # Errors
/// The server's refusal, or [`Code::Offline`].
pub async fn send_picture(form: &HtmlFormElement, progress: impl Fn(f64) + 'static) -> Result<String, Failure> {
    let offline = |_: JsValue| Failure::new(Code::Offline);
    let (done, finished) = oneshot::channel();
    let done = Closure::once_into_js(move || {
        // Fails only if the caller is gone.
        done.send(()).ok();
    });
    let moved = Closure::<dyn Fn(ProgressEvent)>::new(move |event: ProgressEvent| {
        if event.length_computable() && event.total() > 0.0 {
            progress(event.loaded() / event.total());
        }
    });
    let request = XmlHttpRequest::new().map_err(offline)?;
    // Browsers ignore upload listeners that are added after `open`.
    request.upload().map_err(offline)?.set_onprogress(Some(moved.as_ref().unchecked_ref()));
    request.set_onloadend(Some(done.unchecked_ref()));
    request.open("POST", forms::PICTURE.action).map_err(offline)?;
    request.set_request_header("Accept", "application/json").map_err(offline)?;
    if let Some(token) = token() {
        request.set_request_header(CSRF_HEADER, &token).map_err(offline)?;
    }
    let data = FormData::new_with_form(form).map_err(offline)?;
    request.send_with_opt_form_data(Some(&data)).map_err(offline)?;
    finished.await.map_err(|_| Failure::new(Code::Offline))?;
    let body = request.response_text().map_err(offline)?.unwrap_or_default();
    match request.status().map_err(offline)? {
        0 => Err(Failure::new(Code::Offline)),
        200 => Ok(body),
        status => Err(Failure::read(status, body.as_bytes())),
    }
}

//! Sending a picture: the one call that shows how far it has got, which `fetch`
//! cannot.
//!
//! `XMLHttpRequest` is bound here and not by `web-sys`: it would be three more
//! features for six names.

use futures::channel::oneshot;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{FormData, HtmlFormElement, ProgressEvent};

use super::client::token;
use crate::model::codec::Success;
use crate::model::failure::{Code, Failure};
use crate::model::form::CSRF_HEADER;
use crate::model::user::User;

/// `POST /api/account/picture`: multipart, so no server function.
pub const PICTURE: &str = "/api/account/picture";

#[wasm_bindgen]
extern "C" {
    type XMLHttpRequest;
    #[wasm_bindgen(constructor)]
    fn new() -> XMLHttpRequest;
    #[wasm_bindgen(method, catch)]
    fn open(this: &XMLHttpRequest, method: &str, url: &str) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch, js_name = setRequestHeader)]
    fn set_request_header(this: &XMLHttpRequest, name: &str, value: &str) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch)]
    fn send(this: &XMLHttpRequest, body: &FormData) -> Result<(), JsValue>;
    #[wasm_bindgen(method, getter)]
    fn status(this: &XMLHttpRequest) -> u16;
    #[wasm_bindgen(method, getter, js_name = responseText)]
    fn response_text(this: &XMLHttpRequest) -> String;
    #[wasm_bindgen(method, getter)]
    fn upload(this: &XMLHttpRequest) -> JsValue;
    #[wasm_bindgen(method, setter)]
    fn set_onloadend(this: &XMLHttpRequest, heard: &JsValue);
}

/// Sends the form with its file; `progress` hears from 0 to 1 how much is gone.
///
/// # Errors
/// What the server refused, or [`Code::Offline`].
pub async fn send_picture(form: &HtmlFormElement, progress: impl Fn(f64) + 'static) -> Result<User, Failure> {
    let (done, finished) = oneshot::channel();
    let done = Closure::once_into_js(move || {
        // Nobody waits any more: then nobody needs to know.
        done.send(()).ok();
    });
    let moved = Closure::<dyn Fn(ProgressEvent)>::new(move |event: ProgressEvent| {
        if event.length_computable() && event.total() > 0.0 {
            progress(event.loaded() / event.total());
        }
    });
    let request = XMLHttpRequest::new();
    let offline = |_: JsValue| Failure::new(Code::Offline);
    // Before `open`, as browsers want it for what is heard of the sending.
    js_sys::Reflect::set(&request.upload(), &"onprogress".into(), moved.as_ref().unchecked_ref()).map_err(offline)?;
    request.set_onloadend(&done);
    request.open("POST", PICTURE).map_err(offline)?;
    request.set_request_header("Accept", "application/json").map_err(offline)?;
    if let Some(token) = token() {
        request.set_request_header(CSRF_HEADER, &token).map_err(offline)?;
    }
    request.send(&FormData::new_with_form(form).map_err(offline)?).map_err(offline)?;
    finished.await.map_err(|_| Failure::new(Code::Offline))?;
    let body = request.response_text();
    match request.status() {
        0 => Err(Failure::new(Code::Offline)),
        200 => serde_json::from_str::<Success<User>>(&body)
            .map(|answer| answer.data)
            .map_err(|_| Code::of_stranger(200).into()),
        status => Err(Failure::read(status, body.as_bytes())),
    }
}

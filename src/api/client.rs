//! How the browser calls the server: `fetch` with the CSRF token in a header.

use leptos::server_fn::client::{Client, browser::BrowserClient};
use leptos::server_fn::request::browser::{BrowserRequest, Request};
use leptos::server_fn::response::browser::BrowserResponse;
use leptos::server_fn::{Bytes, Decodes};
use serde::de::DeserializeOwned;
use wasm_bindgen::JsCast;

use crate::model::codec::Envelope;
use crate::model::failure::{Code, Failure};
use crate::model::form::CSRF_HEADER;

/// The names the token's cookie goes by, over HTTPS and on plain loopback.
const CSRF_COOKIES: [&str; 2] = ["__Host-csrf-token", "csrf-token"];

/// `fetch` with the token of the cookie in [`CSRF_HEADER`].
pub struct PanelClient;

impl Client<Failure> for PanelClient {
    type Request = BrowserRequest;
    type Response = BrowserResponse;

    fn send(request: BrowserRequest) -> impl Future<Output = Result<BrowserResponse, Failure>> + Send {
        if let Some(token) = token() {
            request.headers().set(CSRF_HEADER, &token);
        }
        <BrowserClient as Client<Failure>>::send(request)
    }

    fn open_websocket(
        path: &str,
    ) -> impl Future<
        Output = Result<
            (
                impl futures::Stream<Item = Result<Bytes, Bytes>> + Send + 'static,
                impl futures::Sink<Bytes> + Send + 'static,
            ),
            Failure,
        >,
    > + Send {
        <BrowserClient as Client<Failure>>::open_websocket(path)
    }

    fn spawn(future: impl Future<Output = ()> + Send + 'static) {
        <BrowserClient as Client<Failure>>::spawn(future);
    }
}

/// Calls a mutation; when the token turns out stale (another tab signed in or
/// out), fetches a new one and repeats once.
///
/// # Errors
/// What the server refused, or [`Code::Offline`].
pub async fn call<T, F>(mutation: impl Fn() -> F) -> Result<T, Failure>
where
    F: Future<Output = Result<T, Failure>>,
{
    match mutation().await {
        Err(failure) if failure.code == Code::CsrfFailed => {
            Request::get("/api/csrf").send().await.map_err(|_| Failure::new(Code::Offline))?;
            mutation().await
        }
        answer => answer,
    }
}

/// Reads the `data` of a GET.
///
/// # Errors
/// What the server refused, or [`Code::Offline`].
pub async fn read<T: DeserializeOwned>(path: &str) -> Result<T, Failure> {
    let offline = |_| Failure::new(Code::Offline);
    let answer = Request::get(path).header("Accept", "application/json").send().await.map_err(offline)?;
    let ok = answer.ok();
    let body = Bytes::from(answer.text().await.map_err(offline)?);
    let garbled = |_| Failure::new(Code::Internal);
    match ok {
        true => Envelope::decode(body).map_err(garbled),
        false => Err(serde_json::from_slice(&body).unwrap_or_else(garbled)),
    }
}

/// Asks whether the session still lives: `GET /api/auth/session`.
///
/// # Errors
/// `unauthenticated` when it does not; [`Code::Offline`] without an answer.
pub async fn check() -> Result<(), Failure> {
    let answer = Request::get("/api/auth/session").header("Accept", "application/json").send().await;
    match answer.map(|answer| answer.status()) {
        Ok(401) => Err(Failure::new(Code::Unauthenticated)),
        Ok(_) => Ok(()),
        Err(_) => Err(Failure::new(Code::Offline)),
    }
}

/// The token as the browser holds it now: another tab may have changed it.
pub(super) fn token() -> Option<String> {
    let document = web_sys::window()?.document()?.dyn_into::<web_sys::HtmlDocument>().ok()?;
    let cookies = document.cookie().ok()?;
    let pairs = || cookies.split("; ").filter_map(|pair| pair.split_once('='));
    CSRF_COOKIES.iter().find_map(|name| pairs().find(|(n, _)| n == name)).map(|(_, token)| token.to_owned())
}

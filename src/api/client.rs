//! The browser's calls to the server: `fetch` with the CSRF token in a header.

use std::cell::RefCell;
use std::rc::Rc;

use futures::future::LocalBoxFuture;
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Headers, RequestInit, Response};

use crate::model::code::Code;
use crate::model::codec::{self, Success};
use crate::model::failure::Failure;
use crate::model::form::CSRF_HEADER;
use crate::model::session::SessionStatus;
use crate::model::user::User;

/// The names of the CSRF cookie: over HTTPS, and over HTTP on loopback.
const CSRF_COOKIES: [&str; 2] = ["__Host-csrf-token", "csrf-token"];

/// A mutation's answer, as text.
pub type Answer = LocalBoxFuture<'static, Result<String, Failure>>;

/// What the page does before a refused call is repeated: it asks the user to sign in again or to
/// confirm the password.
pub type Remedy = Rc<dyn Fn(Failure) -> LocalBoxFuture<'static, Result<(), Failure>>>;

thread_local! {
    static REMEDY: RefCell<Option<Remedy>> = const { RefCell::new(None) };
}

/// Sets the page's remedy. This module can't open dialogs, so the page passes them in.
pub fn set_remedy(remedy: Remedy) {
    REMEDY.replace(Some(remedy));
}

/// Calls a mutation. A call refused for lack of a session or of a recent sign-in had no effect, so
/// it waits for the remedy and is repeated once.
///
/// # Errors
/// The server's refusal, or [`Code::Offline`].
pub async fn call(mutation: &dyn Fn() -> Answer) -> Result<String, Failure> {
    match send(mutation).await {
        Err(failure) if matches!(failure.code, Code::Unauthenticated | Code::ReauthRequired) => {
            let Some(remedy) = REMEDY.with_borrow(Clone::clone) else { return Err(failure) };
            remedy(failure).await?;
            send(mutation).await
        }
        answer => answer,
    }
}

/// Calls a mutation without a remedy. If the CSRF token is stale (another tab signed in or out),
/// fetches a new one and repeats the call once.
///
/// # Errors
/// As [`call`].
pub async fn send(mutation: &dyn Fn() -> Answer) -> Result<String, Failure> {
    match mutation().await {
        Err(failure) if failure.code == Code::CsrfFailed => {
            fresh_token().await?;
            if token().is_none() {
                // Cookies are blocked, so more attempts would not help.
                return Err(Code::CookiesRequired.into());
            }
            mutation().await
        }
        answer => answer,
    }
}

/// Returns a repeatable call of a server function with a JSON body.
pub fn json(path: &'static str, body: &impl Serialize) -> Box<dyn Fn() -> Answer> {
    let body = serde_json::to_string(body).unwrap_or_default();
    Box::new(move || post(path, "application/json", &body))
}

/// Returns a repeatable post of a urlencoded form, answered as JSON.
pub fn form(path: &str, body: &str) -> Box<dyn Fn() -> Answer> {
    let (path, body) = (path.to_owned(), body.to_owned());
    Box::new(move || post(&path, "application/x-www-form-urlencoded", &body))
}

fn post(path: &str, kind: &'static str, body: &str) -> Answer {
    let (path, body) = (path.to_owned(), body.to_owned());
    Box::pin(async move { fetch("POST", &path, "application/json", Some((kind, &body))).await })
}

/// Parses the `data` of an answer.
///
/// # Errors
/// [`Code::Unavailable`] for an answer that is not the panel's.
pub fn data<T: DeserializeOwned>(answer: &str) -> Result<T, Failure> {
    codec::read::<Success<T>>(answer.as_bytes()).map(|answer| answer.data).map_err(|_| Code::of_stranger(200).into())
}

/// Fetches a CSRF token for the current session, because the token of an ended session is invalid.
///
/// # Errors
/// [`Code::Offline`].
pub async fn fresh_token() -> Result<(), Failure> {
    fetch("GET", "/api/csrf", "application/json", None).await.map(|_| ())
}

/// Fetches whether the session is alive, and its expiry: `GET /api/auth/session`, which does not
/// count as activity.
///
/// # Errors
/// `unauthenticated` without a session; [`Code::Offline`] without an answer.
pub async fn session() -> Result<SessionStatus, Failure> {
    data(&fetch("GET", "/api/auth/session", "application/json", None).await?)
}

/// Fetches the signed-in user: `GET /api/auth/user`.
///
/// # Errors
/// As [`session`].
pub async fn user() -> Result<User, Failure> {
    data(&fetch("GET", "/api/auth/user", "application/json", None).await?)
}

/// Fetches a page to show it in place. The request is not a navigation, so it does not count as
/// activity.
///
/// # Errors
/// The server's refusal, or [`Code::Offline`].
pub async fn page(path: &str) -> Result<String, Failure> {
    fetch("GET", path, "*/*", None).await
}

async fn fetch(method: &str, path: &str, accept: &str, body: Option<(&str, &str)>) -> Result<String, Failure> {
    let offline = |_| Failure::new(Code::Offline);
    let headers = Headers::new().map_err(offline)?;
    headers.set("Accept", accept).map_err(offline)?;
    let request = RequestInit::new();
    request.set_method(method);
    if let Some((kind, body)) = body {
        headers.set("Content-Type", kind).map_err(offline)?;
        if let Some(token) = token() {
            headers.set(CSRF_HEADER, &token).map_err(offline)?;
        }
        request.set_body(&body.into());
    }
    request.set_headers(&headers);
    let window = web_sys::window().ok_or(Failure::new(Code::Offline))?;
    let answer = JsFuture::from(window.fetch_with_str_and_init(path, &request)).await.map_err(offline)?;
    let answer: Response = answer.unchecked_into();
    let text = JsFuture::from(answer.text().map_err(offline)?).await.map_err(offline)?;
    let text = text.as_string().unwrap_or_default();
    if answer.ok() { Ok(text) } else { Err(Failure::read(answer.status(), text.as_bytes())) }
}

/// Reads the token from the cookie at each call, because another tab may have changed it.
pub(super) fn token() -> Option<String> {
    let document = web_sys::window()?.document()?.dyn_into::<web_sys::HtmlDocument>().ok()?;
    let cookies = document.cookie().ok()?;
    let pairs = || cookies.split("; ").filter_map(|pair| pair.split_once('='));
    CSRF_COOKIES.iter().find_map(|name| pairs().find(|(n, _)| n == name)).map(|(_, token)| token.to_owned())
}

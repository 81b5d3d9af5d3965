//! How the browser calls the server: `fetch` with the CSRF token in a header.

use std::cell::RefCell;
use std::rc::Rc;

use futures::future::LocalBoxFuture;
use leptos::server_fn::client::{Client, browser::BrowserClient};
use leptos::server_fn::request::browser::{BrowserRequest, Request};
use leptos::server_fn::response::{ClientRes, browser::BrowserResponse};
use leptos::server_fn::{Bytes, Decodes};
use serde::de::DeserializeOwned;
use wasm_bindgen::JsCast;

use crate::model::codec::Envelope;
use crate::model::failure::{Code, Failure};
use crate::model::form::CSRF_HEADER;
use crate::model::session::SessionStatus;
use crate::model::user::User;

/// The names the token's cookie goes by, over HTTPS and on plain loopback.
const CSRF_COOKIES: [&str; 2] = ["__Host-csrf-token", "csrf-token"];

/// `fetch` with the token of the cookie in [`CSRF_HEADER`].
pub struct PanelClient;

impl Client<Failure> for PanelClient {
    type Request = BrowserRequest;
    type Response = BrowserResponse;

    async fn send(request: BrowserRequest) -> Result<BrowserResponse, Failure> {
        if let Some(token) = token() {
            request.headers().set(CSRF_HEADER, &token);
        }
        let answer = <BrowserClient as Client<Failure>>::send(request).await?;
        let status = ClientRes::<Failure>::status(&answer);
        if (200..300).contains(&status) {
            return Ok(answer);
        }
        let body: Bytes = ClientRes::<Failure>::try_into_bytes(answer).await?;
        Err(Failure::read(status, &body))
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

/// What the page does about a refusal before the call is repeated: it lets
/// somebody sign in again, or confirm the password.
pub type Remedy = Rc<dyn Fn(Failure) -> LocalBoxFuture<'static, Result<(), Failure>>>;

thread_local! {
    static REMEDY: RefCell<Option<Remedy>> = const { RefCell::new(None) };
}

/// Sets the page's remedy. The wire knows no dialogs, so the page brings them.
pub fn set_remedy(remedy: Remedy) {
    REMEDY.replace(Some(remedy));
}

/// Calls a mutation. Refused for want of a session or of a recent sign-in, it
/// was never done: so it waits until the page has helped, and repeats once.
///
/// # Errors
/// What the server refused, or [`Code::Offline`].
pub async fn call<T, F>(mutation: impl Fn() -> F) -> Result<T, Failure>
where
    F: Future<Output = Result<T, Failure>>,
{
    match send(&mutation).await {
        Err(failure) if matches!(failure.code, Code::Unauthenticated | Code::ReauthRequired) => {
            let Some(remedy) = REMEDY.with_borrow(Clone::clone) else { return Err(failure) };
            remedy(failure).await?;
            send(mutation).await
        }
        answer => answer,
    }
}

/// Calls a mutation and asks nobody for help; when the token turns out stale
/// (another tab signed in or out), fetches a new one and repeats once.
///
/// # Errors
/// As [`call`].
pub async fn send<T, F>(mutation: impl Fn() -> F) -> Result<T, Failure>
where
    F: Future<Output = Result<T, Failure>>,
{
    match mutation().await.map_err(understood) {
        Err(failure) if failure.code == Code::CsrfFailed => {
            fresh_token().await?;
            if token().is_none() {
                // However often it is tried, no token will come back.
                return Err(Code::CookiesRequired.into());
            }
            mutation().await.map_err(understood)
        }
        answer => answer,
    }
}

/// A success that can't be read is not the panel's: some networks show a page of
/// their own in the place of every answer.
fn understood(failure: Failure) -> Failure {
    match failure.code {
        Code::InvalidRequest if !failure.is_the_panels() => Code::Unavailable.into(),
        _ => failure,
    }
}

/// Fetches a token that fits whoever is signed in now: the one of a session that
/// has ended does not.
///
/// # Errors
/// [`Code::Offline`].
pub async fn fresh_token() -> Result<(), Failure> {
    Request::get("/api/csrf").send().await.map(|_| ()).map_err(|_| Failure::new(Code::Offline))
}

/// Reads the `data` of a GET.
///
/// # Errors
/// What the server refused, or [`Code::Offline`].
pub async fn read<T: DeserializeOwned>(path: &str) -> Result<T, Failure> {
    let offline = |_| Failure::new(Code::Offline);
    let answer = Request::get(path).header("Accept", "application/json").send().await.map_err(offline)?;
    let (ok, status) = (answer.ok(), answer.status());
    let body = Bytes::from(answer.text().await.map_err(offline)?);
    match ok {
        true => Envelope::decode(body).map_err(|_| Code::of_stranger(status).into()),
        false => Err(Failure::read(status, &body)),
    }
}

/// Asks whether the session still lives, and until when: `GET
/// /api/auth/session`, which is no activity.
///
/// # Errors
/// `unauthenticated` when it does not; [`Code::Offline`] without an answer.
pub async fn session() -> Result<SessionStatus, Failure> {
    read("/api/auth/session").await
}

/// Asks who is signed in: `GET /api/auth/user`.
///
/// # Errors
/// As [`session`].
pub async fn user() -> Result<User, Failure> {
    read("/api/auth/user").await
}

/// The token as the browser holds it now: another tab may have changed it.
pub(super) fn token() -> Option<String> {
    let document = web_sys::window()?.document()?.dyn_into::<web_sys::HtmlDocument>().ok()?;
    let cookies = document.cookie().ok()?;
    let pairs = || cookies.split("; ").filter_map(|pair| pair.split_once('='));
    CSRF_COOKIES.iter().find_map(|name| pairs().find(|(n, _)| n == name)).map(|(_, token)| token.to_owned())
}

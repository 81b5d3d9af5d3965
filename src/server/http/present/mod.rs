//! The output of errors: for programs an envelope in the caller's language, for people a page,
//! and for forms without WASM a redirect.
//!
//! | file | what is in it |
//! |---|---|
//! | here | the layer, and the envelope |
//! | [`form`] | the redirects of forms without WASM |

mod form;

use std::time::Duration;

use axum::body::to_bytes;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use futures::future::Either;
use http::header::{ALLOW, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER, SET_COOKIE};
use http::{HeaderMap, HeaderValue, StatusCode};
use tokio::time::error::Elapsed;
use tokio::time::timeout;

use self::form::{after_refusal, after_success};
use super::front::Front;
use super::refusal::{failure, status_of, with_text};
use super::render::render_error;
use crate::model::code::Code;
use crate::model::failure::Failure;
use crate::model::forms::LOGOUT;
use crate::server::access::Kind;
use crate::server::error::Error;
use crate::server::request::RequestInfo;
use crate::server::state::{AppState, Panel};

/// The header by which `server_fn` marks a failed server function.
const SERVER_FN_ERROR: &str = "serverfnerror";

/// The default of `Retry-After`, in seconds.
const RETRY_SOON: u64 = 5;

/// The time limit of a request, after which the client gets `unavailable`.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The time limit of a picture upload, which can be slow on a phone.
const UPLOAD_TIMEOUT: Duration = Duration::from_secs(90);

/// The maximum size in bytes of a failed server function's response that is parsed.
const MAX_FAILURE: usize = 64 * 1024;

/// The request's headers, if an error page may need them. Programs get no page.
pub fn headers_for_errors(info: &RequestInfo, request: &Request) -> HeaderMap {
    if info.html { request.headers().clone() } else { HeaderMap::new() }
}

/// Runs the work for a request within its time limit. A mutation runs to completion even if the
/// client disconnects or the time is over.
pub fn in_time<T: Send + 'static>(
    panel: &Panel,
    info: &RequestInfo,
    work: impl Future<Output = T> + Send + 'static,
) -> impl Future<Output = Result<T, Elapsed>> {
    let limit = time_limit(info);
    match info.method.is_safe() {
        true => Either::Left(timeout(limit, work)),
        false => Either::Right(timeout(limit, panel.work.begin(work))),
    }
}

/// Writes errors, and redirects form posts. The answer is `Err` after the time limit, and inside
/// it after a panic.
pub async fn present(
    panel: &AppState,
    front: Front,
    info: &RequestInfo,
    headers: HeaderMap,
    answer: Result<std::thread::Result<Response>, Elapsed>,
) -> Response {
    let mut response = match answer {
        Ok(Ok(response)) => response,
        Ok(Err(_)) => Error::from(Code::Internal).into_response(),
        Err(_) => Error::from(Code::Unavailable).into_response(),
    };
    let refusal = take_failure(&mut response, info).await;
    let status = refusal.as_ref().map_or(response.status(), |refusal| status_of(refusal.code));
    let clears = info.path() == LOGOUT.action && ends_session(status);

    let wait = refusal.as_ref().and_then(retry_after).filter(|_| !info.is_form_post());
    let mut answer = match refusal {
        None if info.is_form_post() && status.is_success() => after_success(panel, info, &response),
        None => return clear_if_signed_out(response, clears, panel),
        Some(refusal) if info.is_form_post() => after_refusal(panel, info, &headers, refusal),
        Some(refusal) if info.is_navigation() && !info.path().starts_with("/api/") => {
            // Rare and large, so it is boxed to keep the future of every request small.
            Box::pin(render_error(panel, front, info, headers, refusal.code)).await
        }
        Some(refusal) => envelope(refusal),
    };
    if let Some(seconds) = wait {
        answer.headers_mut().insert(RETRY_AFTER, seconds.into());
    }
    // Keeps the cookies and `Allow` that inner layers set on the replaced response.
    for (name, value) in response.headers() {
        if name == SET_COOKIE || name == ALLOW {
            answer.headers_mut().append(name, value.clone());
        }
    }
    clear_if_signed_out(answer, clears, panel)
}

fn time_limit(info: &RequestInfo) -> Duration {
    match info.kind() {
        Kind::Upload => UPLOAD_TIMEOUT,
        _ => TIMEOUT,
    }
}

/// Whether a sign-out's response means that the session is over, as opposed to a refused
/// request.
fn ends_session(status: StatusCode) -> bool {
    ![400, 403, 405, 408, 413, 415, 421].contains(&status.as_u16())
}

/// A sign-out clears both cookies on every response except a refused request: a client that may
/// not end the session must not clear its cookies either.
fn clear_if_signed_out(mut response: Response, clears: bool, panel: &Panel) -> Response {
    if clears {
        response.headers_mut().remove(SET_COOKIE);
        for cookie in panel.cookies.cleared() {
            response.headers_mut().append(SET_COOKIE, cookie);
        }
    }
    response
}

/// The error in a response, with its text. It was marked by a layer, written by a server
/// function (in leptos 0.8 always with status 500), or made by a library.
async fn take_failure(response: &mut Response, info: &RequestInfo) -> Option<Failure> {
    if let Some(error) = response.extensions_mut().remove::<Box<Error>>() {
        return Some(failure(&error, info));
    }
    if response.headers().contains_key(SERVER_FN_ERROR) {
        if let Some(failure) = info.refusal.get() {
            return Some(failure.clone());
        }
        let body = std::mem::take(response.body_mut());
        let bytes = Box::pin(to_bytes(body, MAX_FAILURE)).await.unwrap_or_default();
        let written = serde_json::from_slice(&bytes).unwrap_or_else(|_| Failure::from(Code::Internal));
        return Some(with_text(written, info));
    }
    // A library wrote this response. Clients don't know its format.
    let status = response.status();
    (status.is_client_error() || status.is_server_error()).then(|| {
        tracing::warn!(status = status.as_u16(), "a library wrote an error response");
        failure(&Error::from(Code::of_status(status.as_u16())), info)
    })
}

/// The envelope of an error whose text is already set.
pub fn envelope(failure: Failure) -> Response {
    let body = serde_json::to_vec(&failure).unwrap_or_default();
    let mut response = (status_of(failure.code), body).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.remove(CONTENT_LENGTH);
    response
}

/// The seconds for `Retry-After`.
fn retry_after(failure: &Failure) -> Option<u64> {
    match failure.code {
        Code::AccountLocked | Code::TooManyRequests => failure.remaining_seconds,
        Code::Unavailable => Some(RETRY_SOON),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_sign_out_does_not_clear_the_cookies() {
        for code in [
            Code::InvalidRequest,
            Code::CsrfFailed,
            Code::Forbidden,
            Code::MethodNotAllowed,
            Code::RequestTimeout,
            Code::PayloadTooLarge,
            Code::UnsupportedMediaType,
            Code::MisdirectedRequest,
        ] {
            assert!(!ends_session(status_of(code)), "{code:?}");
        }
        for code in [Code::Unauthenticated, Code::Internal, Code::Unavailable, Code::TooManyRequests, Code::NotFound] {
            assert!(ends_session(status_of(code)), "{code:?}");
        }
        assert!(ends_session(StatusCode::OK));
    }
}

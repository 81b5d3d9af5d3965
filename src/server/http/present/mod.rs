//! How refusals leave: the envelope in the caller's language for programs, a
//! page for people, and the way back for forms that were posted without WASM.
//!
//! | file | what is in it |
//! |---|---|
//! | here | the layer, and the envelope |
//! | [`form`] | where a form without WASM is led |

mod form;

use std::sync::Arc;
use std::time::Duration;

use axum::body::to_bytes;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{ALLOW, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER, SET_COOKIE};
use http::{HeaderMap, HeaderValue, StatusCode};
use leptos::nonce::Nonce;

use self::form::{back, done};
use super::front::Front;
use super::refusal::{failure, status_of, with_text};
use super::render::render_error;
use crate::model::failure::{Code, Failure};
use crate::model::forms::LOGOUT;
use crate::server::access::{Kind, lookup};
use crate::server::error::Error;
use crate::server::request::RequestInfo;
use crate::server::state::{AppState, Panel};

/// The header by which `server_fn` marks a failed server function.
const SERVER_FN_ERROR: &str = "serverfnerror";

/// Seconds after which to try again when the server can't say better.
const RETRY_SOON: u64 = 5;

/// How long a request may take before its caller is told `unavailable`.
const PATIENCE: Duration = Duration::from_secs(30);

/// The same for a picture, which a phone may take a while to send.
const UPLOAD_PATIENCE: Duration = Duration::from_secs(90);

/// The largest answer of a failed server function that is read, in bytes.
const MAX_FAILURE: usize = 64 * 1024;

/// The layer that writes refusals and leads form posts on.
pub async fn present(panel: &AppState, front: Front, request: Request, next: Next) -> Response {
    let Some(info) = request.extensions().get::<Arc<RequestInfo>>().cloned() else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    // For the pages that take the place of an answer; programs get none.
    let headers = if info.html { request.headers().clone() } else { HeaderMap::new() };
    let nonce = request.extensions().get::<Nonce>().cloned();
    let (patience, answer) = (patience(&info), next.run(request));
    let in_time = match info.method.is_safe() {
        true => tokio::time::timeout(patience, answer).await,
        // Its caller may lose patience; what is to be changed is changed all the same.
        false => tokio::time::timeout(patience, panel.work.begin(answer)).await,
    };
    let mut response = match in_time {
        Ok(response) => response,
        Err(_) => Error::from(Code::Unavailable).into_response(),
    };
    let refusal = take_failure(&mut response, &info).await;
    let status = refusal.as_ref().map_or(response.status(), |refusal| status_of(refusal.code));
    let clears = info.path == LOGOUT.action && ends(status);

    let wait = refusal.as_ref().and_then(retry_after).filter(|_| !info.is_form_post());
    let mut answer = match refusal {
        None if info.is_form_post() && status.is_success() => done(panel, &info, &response),
        None => return finish(response, clears, panel),
        Some(refusal) if info.is_form_post() => back(panel, &info, &headers, refusal),
        Some(refusal) if info.is_navigation() && !info.path.starts_with("/api/") => {
            // Rare and large: boxed, so that not every request makes room for it.
            Box::pin(render_error(panel, front, &info, headers, nonce, refusal.code)).await
        }
        Some(refusal) => envelope(refusal),
    };
    if let Some(seconds) = wait {
        answer.headers_mut().insert(RETRY_AFTER, seconds.into());
    }
    // What the layers behind said about cookies and methods holds for the answer that took its place.
    for (name, value) in response.headers() {
        if name == SET_COOKIE || name == ALLOW {
            answer.headers_mut().append(name, value.clone());
        }
    }
    finish(answer, clears, panel)
}

fn patience(info: &RequestInfo) -> Duration {
    match lookup(&info.method, &info.path).kind(&info.method) {
        Kind::Upload => UPLOAD_PATIENCE,
        _ => PATIENCE,
    }
}

/// Whether an answer to a sign-out is more than a refusal of the request itself.
fn ends(status: StatusCode) -> bool {
    ![400, 403, 405, 408, 413, 415, 421].contains(&status.as_u16())
}

/// Signing out clears both cookies on every answer but a refusal of the request
/// itself: who can't sign somebody out can't take their cookies either.
fn finish(mut response: Response, clears: bool, panel: &Panel) -> Response {
    if clears {
        response.headers_mut().remove(SET_COOKIE);
        for cookie in panel.cookies.cleared() {
            response.headers_mut().append(SET_COOKIE, cookie);
        }
    }
    response
}

/// The refusal in a response, with its text: marked by a layer, or written by a
/// server function, which in leptos 0.8 is always a 500; or by a library.
async fn take_failure(response: &mut Response, info: &RequestInfo) -> Option<Failure> {
    if let Some(error) = response.extensions_mut().remove::<Box<Error>>() {
        return Some(failure(&error, info));
    }
    if response.headers().contains_key(SERVER_FN_ERROR) {
        let body = std::mem::take(response.body_mut());
        let bytes = Box::pin(to_bytes(body, MAX_FAILURE)).await.unwrap_or_default();
        let written = serde_json::from_slice(&bytes).unwrap_or_else(|_| Failure::from(Code::Internal));
        return Some(with_text(written, info));
    }
    // What a library has answered by itself is nothing that our callers know.
    let status = response.status();
    (status.is_client_error() || status.is_server_error()).then(|| {
        tracing::warn!(status = status.as_u16(), "an answer that was not ours");
        failure(&Error::from(Code::of_status(status.as_u16())), info)
    })
}

/// A refusal as programs read it; its text must be written already.
pub fn envelope(failure: Failure) -> Response {
    let body = serde_json::to_vec(&failure).unwrap_or_default();
    let mut response = (status_of(failure.code), body).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.remove(CONTENT_LENGTH);
    response
}

/// The seconds after which trying again makes sense, for `Retry-After`.
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
    fn a_refusal_of_the_request_ends_nothing() {
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
            assert!(!ends(status_of(code)), "{code:?}");
        }
        for code in [Code::Unauthenticated, Code::Internal, Code::Unavailable, Code::TooManyRequests, Code::NotFound] {
            assert!(ends(status_of(code)), "{code:?}");
        }
        assert!(ends(StatusCode::OK));
    }
}

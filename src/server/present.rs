//! How refusals leave: the envelope in the caller's language for programs, a
//! page for people, and the way back for forms that were posted without WASM.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::body::to_bytes;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, REFERER, RETRY_AFTER, SET_COOKIE};
use http::{HeaderMap, HeaderValue, StatusCode};
use leptos::nonce::Nonce;
use url::Url;

use super::access::{CHOOSE, Kind, LOGOUT, find};
use super::cookie::seal;
use super::identity::see_other;
use super::pages::{FLASH_SECONDS, percent_encode, render_error};
use super::request::Visit;
use super::state::{AppState, Panel};
use crate::model::failure::{Code, Failure};
use crate::model::form::REDIRECT_FIELD;
use crate::model::hidden::Hidden;
use crate::model::redirect::SafePath;
use crate::model::snapshot::Flash;

/// The header by which `server_fn` marks a failed server function.
const SERVER_FN_ERROR: &str = "serverfnerror";

/// Seconds after which to try again when the server can't say better.
const RETRY_SOON: u64 = 5;

/// The longest ticket that goes back to a form, in bytes; ours are about 350.
const MAX_TICKET: usize = 1024;

/// How long a request may take before its caller is told `unavailable`.
const PATIENCE: Duration = Duration::from_secs(30);

/// The same for a picture, which a phone may take a while to send.
const UPLOAD_PATIENCE: Duration = Duration::from_secs(90);

/// The largest answer of a failed server function that is read, in bytes.
const MAX_FAILURE: usize = 64 * 1024;

impl IntoResponse for Failure {
    /// Only marks the response; [`present`] writes it, because only there the
    /// language and the caller's kind are known.
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = status.into_response();
        response.extensions_mut().insert(Box::new(self));
        response
    }
}

/// The layer that writes refusals and leads form posts on.
pub async fn present(panel: &AppState, request: Request, next: Next) -> Response {
    let Some(visit) = request.extensions().get::<Arc<Visit>>().cloned() else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    // For the pages that take the place of an answer; programs get none.
    let headers = if visit.html { request.headers().clone() } else { HeaderMap::new() };
    let nonce = request.extensions().get::<Nonce>().cloned();
    let mut response = match tokio::time::timeout(patience(&visit), next.run(request)).await {
        Ok(response) => response,
        Err(_) => Failure::new(Code::Unavailable).into_response(),
    };
    let failure = take_failure(&mut response, &visit).await;
    let status = failure.as_ref().map_or(response.status(), |failure| status_of(failure.code));
    let clears = visit.path == LOGOUT && status != StatusCode::FORBIDDEN && status != StatusCode::METHOD_NOT_ALLOWED;

    let wait = failure.as_ref().and_then(retry_after).filter(|_| !visit.is_form_post());
    let mut answer = match failure {
        None if visit.is_form_post() && status.is_success() => done(panel, &visit, &response),
        None => return finish(response, clears, panel),
        Some(failure) if visit.is_form_post() => back(panel, &visit, &headers, failure),
        Some(failure) if visit.is_navigation() && !visit.path.starts_with("/api/") => {
            // Rare and large: boxed, so that not every request makes room for it.
            Box::pin(render_error(panel, &visit, headers, nonce, failure.code)).await
        }
        Some(failure) => json(failure),
    };
    if let Some(seconds) = wait {
        answer.headers_mut().insert(RETRY_AFTER, seconds.into());
    }
    // What the layers behind said about cookies and methods holds for the answer that took its place.
    for (name, value) in response.headers() {
        if name == SET_COOKIE || name == http::header::ALLOW {
            answer.headers_mut().append(name, value.clone());
        }
    }
    finish(answer, clears, panel)
}

fn patience(visit: &Visit) -> Duration {
    match find(&visit.method, &visit.path).kind(&visit.method) {
        Kind::Upload => UPLOAD_PATIENCE,
        _ => PATIENCE,
    }
}

/// Signing out clears both cookies on every answer but a 403 or 405.
fn finish(mut response: Response, clears: bool, panel: &Panel) -> Response {
    if clears {
        response.headers_mut().remove(SET_COOKIE);
        for cookie in panel.cookies.cleared() {
            response.headers_mut().append(SET_COOKIE, cookie);
        }
    }
    response
}

fn status_of(code: Code) -> StatusCode {
    StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// The refusal in a response, with its text: marked by a layer, or written by a
/// server function, which in leptos 0.8 is always a 500.
async fn take_failure(response: &mut Response, visit: &Visit) -> Option<Failure> {
    let marked = response.extensions_mut().remove::<Box<Failure>>().map(|failure| *failure);
    let mut failure = match marked {
        Some(failure) => failure,
        None if response.headers().contains_key(SERVER_FN_ERROR) => {
            let body = std::mem::take(response.body_mut());
            let bytes = Box::pin(to_bytes(body, MAX_FAILURE)).await.unwrap_or_default();
            serde_json::from_slice(&bytes).unwrap_or_else(|_| Failure::new(Code::Internal))
        }
        None => return None,
    };
    failure.error = failure.code.text(visit.lang()).to_owned();
    if failure.code == Code::Internal {
        failure.request_id = Some(visit.request_id.clone());
    }
    Some(failure)
}

fn json(failure: Failure) -> Response {
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

/// A form post that worked: on to where it wanted, without what was typed.
fn done(panel: &Panel, visit: &Visit, response: &Response) -> Response {
    let wanted = visit.form_field(REDIRECT_FIELD).and_then(SafePath::parse);
    let mut answer = see_other(wanted.unwrap_or_else(SafePath::home).as_str());
    let starts_session = response
        .headers()
        .get_all(SET_COOKIE)
        .iter()
        .any(|cookie| cookie.as_bytes().starts_with(panel.cookies.session.as_bytes()));
    // A form that has something to say on the next page says it itself.
    let says =
        response.headers().get_all(SET_COOKIE).iter().any(|c| c.as_bytes().starts_with(panel.cookies.flash.as_bytes()));
    if starts_session && !says {
        answer.headers_mut().append(SET_COOKIE, panel.cookies.flash_cookie("", 0));
    }
    answer
}

/// A form post that was refused: back to the page it came from, with the code
/// in the URL and what was typed in a sealed cookie.
fn back(panel: &Panel, visit: &Visit, headers: &HeaderMap, failure: Failure) -> Response {
    let code = failure.code.name();
    let mut answer = see_other(&page_with_error(&came_from(panel, visit, headers), &code));
    let flash = Flash {
        code: Some(failure.code),
        form: visit.path.clone(),
        typed: typed(visit),
        fields: failure.fields,
        remaining_attempts: failure.remaining_attempts,
        remaining_seconds: failure.remaining_seconds,
        ticket: failure.choice.map(|choice| choice.ticket).or_else(|| ticket(visit)),
        ..Flash::default()
    };
    if let Ok(sealed) = seal(panel.cookies.flash, &panel.keys.newest().flash, &flash) {
        answer.headers_mut().append(SET_COOKIE, panel.cookies.flash_cookie(&sealed, FLASH_SECONDS));
    }
    answer
}

/// What may be typed back into the form: short, and never a secret.
fn typed(visit: &Visit) -> BTreeMap<String, String> {
    let kept = ["email", "name", "rememberMe", "phone", "language", "theme"];
    let pairs = visit.form.get().into_iter().flatten();
    pairs.filter(|(name, value)| kept.contains(&name.as_str()) && value.len() <= 300).cloned().collect()
}

/// The ticket of a choice that failed: what is left of its five minutes is good
/// for another try.
fn ticket(visit: &Visit) -> Option<Hidden> {
    let ticket = visit.form_field("ticket").filter(|_| visit.path == CHOOSE)?;
    (ticket.len() <= MAX_TICKET).then(|| ticket.to_owned().into())
}

/// The page a form was on: the `Referer`, if it is one of ours, else the page
/// that has this form. Never another site (CVE-2026-40295).
fn came_from(panel: &Panel, visit: &Visit, headers: &HeaderMap) -> String {
    let referer = headers.get(REFERER).and_then(|value| Url::parse(value.to_str().ok()?).ok());
    let own = referer.filter(|url| panel.config.origins.contains(&url.origin().ascii_serialization()));
    let page = own.and_then(|url| SafePath::parse(&url[url::Position::BeforePath..url::Position::AfterQuery]));
    page.map_or_else(|| own_page(visit), |page| page.as_str().to_owned())
}

fn own_page(visit: &Visit) -> String {
    let with = |page: &str, field: &str| match visit.form_field(field) {
        Some(value) => format!("{page}?{field}={}", percent_encode(value)),
        None => page.to_owned(),
    };
    match visit.path.as_str() {
        path if path.starts_with("/api/account/") => "/account".to_owned(),
        "/api/preferences" => visit
            .form_field(REDIRECT_FIELD)
            .and_then(SafePath::parse)
            .unwrap_or_else(SafePath::home)
            .as_str()
            .to_owned(),
        "/api/setup" => with("/setup", "token"),
        "/api/activate" => with("/activate", "token"),
        _ => match visit.form_field(REDIRECT_FIELD).and_then(SafePath::parse) {
            Some(path) => format!("/login?{REDIRECT_FIELD}={}", percent_encode(path.as_str())),
            None => "/login".to_owned(),
        },
    }
}

/// Sets `error=` in a path's query, keeping the rest as it was.
fn page_with_error(page: &str, code: &str) -> String {
    let (path, query) = page.split_once('?').unwrap_or((page, ""));
    let kept = query.split('&').filter(|pair| !pair.is_empty() && *pair != "error" && !pair.starts_with("error="));
    let pairs: Vec<&str> = kept.collect();
    let separator = if pairs.is_empty() { "" } else { "&" };
    format!("{path}?{}{separator}error={code}", pairs.join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_takes_the_place_of_the_last_one() {
        for (page, wanted) in [
            ("/login", "/login?error=x"),
            ("/login?redirect=%2Fa", "/login?redirect=%2Fa&error=x"),
            ("/login?error=old&redirect=%2Fa", "/login?redirect=%2Fa&error=x"),
            ("/setup?token=t&error=old", "/setup?token=t&error=x"),
        ] {
            assert_eq!(page_with_error(page, "x"), wanted);
        }
    }
}

//! Redirects from HTTP to HTTPS, and from a page's path with a trailing slash to the page.

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::header::LOCATION;
use http::{HeaderValue, Method, StatusCode};

use crate::model::code::Code;
use crate::server::access::Kind;
use crate::server::access::lookup::page_of_slashed;
use crate::server::error::Error;
use crate::server::request::RequestInfo;
use crate::server::state::AppState;

/// Accepts requests by the public URL's scheme, and probes by any. Returns the response to others.
pub fn scheme(panel: &AppState, info: &RequestInfo) -> Option<Response> {
    if info.https || !panel.config.https || info.kind() == Kind::Probe {
        return None;
    }
    // A redirected API call would already have sent its secrets unencrypted, and nobody would
    // notice (ASVS 4.1.2).
    if !info.is_navigation() || info.path().starts_with("/api/") {
        return Some(Error::from(Code::Forbidden).into_response());
    }
    Some(redirect_permanently(&format!("{}{}", panel.config.public_url, info.path_and_query())))
}

/// Redirects `/page/` to `/page`, with its query.
pub fn without_slash(request: &Request) -> Option<Response> {
    let reads = [Method::GET, Method::HEAD].contains(request.method());
    let page = page_of_slashed(request.uri().path()).filter(|_| reads)?;
    Some(match request.uri().query() {
        Some(query) => redirect_permanently(&format!("{page}?{query}")),
        None => redirect_permanently(page),
    })
}

fn redirect_permanently(target: &str) -> Response {
    match HeaderValue::from_str(target) {
        Ok(location) => (StatusCode::PERMANENT_REDIRECT, [(LOCATION, location)]).into_response(),
        Err(_) => Error::from(Code::InvalidRequest).into_response(),
    }
}

//! Redirects from HTTP to HTTPS, and from a page's path with a trailing slash to the page.

use std::sync::Arc;

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::header::LOCATION;
use http::{HeaderValue, Method, StatusCode};

use crate::model::code::Code;
use crate::server::access::{Kind, lookup, page_of_slashed};
use crate::server::error::Error;
use crate::server::request::RequestInfo;
use crate::server::state::AppState;

/// Accepts requests by the public URL's scheme, and probes by any.
pub async fn scheme(panel: &AppState, request: Request, next: impl AsyncFnOnce(Request) -> Response) -> Response {
    let Some(info) = request.extensions().get::<Arc<RequestInfo>>().cloned() else {
        return Error::from(Code::Internal).into_response();
    };
    let probe = || lookup(&info.method, &info.path).kind(&info.method) == Kind::Probe;
    if info.https || !panel.config.https || probe() {
        return next(request).await;
    }
    // A redirected API call would already have sent its secrets unencrypted, and nobody would
    // notice (ASVS 4.1.2).
    if !info.is_navigation() || info.path.starts_with("/api/") {
        return Error::from(Code::Forbidden).into_response();
    }
    redirect_permanently(&format!("{}{}", panel.config.public_url, info.path_and_query))
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

//! Gives each request an id and one log line. Queries are never logged, because they contain
//! tokens.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::Request;
use axum::response::Response;
use http::HeaderValue;
use http::header::HeaderName;
use tracing::Instrument;
use uuid::Uuid;

use crate::server::request::RequestInfo;
use crate::server::state::AppState;

/// The response header with the request's id.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Parses the head of the request, gives it an id and logs the result. Reads are logged at
/// debug level, so that session checks don't flood the log.
pub async fn observe(panel: &AppState, request: Request, next: impl AsyncFnOnce(Request) -> Response) -> Response {
    let started = Instant::now();
    let (mut parts, body) = request.into_parts();
    let id = Uuid::now_v7().simple().to_string();
    let info = Arc::new(RequestInfo::of(&parts, &panel.config, panel.clock.now(), id.clone()));
    parts.extensions.insert(info.clone());
    let span = tracing::info_span!("request", id = %id);
    let mut response = next(Request::from_parts(parts, body)).instrument(span.clone()).await;

    let (status, ms) = (response.status().as_u16(), started.elapsed().as_millis());
    let (method, path, address) = (&info.method, &info.path, info.address);
    span.in_scope(|| match status {
        500.. => tracing::error!(%method, %path, status, ms, %address, "answered"),
        400.. => tracing::info!(%method, %path, status, ms, %address, "refused"),
        _ if *method == http::Method::POST => tracing::info!(%method, %path, status, ms, %address, "answered"),
        _ => tracing::debug!(%method, %path, status, ms, %address, "answered"),
    });
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

//! Gives each request an id and one log line. Queries are never logged, because they contain
//! tokens.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use axum::extract::Request;
use axum::response::Response;
use http::HeaderValue;
use http::header::HeaderName;
use uuid::{NoContext, Timestamp, Uuid};

use crate::server::clock::Millis;
use crate::server::request::RequestInfo;
use crate::server::state::AppState;

/// The response header with the request's id.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// A new id, which begins with the time.
fn request_id(now: Millis) -> Uuid {
    let now = u64::try_from(now).unwrap_or_default();
    let nanoseconds = u32::try_from(now % 1000).unwrap_or_default() * 1_000_000;
    Uuid::new_v7(Timestamp::from_unix(NoContext, now / 1000, nanoseconds))
}

/// A request from its beginning to its response.
pub struct Observation {
    pub id: Uuid,
    pub info: Arc<RequestInfo>,
    begun: Instant,
}

impl Observation {
    /// Reads the head of the request and gives it an id.
    pub fn begin(panel: &AppState, peer: IpAddr, request: &Request) -> Observation {
        let now = panel.clock.now();
        let id = request_id(now);
        let info = RequestInfo::of(request, peer, &panel.config, now, id);
        Observation { id, info: Arc::new(info), begun: Instant::now() }
    }

    /// Logs the result, and adds the id to the response. Reads are logged at debug level, so that
    /// session checks don't flood the log.
    pub fn end(&self, response: &mut Response) {
        let status = response.status().as_u16();
        let ms = || self.begun.elapsed().as_millis();
        let (method, path, address) = (&self.info.method, self.info.path(), self.info.address);
        match status {
            500.. => tracing::error!(%method, %path, status, ms = ms(), %address, "answered"),
            // A read without a session is no event: pages ask while nobody is signed in.
            401 if method.is_safe() => tracing::debug!(%method, %path, status, ms = ms(), %address, "refused"),
            400.. => tracing::info!(%method, %path, status, ms = ms(), %address, "refused"),
            _ if *method == http::Method::POST => {
                tracing::info!(%method, %path, status, ms = ms(), %address, "answered")
            }
            _ => tracing::debug!(%method, %path, status, ms = ms(), %address, "answered"),
        }
        if let Ok(id) = HeaderValue::from_str(&self.info.request_id) {
            response.headers_mut().insert(REQUEST_ID, id);
        }
    }
}

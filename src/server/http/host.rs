//! The first check: the host that a request was sent to. Requests for other hosts are refused,
//! so that the panel is never shown under another site's name.

use axum::extract::Request;
use axum::response::Response;
use http::header::HOST;
use http::{HeaderMap, Uri};

use super::present::envelope;
use super::refusal::failure;
use super::render::elsewhere;
use crate::model::code::Code;
use crate::server::access::Kind;
use crate::server::config::Authority;
use crate::server::error::Error;
use crate::server::request::RequestInfo;
use crate::server::state::AppState;

/// Accepts requests to a known host, and probes to any host. Returns the refusal of others.
pub fn host(panel: &AppState, info: &RequestInfo, request: &Request) -> Option<Response> {
    let wrong = wrong_host(request.uri(), request.headers(), &panel.config.authorities);
    match wrong {
        Some(code) if info.kind() != Kind::Probe => {
            if code == Code::MisdirectedRequest && info.proxied && panel.host_warning.is_due(info.now) {
                let sent = request.headers().get(HOST).map(|host| String::from_utf8_lossy(host.as_bytes()));
                tracing::warn!(
                    host = %sent.unwrap_or_default(),
                    wanted = %panel.config.public_url,
                    "a trusted proxy sends a Host that is not PUBLIC_URL's: all such requests are refused; nginx needs `proxy_set_header Host $host;`"
                );
            }
            Some(refused(panel, info, code))
        }
        _ => None,
    }
}

/// The error for a wrong host. If the request target is in absolute form, both its host and the
/// `Host` header must be right.
fn wrong_host(target: &Uri, headers: &HeaderMap, accepted: &[Authority<'_>]) -> Option<Code> {
    let mut hosts = headers.get_all(HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else {
        return Some(Code::InvalidRequest);
    };
    let named = [host.to_str().ok(), target.authority().map(http::uri::Authority::as_str)];
    let [Some(host), target] = named else { return Some(Code::InvalidRequest) };
    for named in [Some(host), target].into_iter().flatten() {
        match Authority::parse(named) {
            None => return Some(Code::InvalidRequest),
            Some(named) if !accepted.contains(&named) => return Some(Code::MisdirectedRequest),
            Some(_) => {}
        }
    }
    None
}

/// For people, forms included, a page, because a wrong host has no form page to return to. For
/// programs, the envelope.
fn refused(panel: &AppState, info: &RequestInfo, code: Code) -> Response {
    if info.is_form_post() || (info.is_navigation() && !info.path().starts_with("/api/")) {
        return elsewhere(code, info.lang(), &panel.config.public_url);
    }
    envelope(failure(&Error::from(code), info))
}

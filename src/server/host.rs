//! The first check of all: where a request was sent to. What was meant for
//! another host is answered by nobody here, so that no page of ours is ever
//! shown under somebody else's name.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::extract::Request;
use axum::response::Response;
use http::header::HOST;
use http::{HeaderMap, Uri};

use super::access::{Kind, find};
use super::clock::Millis;
use super::config::Authority;
use super::pages;
use super::present::envelope;
use super::request::Visit;
use super::state::AppState;
use crate::model::failure::{Code, Failure};

/// How long a proxy that sends a foreign `Host` is not told of again, in milliseconds.
const QUIET: Millis = 60_000;

/// When a proxy that sends a foreign `Host` was last named in the log.
pub struct Told(AtomicI64);

impl Default for Told {
    fn default() -> Told {
        Told(AtomicI64::new(Millis::MIN))
    }
}

impl Told {
    /// Whether to tell now, which counts as having told: at most once in [`QUIET`].
    fn is_due(&self, now: Millis) -> bool {
        let due = |last: Millis| (now < last || now.saturating_sub(last) >= QUIET).then_some(now);
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, due).is_ok()
    }
}

/// Lets through what was sent to an accepted origin, and probes under any name.
pub async fn host(panel: &AppState, request: Request, next: impl AsyncFnOnce(Request) -> Response) -> Response {
    let Some(visit) = request.extensions().get::<Arc<Visit>>().cloned() else {
        return envelope(Failure::new(Code::Internal));
    };
    let wrong = wrong(request.uri(), request.headers(), &panel.config.authorities);
    match wrong {
        Some(code) if find(&visit.method, &visit.path).kind(&visit.method) != Kind::Probe => {
            if code == Code::MisdirectedRequest && visit.proxied && panel.host_told.is_due(visit.now) {
                let sent = request.headers().get(HOST).map(|host| String::from_utf8_lossy(host.as_bytes()));
                tracing::warn!(
                    host = %sent.unwrap_or_default(),
                    wanted = %panel.config.public_url,
                    "a trusted proxy sends a Host that is not PUBLIC_URL's: all such requests are refused; nginx needs `proxy_set_header Host $host;`"
                );
            }
            refused(panel, &visit, code)
        }
        _ => next(request).await,
    }
}

/// What is wrong with where a request was sent to. A target in absolute form
/// names a place of its own, and then both have to be right.
fn wrong(target: &Uri, headers: &HeaderMap, accepted: &[Authority]) -> Option<Code> {
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

/// A page for people, forms included: there is no way back to a page that is
/// not ours. The envelope for programs.
fn refused(panel: &AppState, visit: &Visit, code: Code) -> Response {
    if visit.is_form_post() || (visit.is_navigation() && !visit.path.starts_with("/api/")) {
        return pages::elsewhere(code, visit.lang(), &panel.config.public_url);
    }
    envelope(Failure { error: code.text(visit.lang()).to_owned(), ..Failure::new(code) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_told_of_once_a_minute() {
        let told = Told::default();
        let due: Vec<bool> = [0, 1, 59_999, 60_000, 60_001, 5, 6].into_iter().map(|now| told.is_due(now)).collect();
        assert_eq!(due, [true, false, false, true, false, true, false]);
    }
}

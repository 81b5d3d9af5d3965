//! The security headers of every response, including errors and assets.

use axum::response::Response;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY, SET_COOKIE, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderMap, HeaderValue};
use leptos::config::Env;
use url::Url;

use crate::server::state::AppState;

/// A year, for all subdomains (ASVS 3.4.1).
const HSTS: HeaderValue = HeaderValue::from_static("max-age=31536000; includeSubDomains");

static FIXED: [(HeaderName, HeaderValue); 6] = [
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static(
            "camera=(), display-capture=(), geolocation=(), microphone=(), midi=(), payment=(), usb=()",
        ),
    ),
];

/// The headers of this panel. Prepared once, because every response has them.
pub struct SecurityHeaders {
    /// The content security policy, before and after the nonce.
    policy: [String; 2],
    https: bool,
}

impl SecurityHeaders {
    pub fn of(panel: &AppState) -> SecurityHeaders {
        // `cargo leptos watch` reloads pages through a WebSocket. Never in production.
        let reload = match panel.config.leptos.env {
            Env::DEV => reload_sockets(panel),
            Env::PROD => String::new(),
        };
        let policy = [
            "default-src 'none'; script-src 'self' 'nonce-".to_owned(),
            format!(
                "' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
                 connect-src 'self'{reload}; manifest-src 'self'; form-action 'self'; base-uri 'none'; \
                 frame-ancestors 'none'; object-src 'none'"
            ),
        ];
        SecurityHeaders { policy, https: panel.config.https }
    }

    /// Sets the headers of a response whose page has this nonce.
    pub fn set(&self, nonce: &str, response: &mut Response) {
        let [before, after] = &self.policy;
        let policy = HeaderValue::try_from([before, nonce, after].concat());
        let policy = policy.unwrap_or(HeaderValue::from_static("default-src 'none'"));
        set(response.headers_mut(), policy, self.https);
    }
}

fn set(headers: &mut HeaderMap, policy: HeaderValue, https: bool) {
    // Reserves space for all headers at once, because each growth hashes the map anew. Reserves
    // no more than needed (including the policy and the request id): beyond twelve entries the
    // map doubles, and a connection keeps it as long as it is open.
    let private = !headers.contains_key(CACHE_CONTROL);
    headers.reserve(FIXED.len() + 2 + usize::from(https) + usize::from(private));
    for (name, value) in &FIXED {
        headers.insert(name, value.clone());
    }
    headers.insert(CONTENT_SECURITY_POLICY, policy);
    if https {
        headers.insert(STRICT_TRANSPORT_SECURITY, HSTS);
    }
    // Responses that set a cookie must not be cached.
    if headers.contains_key(SET_COOKIE) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    // Responses without `Cache-Control` get `no-store`.
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}

/// The WebSocket's sources. A page connects to the host that it was opened at, under any
/// loopback name but `[::1]`: a policy can't contain an IPv6 address.
fn reload_sockets(panel: &AppState) -> String {
    let urls = panel.config.origins.iter().filter_map(|origin| Url::parse(origin).ok());
    let hosts = urls.filter_map(|url| url.host_str().filter(|host| !host.starts_with('[')).map(str::to_owned));
    hosts.map(|host| format!(" ws://{host}:{}", panel.config.leptos.reload_port)).collect()
}

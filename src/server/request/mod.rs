//! The head of a request, parsed.
//!
//! | file | what is in it |
//! |---|---|
//! | here | [`RequestInfo`]: every part of the head, read once |
//! | [`address`] | the client's address |

mod address;

pub use address::address_bucket;

use std::borrow::Cow;
use std::net::{IpAddr, SocketAddr};
use std::sync::OnceLock;

use axum::extract::ConnectInfo;
use http::header::{ACCEPT, ACCEPT_LANGUAGE, CONTENT_TYPE, USER_AGENT};
use http::request::Parts;
use http::{HeaderMap, HeaderName, Method};

use self::address::{client_address, is_trusted, items};
use crate::model::form::{REDIRECT_FIELD, query_field};
use crate::model::lang::Lang;
use crate::model::preference::{Preferences, Theme};
use crate::model::seed::Who;
use crate::server::access::{self, Kind};
use crate::server::audit::{Action, Event};
use crate::server::clock::Millis;
use crate::server::config::Config;
use crate::server::cookie::{CookieValue, Names, cookie_value};
use crate::server::{log, preferences};

/// The maximum stored length of a `User-Agent`, in characters.
const MAX_USER_AGENT: usize = 300;

/// The head of a request, read once by the outermost layer.
pub struct RequestInfo {
    pub request_id: String,
    pub method: Method,
    pub path: String,
    pub path_and_query: String,
    pub address: IpAddr,
    /// Whether the connection comes from a trusted proxy.
    pub proxied: bool,
    /// Without invisible characters, because it appears in logs and lists.
    pub user_agent: String,
    /// The language that `Accept-Language` asks for.
    accepted: Lang,
    /// The language and theme in this browser's cookies.
    chosen: Preferences,
    /// The signed-in user's stored language and theme, set after authentication.
    pub stored: OnceLock<Preferences>,
    pub now: Millis,
    /// Whether the browser prefetches: the user has not asked for the page yet.
    pub prefetch: bool,
    /// Whether the response should be a page: `Accept` contains `text/html`.
    pub html: bool,
    /// Whether the body is a form: urlencoded, or multipart where a file is sent.
    pub form_body: bool,
    /// Whether the browser used HTTPS, as far as the server can tell.
    pub https: bool,
    /// The sealed `device` cookie of a POST, if there is exactly one.
    pub device: Option<String>,
    /// The sealed `flash` cookie of a navigation, if there is exactly one.
    pub flash: Option<String>,
    /// The fields of a form post, set after the body was read.
    pub form: OnceLock<Vec<(String, String)>>,
    /// The result of authentication, once it is known.
    pub who: OnceLock<Who>,
}

impl RequestInfo {
    /// Reads a request's head.
    pub fn of(parts: &Parts, config: &Config, now: Millis, request_id: String) -> RequestInfo {
        let text = |name| text(&parts.headers, name);
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
        let peer = peer.map_or(IpAddr::from([0, 0, 0, 0]), |ip| ip.to_canonical());
        let proxied = is_trusted(peer, config);
        let names = Names::new(config.https);
        RequestInfo {
            request_id,
            method: parts.method.clone(),
            path: parts.uri.path().to_owned(),
            path_and_query: parts.uri.path_and_query().map_or("/", |p| p.as_str()).to_owned(),
            address: client_address(&parts.headers, peer, config),
            proxied,
            user_agent: text(USER_AGENT).chars().filter(|c| log::is_plain(*c)).take(MAX_USER_AGENT).collect(),
            accepted: Lang::negotiate(&text(ACCEPT_LANGUAGE)),
            chosen: preferences::of_cookies(&parts.headers, &names),
            stored: OnceLock::new(),
            now,
            prefetch: text(HeaderName::from_static("sec-purpose")).contains("prefetch"),
            html: text(ACCEPT).contains("text/html"),
            form_body: media_type(&text(CONTENT_TYPE)).eq_ignore_ascii_case(form_type(parts)),
            https: proxied && browser_used_https(&parts.headers),
            device: sealed_of(parts, names.device, parts.method == Method::POST),
            flash: sealed_of(parts, names.flash, parts.method != Method::POST),
            form: OnceLock::new(),
            who: OnceLock::new(),
        }
    }

    /// The language of the response: the browser's choice, else the user's stored choice, else
    /// `Accept-Language`.
    pub fn lang(&self) -> Lang {
        self.preferences().language.unwrap_or(self.accepted)
    }

    /// The theme of a page, in the same order. `None` follows the operating system.
    pub fn theme(&self) -> Option<Theme> {
        self.preferences().theme
    }

    /// The chosen language and theme: the browser's choice, else the user's stored choice.
    pub fn preferences(&self) -> Preferences {
        let stored = self.stored.get().copied().unwrap_or_default();
        Preferences { language: self.chosen.language.or(stored.language), theme: self.chosen.theme.or(stored.theme) }
    }

    /// Whether this is a form post of a browser without WASM. Such a browser needs a redirect
    /// instead of JSON.
    pub fn is_form_post(&self) -> bool {
        self.html && self.form_body && self.method == Method::POST
    }

    /// Whether the response is read on a page: a form that the browser posts, or one that the
    /// browser's program sends in its place.
    pub fn is_form(&self) -> bool {
        self.is_form_post() || self.form_field(REDIRECT_FIELD).is_some()
    }

    /// Whether the browser navigates to a page.
    pub fn is_navigation(&self) -> bool {
        self.html && (self.method == Method::GET || self.method == Method::HEAD)
    }

    /// An audit event of this request, without an author yet.
    pub fn event(&self, action: Action) -> Event<'_> {
        Event::of_system(action, self.now).of_request(self.address, &self.user_agent, &self.request_id)
    }

    /// A field of the page's query. `None` if it is absent or occurs twice.
    pub fn query_field(&self, name: &str) -> Option<String> {
        query_field(self.query()?, name)
    }

    /// The query, not decoded.
    pub fn query(&self) -> Option<&str> {
        self.path_and_query.split_once('?').map(|(_, query)| query)
    }

    /// A field of the posted form.
    pub fn form_field(&self, name: &str) -> Option<&str> {
        self.form.get()?.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}

/// A header's lines as one text. Invalid bytes are replaced, and the rest is kept.
fn text(headers: &HeaderMap, name: HeaderName) -> Cow<'_, str> {
    let mut lines = headers.get_all(name).iter().map(|line| String::from_utf8_lossy(line.as_bytes()));
    let first = lines.next().unwrap_or_default();
    lines.fold(first, |all, line| Cow::Owned(format!("{all}, {line}")))
}

/// Whether the browser's own connection used HTTPS, as trusted proxies report. Each proxy
/// appends its value, so the first one is the browser's. A client can forge the first value
/// only for its own requests: no page can make a browser send this header.
fn browser_used_https(headers: &HeaderMap) -> bool {
    items(headers, "x-forwarded-proto").first().is_some_and(|scheme| scheme.eq_ignore_ascii_case("https"))
}

/// The value of a sealed cookie, if it is `wanted`: only POSTs prove passwords, and only pages
/// show flash messages.
fn sealed_of(parts: &Parts, name: &str, wanted: bool) -> Option<String> {
    match wanted.then(|| cookie_value(&parts.headers, name))? {
        CookieValue::One(sealed) => Some(sealed.to_owned()),
        CookieValue::Absent | CookieValue::Several => None,
    }
}

/// The media type of forms on this route.
fn form_type(parts: &Parts) -> &'static str {
    match access::lookup(&parts.method, parts.uri.path()).kind(&parts.method) {
        Kind::Upload => "multipart/form-data",
        _ => "application/x-www-form-urlencoded",
    }
}

/// The media type of a `Content-Type`, without its parameters.
pub fn media_type(content_type: &str) -> &str {
    content_type.split(';').next().unwrap_or_default().trim()
}

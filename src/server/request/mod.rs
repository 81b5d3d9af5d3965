//! The head of a request, parsed.
//!
//! | file | what is in it |
//! |---|---|
//! | here | [`RequestInfo`]: every part of the head, read once |
//! | [`address`] | the client's address |

mod address;

pub use address::address_bucket;

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::OnceLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{ACCEPT, ACCEPT_LANGUAGE, CONTENT_TYPE, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri};
use uuid::Uuid;

use self::address::{client_address, is_trusted, items};
use crate::model::failure::Failure;
use crate::model::form::{REDIRECT_FIELD, query_field};
use crate::model::lang::Lang;
use crate::model::preference::{Preferences, Theme};
use crate::model::seed::Who;
use crate::server::access::Kind;
use crate::server::access::lookup::{Found, lookup};
use crate::server::ascii::Ascii;
use crate::server::audit::{Action, Event};
use crate::server::clock::Millis;
use crate::server::config::Config;
use crate::server::cookie::{CookieValue, Names, cookie_value};
use crate::server::{log, preferences};

/// The maximum stored length of a `User-Agent`, in characters.
const MAX_USER_AGENT: usize = 300;

/// The request's id, which the response and the log have too.
pub type RequestId = Ascii<32>;

/// The head of a request, read once by the outermost layer.
pub struct RequestInfo {
    pub request_id: RequestId,
    /// The nonce of the page's scripts.
    pub nonce: Ascii<24>,
    pub method: Method,
    uri: Uri,
    /// The request's row in the inventory.
    pub found: Found,
    pub address: IpAddr,
    /// Whether the connection comes from a trusted proxy.
    pub proxied: bool,
    user_agent: Lazy<String>,
    /// The language that `Accept-Language` asks for.
    accepted: Lazy<Lang>,
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
    /// Why the server function refused. Its response has only what a client needs.
    pub refusal: OnceLock<Failure>,
}

impl RequestInfo {
    /// Reads a request's head.
    pub fn of<B>(request: &Request<B>, peer: IpAddr, config: &Config, now: Millis, id: Uuid) -> RequestInfo {
        let (method, uri, headers) = (request.method(), request.uri(), request.headers());
        let text = |name| text(headers, name);
        let found = lookup(method, uri.path());
        let peer = peer.to_canonical();
        let proxied = is_trusted(peer, config);
        let names = Names::new(config.https);
        RequestInfo {
            request_id: request_id(id),
            nonce: nonce(rand::random()),
            method: method.clone(),
            uri: uri.clone(),
            found,
            address: client_address(headers, peer, config),
            proxied,
            user_agent: Lazy::new(headers, USER_AGENT, |text| {
                text.chars().filter(|c| log::is_plain(*c)).take(MAX_USER_AGENT).collect()
            }),
            accepted: Lazy::new(headers, ACCEPT_LANGUAGE, Lang::negotiate),
            chosen: preferences::of_cookies(headers, &names),
            stored: OnceLock::new(),
            now,
            prefetch: text(HeaderName::from_static("sec-purpose")).contains("prefetch"),
            html: text(ACCEPT).contains("text/html"),
            form_body: media_type(&text(CONTENT_TYPE)).eq_ignore_ascii_case(form_type(found.kind(method))),
            https: proxied && browser_used_https(headers),
            device: sealed_of(headers, names.device, *method == Method::POST),
            flash: sealed_of(headers, names.flash, *method != Method::POST),
            form: OnceLock::new(),
            who: OnceLock::new(),
            refusal: OnceLock::new(),
        }
    }

    /// The path, not decoded.
    pub fn path(&self) -> &str {
        self.uri.path()
    }

    /// The path with the query, not decoded.
    pub fn path_and_query(&self) -> &str {
        self.uri.path_and_query().map_or("/", |both| both.as_str())
    }

    /// The kind of the route.
    pub fn kind(&self) -> Kind {
        self.found.kind(&self.method)
    }

    /// `User-Agent` without invisible characters, because it appears in logs and lists.
    pub fn user_agent(&self) -> &str {
        self.user_agent.get()
    }

    /// The language of the response: the browser's choice, else the user's stored choice, else
    /// `Accept-Language`.
    pub fn lang(&self) -> Lang {
        self.preferences().language.unwrap_or_else(|| *self.accepted.get())
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
        Event::of_system(action, self.now).of_request(self.address, self.user_agent(), &self.request_id)
    }

    /// A field of the page's query. `None` if it is absent or occurs twice.
    pub fn query_field(&self, name: &str) -> Option<String> {
        query_field(self.query()?, name)
    }

    /// The query, not decoded.
    pub fn query(&self) -> Option<&str> {
        self.uri.query()
    }

    /// A field of the posted form.
    pub fn form_field(&self, name: &str) -> Option<&str> {
        self.form.get()?.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}

fn request_id(id: Uuid) -> RequestId {
    let mut text = [0; 32];
    id.simple().encode_lower(&mut text);
    Ascii::new(text)
}

/// 128 random bits in base64.
fn nonce(random: [u8; 16]) -> Ascii<24> {
    let mut text = [0; 24];
    // 16 bytes always take 24 characters.
    STANDARD.encode_slice(random, &mut text).unwrap_or_default();
    Ascii::new(text)
}

/// The value of a header that most requests don't need, read at its first use.
struct Lazy<T> {
    /// All lines of the header.
    text: HeaderValue,
    read: fn(&str) -> T,
    value: OnceLock<T>,
}

impl<T> Lazy<T> {
    fn new(headers: &HeaderMap, name: HeaderName, read: fn(&str) -> T) -> Lazy<T> {
        let mut lines = headers.get_all(&name).iter();
        let text = match (lines.next(), lines.next()) {
            (Some(line), None) => line.clone(),
            (None, _) => HeaderValue::from_static(""),
            _ => HeaderValue::try_from(text(headers, name).into_owned()).unwrap_or(HeaderValue::from_static("")),
        };
        Lazy { text, read, value: OnceLock::new() }
    }

    fn get(&self) -> &T {
        self.value.get_or_init(|| (self.read)(&String::from_utf8_lossy(self.text.as_bytes())))
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
fn sealed_of(headers: &HeaderMap, name: &str, wanted: bool) -> Option<String> {
    match wanted.then(|| cookie_value(headers, name))? {
        CookieValue::One(sealed) => Some(sealed.to_owned()),
        CookieValue::Absent | CookieValue::Several => None,
    }
}

/// The media type of forms on this route.
fn form_type(kind: Kind) -> &'static str {
    match kind {
        Kind::Upload => "multipart/form-data",
        _ => "application/x-www-form-urlencoded",
    }
}

/// The media type of a `Content-Type`, without its parameters.
pub fn media_type(content_type: &str) -> &str {
    content_type.split(';').next().unwrap_or_default().trim()
}

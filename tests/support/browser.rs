//! An HTTP client that behaves like a browser: it keeps cookies, sends `Origin` and
//! `Sec-Fetch-Site`, and knows the CSRF token. A test can change every part of a request.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::SocketAddr;

use axum::body::{Body, Bytes};
use axum::extract::ConnectInfo;
use axum::http::{HeaderName, HeaderValue, Request};
use futures::StreamExt;
use futures::stream::{once, pending};
use http_body_util::BodyExt;
use serde_json::{Value, json};

use super::answer::Answer;
use super::app::{Person, TestApp};
use super::response_checks;

pub const LOGIN: &str = "/api/auth/login";
pub const LOGOUT: &str = "/api/auth/logout";
pub const SESSION: &str = "/api/auth/session";
pub const USER: &str = "/api/auth/user";
pub const CSRF: &str = "/api/csrf";

/// The default address of a browser's connections. Over HTTPS it is the proxy's address.
pub const PROXY: &str = "198.51.100.7";

const FORM: &str = "application/x-www-form-urlencoded";
const HTML: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

/// A browser with its own cookies. A clone is a second browser with a copy of the cookies,
/// as a thief would have.
#[derive(Clone)]
pub struct Browser {
    app: TestApp,
    /// The cookies the browser holds: name → value.
    pub jar: BTreeMap<String, String>,
    /// The peer address of the browser's connections.
    pub peer: SocketAddr,
    pub language: &'static str,
}

impl Browser {
    pub fn new(app: &TestApp) -> Browser {
        Browser { app: app.clone(), jar: BTreeMap::new(), peer: peer(PROXY), language: "en" }
    }

    /// Returns the same browser with another address.
    pub fn at_address(mut self, address: &str) -> Browser {
        self.peer = peer(address);
        self
    }

    /// Returns the same browser, whose requests now go to `app`.
    pub fn connected_to(mut self, app: &TestApp) -> Browser {
        self.app = app.clone();
        self
    }

    /// Returns the cookie's full name: `__Host-…` over HTTPS.
    pub fn name(&self, cookie: &str) -> String {
        if self.app.https() { format!("__Host-{cookie}") } else { cookie.to_owned() }
    }

    /// Returns the value of a cookie.
    pub fn cookie(&self, cookie: &str) -> Option<String> {
        self.jar.get(&self.name(cookie)).cloned()
    }

    pub fn session(&self) -> Option<String> {
        self.jar.get(&self.name("auth-session")).cloned()
    }

    pub fn token(&self) -> Option<String> {
        self.jar.get(&self.name("csrf-token")).cloned()
    }

    pub fn set_cookie(&mut self, cookie: &str, value: &str) {
        let name = self.name(cookie);
        self.jar.insert(name, value.to_owned());
    }

    /// Starts a request with only the cookies, the host and the language. It has none of the other headers that a
    /// browser adds by itself.
    pub fn request(&mut self, method: &str, path: &str) -> RequestBuilder<'_> {
        let mut headers =
            vec![("host".to_owned(), self.app.host()), ("accept-language".to_owned(), self.language.to_owned())];
        if !self.jar.is_empty() {
            let cookies: Vec<String> = self.jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
            headers.push(("cookie".to_owned(), cookies.join("; ")));
        }
        if self.app.https() {
            headers.push(("x-forwarded-proto".to_owned(), "https".to_owned()));
        }
        RequestBuilder {
            browser: self,
            method: method.to_owned(),
            path: path.to_owned(),
            headers,
            body: Vec::new(),
            stalls: false,
        }
    }

    /// Sends a GET as `fetch` does.
    pub async fn get(&mut self, path: &str) -> Answer {
        self.fetch("GET", path).send().await
    }

    /// Starts a `fetch` from a page of the panel.
    pub fn fetch(&mut self, method: &str, path: &str) -> RequestBuilder<'_> {
        let ask =
            self.request(method, path).header("accept", "application/json").header("sec-fetch-site", "same-origin");
        if ["GET", "HEAD"].contains(&method) {
            return ask;
        }
        let origin = ask.browser.app.origin();
        ask.header("origin", &origin)
    }

    /// Starts the request that a browser sends for a typed address or a link of the panel.
    pub fn navigation(&mut self, path: &str) -> RequestBuilder<'_> {
        self.request("GET", path)
            .header("accept", HTML)
            .header("sec-fetch-site", "same-origin")
            .header("sec-fetch-mode", "navigate")
            .header("sec-fetch-dest", "document")
    }

    pub async fn navigate(&mut self, path: &str) -> Answer {
        self.navigation(path).send().await
    }

    /// Returns the CSRF token, which it fetches first if the browser holds none.
    pub async fn ensure_token(&mut self) -> String {
        if self.token().is_none() {
            self.get(CSRF).await.expect(200);
        }
        self.token().expect("GET /api/csrf sets the token's cookie")
    }

    /// Sends a mutation as the panel's page does: JSON, with the token in the header.
    pub async fn post(&mut self, path: &str, body: Value) -> Answer {
        let token = self.ensure_token().await;
        self.fetch("POST", path).header("x-csrf-token", &token).json(&body).send().await
    }

    /// Sends a mutation as a form by `fetch`, which older clients may do.
    pub async fn post_form(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let token = self.ensure_token().await;
        self.fetch("POST", path).header("x-csrf-token", &token).form(fields).send().await
    }

    /// Submits a form from the page `from` without WASM: a navigation with the token in
    /// the hidden field.
    pub async fn submit(&mut self, from: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        let token = self.ensure_token().await;
        let fields: Vec<(&str, &str)> = [("csrfToken", token.as_str())].iter().chain(fields).copied().collect();
        self.form_navigation(from, path).form(&fields).send().await
    }

    /// Starts a form submission without its fields.
    pub fn form_navigation(&mut self, from: &str, path: &str) -> RequestBuilder<'_> {
        let origin = self.app.origin();
        self.request("POST", path)
            .header("accept", HTML)
            .header("origin", &origin)
            .header("referer", &format!("{origin}{from}"))
            .header("sec-fetch-site", "same-origin")
            .header("sec-fetch-mode", "navigate")
            .header("sec-fetch-dest", "document")
    }

    pub async fn try_password(&mut self, email: &str, password: &str) -> Answer {
        self.post(LOGIN, json!({ "email": email, "password": password })).await
    }

    pub async fn sign_in(&mut self, person: &Person) -> Answer {
        self.try_password(&person.email, &person.password).await.expect(200)
    }

    pub async fn sign_in_remembered(&mut self, person: &Person) -> Answer {
        self.post(LOGIN, json!({ "email": person.email, "password": person.password, "rememberMe": true }))
            .await
            .expect(200)
    }

    pub async fn sign_out(&mut self) -> Answer {
        self.post(LOGOUT, json!({})).await
    }

    /// Whether the panel accepts the browser's session.
    pub async fn is_signed_in(&mut self) -> bool {
        let answer = self.get(SESSION).await;
        assert!([200, 401].contains(&answer.status), "{answer}");
        answer.status == 200
    }

    /// Stores a response's cookies as a browser does.
    pub fn keep_cookies(&mut self, answer: &Answer) {
        for cookie in answer.cookies() {
            if cookie.max_age().is_some_and(|seconds| seconds <= 0) {
                self.jar.remove(&cookie.name);
            } else {
                self.jar.insert(cookie.name, cookie.value);
            }
        }
    }
}

fn peer(address: &str) -> SocketAddr {
    SocketAddr::new(address.parse().expect("an IP address"), 50_000)
}

/// A request that is not sent yet.
pub struct RequestBuilder<'a> {
    browser: &'a mut Browser,
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    stalls: bool,
}

impl<'a> RequestBuilder<'a> {
    /// Sets a header and removes earlier ones with the same name.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self = self.without(name);
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Adds a header and keeps earlier ones with the same name.
    pub fn another(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(n, _)| n != name);
        self
    }

    /// Adds the browser's CSRF token as a header.
    pub fn with_token(self) -> Self {
        let token = self.browser.token().expect("the browser holds a token");
        self.header("x-csrf-token", &token)
    }

    pub fn json(self, body: &Value) -> Self {
        self.body("application/json", body.to_string())
    }

    pub fn form(self, fields: &[(&str, &str)]) -> Self {
        let encoded = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.body(FORM, encoded)
    }

    /// Sets the body and its `Content-Type`.
    pub fn body(mut self, kind: &str, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self.header("content-type", kind)
    }

    /// Returns the request's bytes as HTTP/1.1.
    pub fn bytes(self) -> Vec<u8> {
        let mut head = format!("{} {} HTTP/1.1\r\n", self.method, self.path);
        for (name, value) in &self.headers {
            head += &format!("{name}: {value}\r\n");
        }
        head += &format!("content-length: {}\r\n\r\n", self.body.len());
        [head.into_bytes(), self.body].concat()
    }

    /// Leaves the body incomplete: the client sends nothing after these bytes.
    pub fn stalled(mut self) -> Self {
        self.stalls = true;
        self
    }

    /// Sends the request, checks what every response response_checks, and keeps the cookies.
    /// An event stream has no end, so it is closed unread.
    pub async fn send(self) -> Answer {
        let asked = format!("{} {}", self.method, self.path);
        self.try_send().await.unwrap_or_else(|| panic!("no answer to {asked}"))
    }

    /// As [`Self::send`], but returns `None` unless the whole response arrives, because the panel may die.
    pub async fn try_send(self) -> Option<Answer> {
        let (mut answer, body, browser) = self.try_open().await?;
        if answer.header("content-type") != Some(super::events::EVENT_STREAM) {
            answer.body = body.collect().await.ok()?.to_bytes();
            response_checks::check(&answer, &browser.app.origin());
        }
        Some(answer)
    }

    /// Sends the request and leaves the body unread.
    pub async fn open(self) -> (Answer, Body, &'a mut Browser) {
        let asked = format!("{} {}", self.method, self.path);
        self.try_open().await.unwrap_or_else(|| panic!("no answer to {asked}"))
    }

    async fn try_open(self) -> Option<(Answer, Body, &'a mut Browser)> {
        let mut request = Request::builder().method(self.method.as_str()).uri(&self.path);
        for (name, value) in &self.headers {
            // `from_bytes`, because some tests send values that are not ASCII.
            let name = HeaderName::try_from(name.as_str()).expect("a header name");
            request = request.header(name, HeaderValue::from_bytes(value.as_bytes()).expect("a header value"));
        }
        let body = match (self.stalls, self.body.is_empty()) {
            (true, _) => {
                let sent = once(async { Ok::<_, Infallible>(Bytes::from(self.body)) });
                Body::from_stream(sent.chain(pending()))
            }
            (false, true) => Body::empty(),
            (false, false) => Body::from(self.body),
        };
        let mut request = request.body(body).expect("a request");
        request.extensions_mut().insert(ConnectInfo(self.browser.peer));

        let (parts, body) = self.browser.app.answer(request).await?.into_parts();
        let answer = Answer {
            asked: format!("{} {}", self.method, self.path),
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: Bytes::new(),
        };
        response_checks::check(&answer, &self.browser.app.origin());
        self.browser.keep_cookies(&answer);
        Some((answer, body, self.browser))
    }
}

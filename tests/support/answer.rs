//! A response of the panel, with the assertions that tests make on it.

use axum::body::Bytes;
use axum::http::HeaderMap;
use serde_json::Value;

/// A response with its whole body.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The request's method and path, for messages.
    pub asked: String,
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// A parsed `Set-Cookie` header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetCookie {
    pub name: String,
    pub value: String,
    /// The attributes after the value, sorted, e.g. `["HttpOnly", "Max-Age=86400", "Path=/", …]`.
    pub attributes: Vec<String>,
}

impl SetCookie {
    fn parse(line: &str) -> SetCookie {
        let mut parts = line.split(';').map(str::trim);
        let (name, value) =
            parts.next().and_then(|pair| pair.split_once('=')).expect("a cookie has a name and a value");
        let mut attributes: Vec<String> = parts.map(str::to_owned).collect();
        attributes.sort();
        SetCookie { name: name.to_owned(), value: value.to_owned(), attributes }
    }

    pub fn has(&self, attribute: &str) -> bool {
        self.attributes.iter().any(|a| a == attribute)
    }

    pub fn max_age(&self) -> Option<i64> {
        self.attributes
            .iter()
            .find_map(|a| a.strip_prefix("Max-Age="))
            .map(|seconds| seconds.parse().expect("Max-Age is a number"))
    }

    /// Whether the header deletes the cookie.
    pub fn clears(&self) -> bool {
        self.value.is_empty() && self.max_age() == Some(0)
    }
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().expect("headers are ASCII"))
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("the body is UTF-8")
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{self} is no JSON: {e}"))
    }

    /// Every cookie the answer sets, in order.
    pub fn cookies(&self) -> Vec<SetCookie> {
        let lines = self.headers.get_all("set-cookie").iter();
        lines.map(|line| SetCookie::parse(line.to_str().expect("cookies are ASCII"))).collect()
    }

    pub fn cookie(&self, name: &str) -> Option<SetCookie> {
        self.cookies().into_iter().find(|cookie| cookie.name == name)
    }

    /// Whether this response deletes the cookie.
    pub fn clears(&self, name: &str) -> bool {
        self.cookie(name).is_some_and(|cookie| cookie.clears())
    }

    #[track_caller]
    pub fn expect(self, status: u16) -> Answer {
        assert_eq!(self.status, status, "{self}");
        self
    }

    /// Asserts a success, and returns its `data`.
    #[track_caller]
    pub fn data(&self) -> Value {
        assert_eq!(self.status, 200, "{self}");
        let json = self.json();
        assert_eq!(json["success"], true, "{self}");
        json["data"].clone()
    }

    /// Asserts an error response with this status and code, and returns its whole body.
    #[track_caller]
    pub fn refused(&self, status: u16, code: &str) -> Value {
        assert_eq!(self.status, status, "{self}");
        let json = self.json();
        assert_eq!(json["code"], code, "{self}");
        json
    }

    /// Asserts a 303 redirect, and returns its `Location`.
    #[track_caller]
    pub fn see_other(&self) -> &str {
        assert_eq!(self.status, 303, "{self}");
        self.header("location").expect("a redirect has a Location")
    }

    /// Everything in the response except its random parts (tokens, nonces and request ids).
    /// An attacker can't tell apart two responses with equal fingerprints.
    pub fn fingerprint(&self) -> String {
        let headers = self
            .headers
            .iter()
            .filter(|(name, _)| !["set-cookie", "content-security-policy", "x-request-id"].contains(&name.as_str()));
        let headers: Vec<String> = headers.map(|(name, value)| format!("{name}: {value:?}")).collect();
        let cookies: Vec<String> =
            self.cookies().iter().map(|c| format!("{} {:?} {}", c.name, c.attributes, c.clears())).collect();
        format!("{}\n{}\n{cookies:?}\n{}", self.status, headers.join("\n"), self.text())
    }
}

impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let body: String = String::from_utf8_lossy(&self.body).chars().take(600).collect();
        write!(f, "{} → {} {:?}\n{body}", self.asked, self.status, self.headers)
    }
}

//! Adds the cookies of layers to a response.

use axum::response::Response;
use http::header::SET_COOKIE;
use http::{HeaderMap, HeaderValue};

/// Adds cookies to a response, except those that the response already sets, which are newer.
/// Otherwise a sign-in with an expired cookie would clear the new session's cookie.
pub fn add_cookies(response: &mut Response, cookies: Vec<HeaderValue>) {
    for cookie in cookies {
        if !sets(response.headers(), &cookie) {
            response.headers_mut().append(SET_COOKIE, cookie);
        }
    }
}

/// Whether the headers already set a cookie of the same name.
fn sets(headers: &HeaderMap, cookie: &HeaderValue) -> bool {
    let name = |cookie: &HeaderValue| cookie.as_bytes().split(|b| *b == b'=').next().map(<[u8]>::to_vec);
    headers.get_all(SET_COOKIE).iter().any(|set| name(set) == name(cookie))
}

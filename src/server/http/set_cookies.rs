//! Cookies of layers, added to an answer on its way out.

use axum::response::Response;
use http::header::SET_COOKIE;
use http::{HeaderMap, HeaderValue};

/// Adds cookies to an answer, except those of a name that the answer sets itself:
/// its own are newer. A sign-in with a dead cookie must not be followed by its clearing.
pub fn add_cookies(response: &mut Response, cookies: Vec<HeaderValue>) {
    for cookie in cookies {
        if !sets(response.headers(), &cookie) {
            response.headers_mut().append(SET_COOKIE, cookie);
        }
    }
}

/// Whether headers set a cookie of the same name already.
fn sets(headers: &HeaderMap, cookie: &HeaderValue) -> bool {
    let name = |cookie: &HeaderValue| cookie.as_bytes().split(|b| *b == b'=').next().map(<[u8]>::to_vec);
    headers.get_all(SET_COOKIE).iter().any(|set| name(set) == name(cookie))
}

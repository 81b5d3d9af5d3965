//! The CSRF token of a request: checked on mutations, reissued on pages.

use http::{HeaderMap, HeaderValue};

use crate::model::code::Code;
use crate::model::form::{CSRF_FIELD, CSRF_HEADER};
use crate::server::cookie::{CookieValue, cookie_value};
use crate::server::csrf_token::{handle_of, mint, same};
use crate::server::error::Result;
use crate::server::request::RequestInfo;
use crate::server::state::Panel;

/// Checks that the token in the header or form field equals the cookie, that the server signed
/// it, and that it is bound to a handle that `fits`.
///
/// # Errors
/// `csrf_failed`.
pub fn check_token(panel: &Panel, info: &RequestInfo, headers: &HeaderMap, fits: impl Fn(&str) -> bool) -> Result<()> {
    let header = headers.get(CSRF_HEADER).and_then(|value| value.to_str().ok());
    let presented = header.or_else(|| info.form_field(CSRF_FIELD)).unwrap_or_default();
    let CookieValue::One(cookie) = cookie_value(headers, panel.cookies.csrf) else {
        return Err(Code::CsrfFailed.into());
    };
    let bound = same(presented, cookie).then(|| handle_of(&panel.keys, presented)).flatten();
    if bound.is_some_and(|handle| fits(&handle)) { Ok(()) } else { Err(Code::CsrfFailed.into()) }
}

/// Reissues a token that is valid for a handle, so that two sign-in tabs don't invalidate each
/// other's. Otherwise creates a token and adds its cookie.
pub fn token_for(panel: &Panel, headers: &HeaderMap, handle: &str, cookies: &mut Vec<HeaderValue>) -> String {
    if let CookieValue::One(token) = cookie_value(headers, panel.cookies.csrf)
        && handle_of(&panel.keys, token).is_some_and(|bound| bound == handle)
    {
        return token.to_owned();
    }
    let token = mint(&panel.keys, handle);
    cookies.push(panel.cookies.csrf_cookie(&token));
    token
}

/// The handle that the browser's token is bound to. Empty without a valid token.
pub fn bound_handle(panel: &Panel, headers: &HeaderMap) -> String {
    match cookie_value(headers, panel.cookies.csrf) {
        CookieValue::One(token) => handle_of(&panel.keys, token).unwrap_or_default(),
        CookieValue::Absent | CookieValue::Several => String::new(),
    }
}

//! Redirects that replace a page.

use axum::response::Response;
use http::header::SET_COOKIE;
use http::{HeaderMap, Method};

use super::redirect::see_other;
use super::render;
use crate::model::code::Code;
use crate::model::form::REDIRECT_FIELD;
use crate::model::redirect::{MAX_BYTES, SafePath};
use crate::server::cookie::{CookieValue, cookie_value};
use crate::server::csrf_token::mint;
use crate::server::query::{percent_encode, with_error};
use crate::server::request::RequestInfo;
use crate::server::state::Panel;

/// A response that replaces a page before authentication.
pub fn early_redirect(panel: &Panel, info: &RequestInfo, headers: &HeaderMap) -> Option<Response> {
    reload_for_cookie(panel, info, headers).or_else(|| needs_cookies(panel, info, headers))
}

/// Browsers send no `SameSite=Strict` cookie when a user follows a link from another site. They
/// do when the page reloads itself. So the page reloads once, and a signed-in user reaches the
/// page that was linked.
fn reload_for_cookie(panel: &Panel, info: &RequestInfo, headers: &HeaderMap) -> Option<Response> {
    let is = |name: &str, wanted: &str| headers.get(name).is_some_and(|value| value == wanted);
    let from_elsewhere =
        is("sec-fetch-site", "cross-site") && is("sec-fetch-dest", "document") && info.method == Method::GET;
    let without_cookie = || cookie_value(headers, panel.cookies.session) == CookieValue::Absent;
    (from_elsewhere && without_cookie()).then(|| render::bounce(info.lang()))
}

/// Finds out whether the browser stores cookies, after a form was refused for its token.
///
/// If the request has no cookie of ours, sets one and reloads the page once. If that cookie
/// does not come back either, the browser stores none, and the page says so. If it does come
/// back, the cookie was only missing before, as after a form on another site.
fn needs_cookies(panel: &Panel, info: &RequestInfo, headers: &HeaderMap) -> Option<Response> {
    if !info.is_navigation() {
        return None;
    }
    let error = Code::from_name(&info.query_field("error")?)?;
    let brings_none = || panel.cookies.all().iter().all(|name| cookie_value(headers, name) == CookieValue::Absent);
    let lead_to = |code| see_other(&with_error(info.path_and_query(), code));
    match error {
        Code::CsrfFailed if brings_none() => {
            let cookie = panel.cookies.csrf_cookie(&mint(&panel.keys, ""));
            let mut answer = lead_to(Code::CookiesRequired);
            answer.headers_mut().append(SET_COOKIE, cookie);
            Some(answer)
        }
        Code::CookiesRequired if !brings_none() => Some(lead_to(Code::CsrfFailed)),
        _ => None,
    }
}

/// Redirects to the sign-in page, which later leads back to the requested page.
pub fn to_login(info: &RequestInfo) -> Response {
    // A longer target would be ignored after sign-in, and proxies would refuse the header.
    match info.path_and_query().len() <= MAX_BYTES {
        true => see_other(&format!("/login?{REDIRECT_FIELD}={}", percent_encode(info.path_and_query()))),
        false => see_other("/login"),
    }
}

/// Redirects a signed-in user away from the sign-in page.
pub fn past_login(info: &RequestInfo) -> Response {
    let wanted = info.query_field(REDIRECT_FIELD);
    let target = wanted.and_then(|text| SafePath::parse(&text)).unwrap_or_else(SafePath::home);
    see_other(target.as_str())
}

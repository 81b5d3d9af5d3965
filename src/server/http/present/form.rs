//! The way on and the way back of a form that was posted without WASM.

use std::collections::BTreeMap;

use axum::response::Response;
use http::HeaderMap;
use http::header::{REFERER, SET_COOKIE};
use url::Url;

use crate::model::failure::{Code, Failure};
use crate::model::flash::Flash;
use crate::model::form::REDIRECT_FIELD;
use crate::model::hidden::Hidden;
use crate::model::redirect::SafePath;
use crate::server::access::CHOOSE;
use crate::server::flash::flash_cookie;
use crate::server::http::redirect::see_other;
use crate::server::http::sender::{Sender, sender};
use crate::server::query::{percent_encode, with_error};
use crate::server::request::RequestInfo;
use crate::server::state::Panel;

/// The longest ticket that goes back to a form, in bytes; ours are about 350.
const MAX_TICKET: usize = 1024;

/// A form post that worked: on to where it wanted, without what was typed.
pub fn done(panel: &Panel, info: &RequestInfo, response: &Response) -> Response {
    let wanted = info.form_field(REDIRECT_FIELD).and_then(SafePath::parse);
    let mut answer = see_other(wanted.unwrap_or_else(SafePath::home).as_str());
    let starts_session = response
        .headers()
        .get_all(SET_COOKIE)
        .iter()
        .any(|cookie| cookie.as_bytes().starts_with(panel.cookies.session.as_bytes()));
    // A form that has something to say on the next page says it itself.
    let says =
        response.headers().get_all(SET_COOKIE).iter().any(|c| c.as_bytes().starts_with(panel.cookies.flash.as_bytes()));
    if starts_session && !says {
        answer.headers_mut().append(SET_COOKIE, panel.cookies.flash_cookie("", 0));
    }
    answer
}

/// A form post that was refused: back to the page it came from, with the code
/// in the URL and what was typed in a sealed cookie.
pub fn back(panel: &Panel, info: &RequestInfo, headers: &HeaderMap, failure: Failure) -> Response {
    if is_from_elsewhere(panel, headers, failure.code) {
        return see_other(&with_error(bare_page(&info.path), failure.code));
    }
    let mut answer = see_other(&with_error(&came_from(panel, info, headers), failure.code));
    let flash = Flash {
        code: Some(failure.code),
        form: info.path.clone(),
        typed: typed(info),
        fields: failure.fields,
        remaining_attempts: failure.remaining_attempts,
        remaining_seconds: failure.remaining_seconds,
        ticket: failure.choice.map(|choice| choice.ticket).or_else(|| ticket(info)),
        ..Flash::default()
    };
    if let Some(cookie) = flash_cookie(panel, &flash) {
        answer.headers_mut().append(SET_COOKIE, cookie);
    }
    answer
}

/// Whether a refused form comes from another site, of which nothing is kept: no
/// field, no way on. A browser that says nothing of it is believed if its token
/// was right, or the page it names is ours.
fn is_from_elsewhere(panel: &Panel, headers: &HeaderMap, code: Code) -> bool {
    match sender(headers, &panel.config.origins) {
        Sender::Ours => false,
        Sender::Foreign => true,
        Sender::Unsaid => code == Code::CsrfFailed && referer(panel, headers).is_none(),
    }
}

/// What may be typed back into the form: short, and never a secret.
fn typed(info: &RequestInfo) -> BTreeMap<String, String> {
    let kept = ["email", "name", "rememberMe", "phone", "language", "theme"];
    let pairs = info.form.get().into_iter().flatten();
    pairs.filter(|(name, value)| kept.contains(&name.as_str()) && value.len() <= 300).cloned().collect()
}

/// The ticket of a choice that failed: what is left of its five minutes is good
/// for another try.
fn ticket(info: &RequestInfo) -> Option<Hidden> {
    let ticket = info.form_field("ticket").filter(|_| info.path == CHOOSE)?;
    (ticket.len() <= MAX_TICKET).then(|| ticket.to_owned().into())
}

/// The page a form was on: the `Referer`, if it is one of ours, else the page
/// that has this form. Never another site (CVE-2026-40295).
fn came_from(panel: &Panel, info: &RequestInfo, headers: &HeaderMap) -> String {
    let page = referer(panel, headers)
        .and_then(|url| SafePath::parse(&url[url::Position::BeforePath..url::Position::AfterQuery]));
    page.map_or_else(|| own_page(info), |page| page.as_str().to_owned())
}

/// The `Referer`, if it is a page of ours.
fn referer(panel: &Panel, headers: &HeaderMap) -> Option<Url> {
    let referer = headers.get(REFERER).and_then(|value| Url::parse(value.to_str().ok()?).ok());
    referer.filter(|url| panel.config.origins.contains(&url.origin().ascii_serialization()))
}

fn own_page(info: &RequestInfo) -> String {
    let with = |page: &str, field: &str| match info.form_field(field) {
        Some(value) => format!("{page}?{field}={}", percent_encode(value)),
        None => page.to_owned(),
    };
    let onward = info.form_field(REDIRECT_FIELD).and_then(SafePath::parse);
    match (bare_page(&info.path), onward) {
        // A form on every page says itself which that was.
        ("/", Some(path)) => path.as_str().to_owned(),
        ("/login", Some(path)) => format!("/login?{REDIRECT_FIELD}={}", percent_encode(path.as_str())),
        (page @ ("/setup" | "/activate"), _) => with(page, "token"),
        (page, _) => page.to_owned(),
    }
}

/// The page that has the form which posts to a path.
fn bare_page(action: &str) -> &'static str {
    match action {
        path if path.starts_with("/api/account/") => "/account",
        "/api/preferences" => "/",
        "/api/setup" => "/setup",
        "/api/activate" => "/activate",
        _ => "/login",
    }
}

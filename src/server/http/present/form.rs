//! The redirects of forms that were posted without WASM.

use std::collections::BTreeMap;

use axum::response::Response;
use http::HeaderMap;
use http::header::{REFERER, SET_COOKIE};
use url::Url;

use crate::model::code::Code;
use crate::model::failure::Failure;
use crate::model::flash::Flash;
use crate::model::form::REDIRECT_FIELD;
use crate::model::forms::{self, Address, Form};
use crate::model::hidden::Hidden;
use crate::model::redirect::SafePath;
use crate::server::flash::flash_cookie;
use crate::server::http::redirect::see_other;
use crate::server::http::sender::{Sender, sender};
use crate::server::query::{percent_encode, with_error};
use crate::server::request::RequestInfo;
use crate::server::state::Panel;

/// The maximum length of a sealed value that a form gets back, in bytes. A ticket has about
/// 350.
const MAX_SEALED: usize = 1024;

/// The maximum length of a field that a form gets back, in bytes.
const MAX_TYPED: usize = 300;

/// The page for a post whose form is unknown.
const HOME: &str = "/login";

/// The redirect after a successful post: to the target of its `redirect` field, without the
/// typed values.
pub fn after_success(panel: &Panel, info: &RequestInfo, response: &Response) -> Response {
    let wanted = info.form_field(REDIRECT_FIELD).and_then(SafePath::parse);
    let mut answer = see_other(wanted.unwrap_or_else(SafePath::home).as_str());
    let starts_session = response
        .headers()
        .get_all(SET_COOKIE)
        .iter()
        .any(|cookie| cookie.as_bytes().starts_with(panel.cookies.session.as_bytes()));
    // The handler may have set a flash message itself.
    let says =
        response.headers().get_all(SET_COOKIE).iter().any(|c| c.as_bytes().starts_with(panel.cookies.flash.as_bytes()));
    if starts_session && !says {
        answer.headers_mut().append(SET_COOKIE, panel.cookies.flash_cookie("", 0));
    }
    answer
}

/// The redirect after a refused post: back to its page, with the code in the URL and the typed
/// values in a sealed cookie.
pub fn after_refusal(panel: &Panel, info: &RequestInfo, headers: &HeaderMap, failure: Failure) -> Response {
    let form = forms::by_action(info.path());
    if is_from_elsewhere(panel, headers, failure.code) {
        return see_other(&with_error(form.map_or(HOME, |form| form.page), failure.code));
    }
    let mut answer = see_other(&with_error(&page_of(panel, form, info, headers), failure.code));
    let flash = Flash {
        count: failure.count(),
        says: (failure.code == Code::Conflict && failure.error != failure.code.text(info.lang()))
            .then(|| failure.error.clone()),
        code: Some(failure.code),
        form: info.path().to_owned(),
        typed: typed_values(form, info),
        fields: failure.fields,
        remaining_attempts: failure.remaining_attempts,
        remaining_seconds: failure.remaining_seconds,
        ticket: failure.choice.map(|choice| choice.ticket).or_else(|| sealed_value(form, info)),
        ..Flash::default()
    };
    if let Some(cookie) = flash_cookie(panel, &flash) {
        answer.headers_mut().append(SET_COOKIE, cookie);
    }
    answer
}

/// Whether a refused form came from another site. Nothing of such a form is kept, neither
/// fields nor redirects. If the browser sends no origin, a valid token or our page as `Referer`
/// is enough.
fn is_from_elsewhere(panel: &Panel, headers: &HeaderMap, code: Code) -> bool {
    match sender(headers, &panel.config.origins) {
        Sender::Ours => false,
        Sender::Foreign => true,
        Sender::Unknown => code == Code::CsrfFailed && referer(panel, headers).is_none(),
    }
}

/// The values to fill in again: short ones, and never secrets.
fn typed_values(form: Option<&Form>, info: &RequestInfo) -> BTreeMap<String, String> {
    let travels = form.map_or(&[][..], |form| form.typed);
    let pairs = info.form.get().into_iter().flatten();
    pairs.filter(|(name, value)| travels.contains(&name.as_str()) && value.len() <= MAX_TYPED).cloned().collect()
}

/// The sealed value of a form, for another attempt, e.g. a ticket in its five minutes.
fn sealed_value(form: Option<&Form>, info: &RequestInfo) -> Option<Hidden> {
    let sealed = info.form_field(form?.sealed?)?;
    (sealed.len() <= MAX_SEALED).then(|| sealed.to_owned().into())
}

/// The page that the form was on: the `Referer` if it is one of ours, else the form's own page.
/// Never another site (CVE-2026-40295).
fn page_of(panel: &Panel, form: Option<&Form>, info: &RequestInfo, headers: &HeaderMap) -> String {
    let page = referer(panel, headers)
        .and_then(|url| SafePath::parse(&url[url::Position::BeforePath..url::Position::AfterQuery]));
    page.map_or_else(|| own_page(form, info), |page| page.as_str().to_owned())
}

/// The `Referer`, if it is a page of ours.
fn referer(panel: &Panel, headers: &HeaderMap) -> Option<Url> {
    let referer = headers.get(REFERER).and_then(|value| Url::parse(value.to_str().ok()?).ok());
    referer.filter(|url| panel.config.origins.contains(&url.origin().ascii_serialization()))
}

/// The form's page, with the query that the page needs from the form's fields.
fn own_page(form: Option<&Form>, info: &RequestInfo) -> String {
    let Some(form) = form else { return HOME.to_owned() };
    let field = |name| info.form_field(name);
    let path = |name| field(name).and_then(SafePath::parse);
    match form.address {
        Address::Redirect => path(REDIRECT_FIELD).map_or_else(|| form.page.to_owned(), |page| page.as_str().to_owned()),
        Address::Query(REDIRECT_FIELD) => {
            with_query(form.page, REDIRECT_FIELD, path(REDIRECT_FIELD).as_ref().map(SafePath::as_str))
        }
        Address::Query(name) => with_query(form.page, name, field(name)),
        Address::Path => form.page.to_owned(),
    }
}

fn with_query(page: &str, name: &str, value: Option<&str>) -> String {
    match value {
        Some(value) => format!("{page}?{name}={}", percent_encode(value)),
        None => page.to_owned(),
    }
}

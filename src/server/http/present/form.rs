//! The way on and the way back of a form that was posted without WASM.

use std::collections::BTreeMap;

use axum::response::Response;
use http::HeaderMap;
use http::header::{REFERER, SET_COOKIE};
use url::Url;

use crate::model::failure::{Code, Failure};
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

/// The longest sealed value that goes back to a form, in bytes; a ticket has about 350.
const MAX_SEALED: usize = 1024;

/// The longest field that goes back to a form, in bytes.
const MAX_TYPED: usize = 300;

/// Where a post leads back to that is no form of ours.
const HOME: &str = "/login";

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
    let form = forms::by_action(&info.path);
    if is_from_elsewhere(panel, headers, failure.code) {
        return see_other(&with_error(form.map_or(HOME, |form| form.page), failure.code));
    }
    let mut answer = see_other(&with_error(&came_from(panel, form, info, headers), failure.code));
    let flash = Flash {
        code: Some(failure.code),
        form: info.path.clone(),
        typed: typed(form, info),
        fields: failure.fields,
        remaining_attempts: failure.remaining_attempts,
        remaining_seconds: failure.remaining_seconds,
        ticket: failure.choice.map(|choice| choice.ticket).or_else(|| sealed(form, info)),
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
fn typed(form: Option<&Form>, info: &RequestInfo) -> BTreeMap<String, String> {
    let travels = form.map_or(&[][..], |form| form.typed);
    let pairs = info.form.get().into_iter().flatten();
    pairs.filter(|(name, value)| travels.contains(&name.as_str()) && value.len() <= MAX_TYPED).cloned().collect()
}

/// The sealed value of a form, for another try: of a ticket's five minutes, what is left.
fn sealed(form: Option<&Form>, info: &RequestInfo) -> Option<Hidden> {
    let sealed = info.form_field(form?.sealed?)?;
    (sealed.len() <= MAX_SEALED).then(|| sealed.to_owned().into())
}

/// The page a form was on: the `Referer`, if it is one of ours, else the page
/// that has this form. Never another site (CVE-2026-40295).
fn came_from(panel: &Panel, form: Option<&Form>, info: &RequestInfo, headers: &HeaderMap) -> String {
    let page = referer(panel, headers)
        .and_then(|url| SafePath::parse(&url[url::Position::BeforePath..url::Position::AfterQuery]));
    page.map_or_else(|| own_page(form, info), |page| page.as_str().to_owned())
}

/// The `Referer`, if it is a page of ours.
fn referer(panel: &Panel, headers: &HeaderMap) -> Option<Url> {
    let referer = headers.get(REFERER).and_then(|value| Url::parse(value.to_str().ok()?).ok());
    referer.filter(|url| panel.config.origins.contains(&url.origin().ascii_serialization()))
}

/// The page that has the form, with what its address needs of the form's fields.
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

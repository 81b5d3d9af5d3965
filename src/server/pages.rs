//! Pages: what the rendered app is given, and the page that is none of the app's.

use axum::body::Body;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, REFRESH};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode};
use leptos::nonce::Nonce;
use leptos::prelude::{provide_context, use_context};
use leptos_axum::render_app_async_with_context;

use super::cookie::{Brought, find, open, seal};
use super::csrf;
use super::error::Result;
use super::identity::Identity;
use super::listing::Window;
use super::request::{Asked, Visit};
use super::state::{AppState, Panel};
use super::{policy, sessions, users};
use crate::app::shell;
use crate::model::account::AccountPage;
use crate::model::failure::Code;
use crate::model::form::form_pairs;
use crate::model::lang::Lang;
use crate::model::redirect::SafePath;
use crate::model::session::EndReason;
use crate::model::snapshot::{Flash, PageError, Snapshot, Who};
use crate::model::text::Text;

/// How long a form that came back remembers what was typed, in seconds.
pub const FLASH_SECONDS: i64 = 60;

/// Gives a page its snapshot, and the browser a CSRF token if it has no valid one.
pub fn prepare(request: &mut Request, asked: &Asked, error: Option<Code>, cookies: &mut Vec<HeaderValue>) {
    let handle = asked.identity.as_ref().map_or("", |identity| identity.session.handle.as_str());
    let csrf_token = token_for(&asked.panel, request.headers(), handle, cookies);
    let snapshot = snapshot(request, &asked.panel, &asked.visit, csrf_token, error);
    request.extensions_mut().insert(snapshot);
}

/// Fetches what the page about to be rendered shows, so that rendering waits for nothing.
///
/// # Errors
/// `unavailable`; the page then says so.
pub async fn load(asked: &Asked, headers: &HeaderMap) -> Result<()> {
    let visit = &asked.visit;
    match (visit.path.as_str(), &asked.identity) {
        ("/", Some(identity)) => {
            let _ = visit.overview.set(Box::new(sessions::overview(asked, identity).await?));
        }
        ("/account", Some(identity)) => {
            let _ = visit.password_min_length.set(identity.session.policy.password_min_length);
            let _ = visit.account.set(Box::new(account(asked, identity).await?));
        }
        ("/login", None) => load_choice(asked, headers).await?,
        ("/setup" | "/activate", _) => {
            let policy = policy::read(&asked.panel.db).await?.policy;
            let _ = visit.password_min_length.set(policy.password_min_length);
        }
        _ => {}
    }
    Ok(())
}

/// How many sessions of either kind `/account` shows at a time.
const SESSIONS_SHOWN: u32 = 100;

/// What `/account` shows; `ended=` in its query goes on in the list of ended sessions.
async fn account(asked: &Asked, identity: &Identity) -> Result<AccountPage> {
    let window = |cursor| Window { limit: SESSIONS_SHOWN, cursor };
    let query = asked.visit.path_and_query.split_once('?').map(|(_, query)| query);
    let from = query_field(query, "ended").unwrap_or_else(sessions::before_the_ended);
    let live = sessions::own(asked, identity, false, &window(None)).await?;
    let ended = match sessions::own(asked, identity, true, &window(Some(from))).await {
        // A page is shown whatever its query says: from the beginning then.
        Err(failure) if failure.code == Code::InvalidRequest => {
            sessions::own(asked, identity, true, &window(Some(sessions::before_the_ended()))).await?
        }
        answer => answer?,
    };
    Ok(AccountPage {
        live: live.items,
        more_live: live.next_cursor.is_some(),
        ended: ended.items.into_iter().filter(|item| item.ended_at.is_some()).collect(),
        ended_cursor: ended.next_cursor,
        retention_days: identity.session.policy.retention_days,
        sign_ins: users::sign_ins(asked, &identity.session.user.id).await?,
    })
}

/// At the session limit, a form without WASM comes back with a ticket in its
/// flash: then there are sessions to choose from.
async fn load_choice(asked: &Asked, headers: &HeaderMap) -> Result<()> {
    let (panel, visit) = (&asked.panel, &asked.visit);
    let error = query_field(visit.path_and_query.split_once('?').map(|(_, query)| query), "error");
    let Some(flash) = flash(headers, panel).filter(|flash| flash.code.map(Code::name) == error) else {
        return Ok(());
    };
    if let Some(ticket) = flash.ticket
        && let Some(choice) = sessions::choice(panel, &ticket, visit.now).await?
    {
        let _ = visit.choice.set(Box::new(choice));
    }
    Ok(())
}

/// Re-issues a token that is still valid for a handle (two login tabs don't
/// break each other), mints one otherwise and sets its cookie.
pub fn token_for(panel: &Panel, headers: &HeaderMap, handle: &str, cookies: &mut Vec<HeaderValue>) -> String {
    if let Brought::One(token) = find(headers, panel.cookies.csrf)
        && csrf::handle_of(&panel.keys, token).is_some_and(|bound| bound == handle)
    {
        return token.to_owned();
    }
    let token = csrf::mint(&panel.keys, handle);
    cookies.push(panel.cookies.csrf_cookie(&token));
    token
}

fn snapshot(request: &Request, panel: &Panel, visit: &Visit, csrf_token: String, error: Option<Code>) -> Snapshot {
    Snapshot {
        lang: visit.lang(),
        theme: visit.theme(),
        stored: visit.stored.get().copied().unwrap_or_default(),
        here: here(visit),
        who: visit.who.get().cloned().unwrap_or(Who::Unknown),
        csrf_token,
        overview: visit.overview.get().cloned(),
        account: visit.account.get().cloned(),
        password_min_length: visit.password_min_length.get().copied().unwrap_or_default(),
        page_error: error.map(|code| PageError { code, request_id: visit.request_id.clone() }),
        choice: visit.choice.get().cloned(),
        // The choice has its ticket already.
        flash: flash(request.headers(), panel).map(|flash| Flash { ticket: None, ..flash }),
    }
}

/// Where a form on every page leads back to: the page itself, without a
/// `redirect` that would not be followed.
fn here(visit: &Visit) -> String {
    let (path, query) = visit.path_and_query.split_once('?').unwrap_or((&visit.path_and_query, ""));
    let followed = query_field(Some(query), "redirect").is_some_and(|to| SafePath::parse(&to).is_some());
    if query.contains("redirect") && !followed { path.to_owned() } else { visit.path_and_query.clone() }
}

/// What a form post that came back left behind.
fn flash(headers: &HeaderMap, panel: &Panel) -> Option<Flash> {
    let Brought::One(sealed) = find(headers, panel.cookies.flash) else { return None };
    let keys = panel.keys.all().iter().map(|keys| &keys.flash);
    open::<Flash>(panel.cookies.flash, keys, sealed).map(|(flash, _)| flash)
}

/// The cookie that makes the sign-in page say "your account is ready", with the
/// email filled in.
pub fn ready_cookie(panel: &Panel, email: &str) -> Option<HeaderValue> {
    let typed = [("email".to_owned(), email.to_owned())].into();
    flash_cookie(panel, &Flash { ready: true, typed, ..Flash::default() })
}

/// The cookie that makes the sign-in page say why a session is over, where its
/// owner did not end it here.
pub fn ended_cookie(panel: &Panel, reason: Option<EndReason>) -> Option<HeaderValue> {
    let ended = reason.filter(|reason| ![EndReason::Logout, EndReason::Replaced].contains(reason))?;
    flash_cookie(panel, &Flash { ended: Some(ended), ..Flash::default() })
}

fn flash_cookie(panel: &Panel, flash: &Flash) -> Option<HeaderValue> {
    let sealed = seal(panel.cookies.flash, &panel.keys.newest().flash, flash).ok()?;
    Some(panel.cookies.flash_cookie(&sealed, FLASH_SECONDS))
}

/// The cookie that makes a page say how many sessions the form before it has ended.
pub fn count_cookie(panel: &Panel, ended: usize) -> Option<HeaderValue> {
    flash_cookie(panel, &Flash { ended_count: Some(ended), ..Flash::default() })
}

/// Renders an error in the place of a page, in the same shell, with the status of its code.
pub async fn render_error(
    panel: &AppState,
    visit: &Visit,
    headers: HeaderMap,
    nonce: Option<Nonce>,
    code: Code,
) -> Response {
    let mut request = Request::new(Body::empty());
    *request.uri_mut() = visit.path_and_query.parse().unwrap_or_default();
    *request.headers_mut() = headers;
    let mut cookies = Vec::new();
    let handle = match find(request.headers(), panel.cookies.csrf) {
        // A sign-out from an error page uses the token the browser has.
        Brought::One(token) => csrf::handle_of(&panel.keys, token).unwrap_or_default(),
        _ => String::new(),
    };
    let csrf_token = token_for(panel, request.headers(), &handle, &mut cookies);
    let snapshot = snapshot(&request, panel, visit, csrf_token, Some(code));
    request.extensions_mut().insert(snapshot);
    if let Some(nonce) = nonce {
        request.extensions_mut().insert(nonce);
    }
    let mut response = render(panel.clone(), request).await;
    *response.status_mut() = StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for cookie in cookies {
        response.headers_mut().append(http::header::SET_COOKIE, cookie);
    }
    response
}

/// Renders the app for a request.
async fn render(panel: AppState, request: Request) -> Response {
    let options = panel.config.leptos.clone();
    render_app_async_with_context(provide_request, move || shell(options.clone()))(request).await
}

/// Hands what the layers found to the app being rendered.
pub fn provide_request() {
    let Some(parts) = use_context::<Parts>() else { return };
    if let Some(nonce) = parts.extensions.get::<Nonce>() {
        provide_context(nonce.clone());
    }
    if let Some(snapshot) = parts.extensions.get::<Snapshot>() {
        provide_context(snapshot.clone());
    }
}

/// The page that reloads itself, so that the Strict cookie comes along. No script.
pub fn bounce(lang: Lang) -> Response {
    let html = format!(
        "<!DOCTYPE html><html lang=\"{}\"><meta charset=\"utf-8\"><meta name=\"robots\" content=\"noindex\"><link rel=\"icon\" href=\"data:,\"><title>{}</title>",
        lang.tag(),
        Text::BounceTitle.to(lang),
    );
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (REFRESH, HeaderValue::from_static("0")),
    ];
    (headers, html).into_response()
}

/// Percent-encodes everything but the unreserved characters of RFC 3986, section 2.3.
pub fn percent_encode(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len() * 2), |mut out, byte| {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
        out
    })
}

/// A field of a query string, decoded; `None` if it is absent or given twice.
pub fn query_field(query: Option<&str>, name: &str) -> Option<String> {
    let mut values = form_pairs(query?.as_bytes()).ok()?.into_iter().filter(|(n, _)| n == name);
    let (_, value) = values.next()?;
    values.next().is_none().then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_survive_the_login_page() {
        let encoded = percent_encode("/a?b=c d&e=ş");
        assert_eq!(encoded, "%2Fa%3Fb%3Dc%20d%26e%3D%C5%9F");
        assert_eq!(query_field(Some(&format!("redirect={encoded}")), "redirect").unwrap(), "/a?b=c d&e=ş");
        assert_eq!(query_field(Some("redirect=/a&redirect=/b"), "redirect"), None);
        assert_eq!(query_field(Some("x=%zz&redirect=/a"), "redirect"), None);
        assert_eq!(query_field(None, "redirect"), None);
    }
}

//! Pages: what the rendered app is given.
//!
//! | file | what is in it |
//! |---|---|
//! | here | what a page shows, fetched before it is rendered |
//! | [`flash`] | what the next page says once |
//! | [`render`] | errors in the place of a page; the pages that are none of the app's |
//! | [`query`] | queries of pages |

mod flash;
mod query;
mod render;

pub use flash::{count_cookie, ended_cookie, flash_cookie, ready_cookie};
pub use query::{percent_encode, with_error};
pub use render::{bounce, elsewhere, provide_request, render_error};

use axum::extract::Request;
use http::{HeaderMap, HeaderValue};

use self::flash::flash;
use super::cookie::{Brought, find};
use super::csrf;
use super::error::Result;
use super::identity::Identity;
use super::links::{self, Kind};
use super::listing::Window;
use super::request::{Asked, Visit};
use super::state::Panel;
use super::{policy, sessions, users};
use crate::model::account::AccountPage;
use crate::model::failure::Code;
use crate::model::form::{REDIRECT_FIELD, query_field};
use crate::model::redirect::SafePath;
use crate::model::snapshot::{Flash, PageError, Snapshot, Who};

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
        ("/setup", _) => load_link(asked, Kind::Setup).await?,
        ("/activate", _) => load_link(asked, Kind::Activation).await?,
        _ => {}
    }
    Ok(())
}

/// How many sessions of either kind `/account` shows at a time.
const SESSIONS_SHOWN: u32 = 100;

/// What `/account` shows; `ended=` in its query goes on in the list of ended sessions.
async fn account(asked: &Asked, identity: &Identity) -> Result<AccountPage> {
    let window = |cursor| Window { limit: SESSIONS_SHOWN, cursor };
    let from = asked_for(&asked.visit, "ended").unwrap_or_else(sessions::before_the_ended);
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
    let error = asked_for(visit, "error");
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

/// Who opens a dead link hears it before filling in a form.
async fn load_link(asked: &Asked, kind: Kind) -> Result<()> {
    let visit = &asked.visit;
    let token = asked_for(visit, "token").unwrap_or_default();
    if let Some(link) = links::open(asked, kind, &token).await? {
        let _ = visit.link.set(link);
    }
    let policy = policy::read(&asked.panel.db).await?.policy;
    let _ = visit.password_min_length.set(policy.password_min_length);
    Ok(())
}

/// A field of the page's query.
fn asked_for(visit: &Visit, name: &str) -> Option<String> {
    query_field(visit.path_and_query.split_once('?')?.1, name)
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
        link: visit.link.get().cloned(),
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
    let followed = query_field(query, REDIRECT_FIELD).is_some_and(|to| SafePath::parse(&to).is_some());
    if query.contains("redirect") && !followed { path.to_owned() } else { visit.path_and_query.clone() }
}

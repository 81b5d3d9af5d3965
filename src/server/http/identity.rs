//! Authentication and authorization, once per request. Access is denied by default.
//!
//! One query checks the session cookie against its row. Then come the CSRF token and the
//! route's permission. All code behind this layer uses [`RequestContext`] and never the cookie.

use std::sync::Arc;

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue};

use super::csrf::check_token;
use super::navigation::to_login;
use super::redirect::see_other;
use super::refused;
use super::upload;
use crate::model::code::Code;
use crate::model::forms::LOGOUT;
use crate::model::seed::Who;
use crate::server::access::{Kind, Needs};
use crate::server::context::RequestContext;
use crate::server::error::{Error, Result, internal};
use crate::server::flash::ended_cookie;
use crate::server::request::RequestInfo;
use crate::server::sessions::cookie::session_cookie;
use crate::server::sessions::cookie_check::{CookieCheck, check_cookie};
use crate::server::sessions::end::unauthenticated;
use crate::server::sessions::identity::Identity;
use crate::server::sessions::pending::add_pending;
use crate::server::sessions::{mutations, rotate};
use crate::server::state::{AppState, Panel};
use crate::server::users::of_session;

/// Finds out who sends a request, and whether they may. Adds cookies for the browser.
///
/// Rare branches are boxed here and in [`check_cookie`]. Otherwise every request's future would
/// contain them.
///
/// # Errors
/// `unauthenticated`, `csrf_failed`, `forbidden`, `password_required`, `too_many_requests`, `unavailable`.
pub async fn authenticate(
    panel: &AppState,
    info: &Arc<RequestInfo>,
    request: &mut Request,
    cookies: &mut Vec<HeaderValue>,
) -> Result<RequestContext> {
    let checked = check_cookie(panel, info, request.headers()).await;
    if info.kind() == Kind::Upload {
        Box::pin(upload::find_token(request)).await?;
    }
    admit(panel, info, checked, request.headers(), cookies).await
}

/// The response to a request that was refused: people who are not signed in may sign in.
pub fn refuse(panel: &Panel, info: &RequestInfo, error: Error, cookies: &mut Vec<HeaderValue>) -> Response {
    if error.code == Code::Unauthenticated && info.is_navigation() {
        cookies.extend(ended_cookie(panel, error.reason()));
        return to_login(info);
    }
    if error.code == Code::PasswordRequired && info.is_navigation() {
        return see_other("/new-password");
    }
    error.into_response()
}

/// Decides whether a request may proceed, and as which user.
async fn admit(
    panel: &AppState,
    info: &Arc<RequestInfo>,
    checked: CookieCheck,
    headers: &HeaderMap,
    cookies: &mut Vec<HeaderValue>,
) -> Result<RequestContext> {
    let kind = info.kind();
    let logout = info.path() == LOGOUT.action;
    let mut refusal = None;
    let identity = match checked {
        CookieCheck::Unavailable { ids, error } => {
            let _ = info.who.set(Who::Unknown);
            if logout {
                check_token(panel, info, headers, |_| true)?;
                add_pending(panel, ids, info.now);
            }
            return Err(error);
        }
        CookieCheck::Invalid { reason, handle, clear } => {
            let _ = info.who.set(Who::Nobody);
            if clear {
                cookies.push(panel.cookies.session_cookie("", 0));
            }
            // Signing out must work even if the token became invalid with its session.
            if kind.changes() && !logout {
                check_token(panel, info, headers, |bound| bound.is_empty() || Some(bound) == handle.as_deref())?;
            }
            refusal = Some(unauthenticated(reason));
            None
        }
        CookieCheck::Live { identity: mut live, mut cookie } => {
            let _ = info.stored.set(live.session.preferences);
            if kind.changes() {
                check_token(panel, info, headers, |bound| bound == live.session.handle)?;
                if !logout {
                    Box::pin(mutations::count(&panel.db, &live.session.handle, info.now)).await?;
                }
            }
            if is_activity(info, kind) {
                let live = Arc::get_mut(&mut live).ok_or_else(|| internal("the identity is in use already"))?;
                Box::pin(record_activity(panel, info, live, &mut cookie)).await?;
            }
            cookies.extend(cookie);
            // Only pages show the user. Session checks are too frequent to compute this for
            // each.
            if info.is_navigation() || kind.is_page() {
                let _ = info.who.set(Who::SignedIn {
                    user: Box::new(Box::pin(of_session(&panel.db, &live.session.user.id)).await?.shown()?),
                    session: live.session.status(info.now).owned(),
                    remembered: live.session.times.remembered,
                });
            }
            Some(live)
        }
    };
    let context = RequestContext { panel: panel.clone(), info: info.clone(), identity, response_options: None };
    let allowed = match info.found.needs() {
        Needs::Nothing => Ok(()),
        Needs::Session => context.require_user().map(|_| ()),
        Needs::Permission(permission) => context.require_permission(permission).map(|_| ()),
    };
    let must_choose = context.identity.as_ref().is_some_and(|identity| identity.session.user.password_required);
    if must_choose && info.found.waits_for_new_password() {
        return Err(Error::from(Code::PasswordRequired));
    }
    match (allowed, refusal) {
        // The error of the session check is more specific than "not signed in".
        (Err(_), Some(refusal)) => Err(refusal),
        (Err(error), None) => {
            refused::record(&context, &error);
            Err(error)
        }
        (Ok(()), _) => Ok(context),
    }
}

/// Whether a request counts as user activity: a mutation, or opening a page.
fn is_activity(info: &RequestInfo, kind: Kind) -> bool {
    let opens_page = kind.is_page() && info.is_navigation() && !info.prefetch;
    opens_page || (kind.changes() && info.path() != LOGOUT.action)
}

/// Records the activity, and rotates the session's id when it is due. Returns the new cookie.
async fn record_activity(
    panel: &Panel,
    info: &RequestInfo,
    live: &mut Identity,
    cookie: &mut Option<HeaderValue>,
) -> Result<()> {
    live.session.touch(panel, info.now).await?;
    if live.id_is_current && rotate::is_due(&live.session, info.now) {
        let next = rotate::rotate(panel, &live.session.handle, &live.claim, info.now).await?;
        *cookie = next.map(|next| session_cookie(panel, &next, &live.session, info.now)).transpose()?;
    }
    Ok(())
}

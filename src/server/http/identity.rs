//! Who is asking: decided here, once per request, closed by default.
//!
//! Cookie → one query → the row decides. Then the CSRF token, then what the
//! route needs. Everything behind asks [`RequestContext`] and never the cookie.

use std::sync::Arc;

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue};

use super::csrf::check_token;
use super::navigation::{detour, to_login};
use super::set_cookies::add_cookies;
use super::upload;
use crate::model::failure::Code;
use crate::model::forms::LOGOUT;
use crate::model::seed::Who;
use crate::server::access::{Found, Kind, Needs};
use crate::server::context::RequestContext;
use crate::server::error::{Error, Result};
use crate::server::flash::ended_cookie;
use crate::server::request::RequestInfo;
use crate::server::sessions::claim::{Claimed, claim};
use crate::server::sessions::cookie::session_cookie;
use crate::server::sessions::end::unauthenticated;
use crate::server::sessions::identity::Identity;
use crate::server::sessions::kept::keep_for_later;
use crate::server::sessions::{mutations, rotate};
use crate::server::state::{AppState, Panel};

/// The layer over every route, the fallback included.
///
/// What few requests do is boxed here and in [`claim`], or every request would
/// make room for it and copy that about.
pub async fn identity(panel: &AppState, mut request: Request, next: impl AsyncFnOnce(Request) -> Response) -> Response {
    let (Some(info), Some(found)) =
        (request.extensions().get::<Arc<RequestInfo>>().cloned(), request.extensions().get::<Found>().copied())
    else {
        return Error::from(Code::Internal).into_response();
    };
    let kind = found.kind(&info.method);
    if matches!(kind, Kind::Asset | Kind::Probe) {
        return next(request).await;
    }
    if let Some(answer) = detour(panel, &info, request.headers()) {
        return answer;
    }
    let claimed = claim(panel, &info, request.headers()).await;
    let token = match kind {
        Kind::Upload => Box::pin(upload::find_token(&mut request)).await,
        _ => Ok(()),
    };
    let mut cookies = Vec::new();
    let admitted = match token {
        Ok(()) => admit(panel, &info, &found, claimed, request.headers(), &mut cookies).await,
        Err(error) => Err(error),
    };
    let mut response = match admitted {
        Ok(context) => {
            request.extensions_mut().insert(context);
            next(request).await
        }
        Err(error) if error.code == Code::Unauthenticated && info.is_navigation() => {
            cookies.extend(ended_cookie(panel, error.reason()));
            to_login(&info)
        }
        Err(error) => error.into_response(),
    };
    add_cookies(&mut response, cookies);
    response
}

/// Decides whether a request may go on, and as whom.
async fn admit(
    panel: &AppState,
    info: &Arc<RequestInfo>,
    found: &Found,
    claimed: Claimed,
    headers: &HeaderMap,
    cookies: &mut Vec<HeaderValue>,
) -> Result<RequestContext> {
    let kind = found.kind(&info.method);
    let logout = info.path == LOGOUT.action;
    let mut refusal = None;
    let identity = match claimed {
        Claimed::Unknown { ids, error } => {
            let _ = info.who.set(Who::Unknown);
            if logout {
                check_token(panel, info, headers, |_| true)?;
                keep_for_later(panel, ids, info.now);
            }
            return Err(error);
        }
        Claimed::Nobody { reason, handle, clear } => {
            let _ = info.who.set(Who::Nobody);
            if clear {
                cookies.push(panel.cookies.session_cookie("", 0));
            }
            // Clearing a browser must not fail on a token that died with its session.
            if kind.changes() && !logout {
                check_token(panel, info, headers, |bound| bound.is_empty() || Some(bound) == handle.as_deref())?;
            }
            refusal = Some(unauthenticated(reason));
            None
        }
        Claimed::Live { identity: mut live, mut cookie } => {
            let _ = info.stored.set(live.session.preferences);
            if kind.changes() {
                check_token(panel, info, headers, |bound| bound == live.session.handle)?;
                if !logout {
                    Box::pin(mutations::count(&panel.db, &live.session.handle, info.now)).await?;
                }
            }
            if is_activity(info, kind) {
                Box::pin(note_activity(panel, info, &mut live, &mut cookie)).await?;
            }
            cookies.extend(cookie);
            // Only pages show who it is; a session check is asked too often to write it out.
            if info.is_navigation() || kind.is_page() {
                let _ = info.who.set(Who::SignedIn {
                    user: Box::new(live.session.user.clone().shown()?),
                    session: live.session.status(info.now),
                    remembered: live.session.times.remembered,
                });
            }
            Some(Arc::from(live))
        }
    };
    let context = RequestContext { panel: panel.clone(), info: info.clone(), identity, answer: None };
    let allowed = match found.needs() {
        Needs::Nothing => Ok(()),
        Needs::Session => context.require_user().map(|_| ()),
        Needs::Permission(permission) => context.require_permission(permission).map(|_| ()),
    };
    match (allowed, refusal) {
        // A refusal of the session says more than that there is none.
        (Err(_), Some(refusal)) => Err(refusal),
        (Err(error), None) => Err(error),
        (Ok(()), _) => Ok(context),
    }
}

/// Whether a request shows that somebody is there: a mutation, or opening a page.
fn is_activity(info: &RequestInfo, kind: Kind) -> bool {
    let opens_page = kind.is_page() && info.is_navigation() && !info.prefetch;
    opens_page || (kind.changes() && info.path != LOGOUT.action)
}

/// Writes that somebody is there, and changes an id that has served long enough:
/// then the browser gets the new one.
async fn note_activity(
    panel: &Panel,
    info: &RequestInfo,
    live: &mut Identity,
    cookie: &mut Option<HeaderValue>,
) -> Result<()> {
    live.session.touch(&panel.db, info.now).await?;
    if live.in_force && rotate::is_due(&live.session, info.now) {
        let next = rotate::rotate(panel, &live.session.handle, &live.claim, info.now).await?;
        *cookie = next.map(|next| session_cookie(panel, &next, &live.session, info.now)).transpose()?;
    }
    Ok(())
}

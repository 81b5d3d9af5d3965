//! Who is asking: decided here, once per request, closed by default.
//!
//! Cookie → one query → the row decides. Then the CSRF token, then what the
//! route needs. Everything behind asks [`Asked`] and never the cookie.

mod claim;

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{LOCATION, SET_COOKIE};
use http::{HeaderMap, HeaderValue, StatusCode};

pub use claim::session_cookie;
use claim::{Claimed, claim};

use super::access::{Found, Kind, LOGOUT, Needs};
use super::cookie::{Brought, SessionClaim, find};
use super::csrf;
use super::error::Result;
use super::pages;
use super::request::{Asked, Visit};
use super::sessions::check::Session;
use super::sessions::end::unauthenticated;
use super::sessions::kept::keep_for_later;
use super::sessions::mutations;
use super::sessions::rotate;
use super::state::{AppState, Panel};
use super::upload;
use crate::model::failure::{Code, Failure};
use crate::model::form::{CSRF_FIELD, CSRF_HEADER, REDIRECT_FIELD, query_field};
use crate::model::redirect::{MAX_BYTES, SafePath};
use crate::model::snapshot::Who;

/// Somebody who is signed in, with the session that says so.
pub struct Identity {
    pub session: Session,
    /// What the browser came with.
    pub claim: SessionClaim,
    /// Whether that is the id in force, and not the one before in its grace.
    pub in_force: bool,
}

/// The layer over every route, the fallback included.
///
/// What few requests do is boxed here and in [`claim`], or every request would
/// make room for it and copy that about.
pub async fn identity(State(panel): State<AppState>, mut request: Request, next: Next) -> Response {
    let (Some(visit), Some(found)) =
        (request.extensions().get::<Arc<Visit>>().cloned(), request.extensions().get::<Found>().copied())
    else {
        return Failure::new(Code::Internal).into_response();
    };
    let kind = found.kind(&visit.method);
    if matches!(kind, Kind::Asset | Kind::Probe) {
        return next.run(request).await;
    }
    if let Some(answer) = bounce(&visit, request.headers(), &panel) {
        return answer;
    }
    if let Some(answer) = needs_cookies(&visit, request.headers(), &panel) {
        return answer;
    }
    let claimed = claim(&panel, &visit, request.headers()).await;
    let mut cookies = Vec::new();
    let token = match kind {
        Kind::Upload => Box::pin(upload::find_token(&mut request)).await,
        _ => Ok(()),
    };
    let mut admitted = match token {
        Ok(()) => admit(&panel, &visit, &found, claimed, request.headers(), &mut cookies).await,
        Err(failure) => Err(failure),
    };
    if let Ok(asked) = &admitted
        && kind == Kind::Upload
        && let Err(failure) = Box::pin(upload::receive(asked, &mut request)).await
    {
        admitted = Err(failure);
    }
    if let Ok(asked) = &admitted
        && kind == Kind::Page
        && let Err(failure) = Box::pin(pages::load(asked, request.headers())).await
    {
        admitted = Err(failure);
    }
    let mut response = match admitted {
        Ok(asked) if visit.path == "/login" && visit.is_navigation() && asked.identity.is_some() => {
            already_signed_in(&request)
        }
        Ok(asked) => {
            if kind == Kind::Page {
                pages::prepare(&mut request, &asked, None, &mut cookies);
            }
            request.extensions_mut().insert(asked);
            next.run(request).await
        }
        Err(failure) if failure.code == Code::Unauthenticated && visit.is_navigation() => {
            cookies.extend(pages::ended_cookie(&panel, failure.reason));
            to_login(&visit)
        }
        Err(failure) => failure.into_response(),
    };
    for cookie in cookies {
        // What the answer itself sets is newer: a sign-in with a dead cookie
        // must not be followed by its clearing.
        if !sets(response.headers(), &cookie) {
            response.headers_mut().append(SET_COOKIE, cookie);
        }
    }
    response
}

/// Whether headers set a cookie of the same name already.
fn sets(headers: &HeaderMap, cookie: &HeaderValue) -> bool {
    let name = |cookie: &HeaderValue| cookie.as_bytes().split(|b| *b == b'=').next().map(<[u8]>::to_vec);
    headers.get_all(SET_COOKIE).iter().any(|set| name(set) == name(cookie))
}

/// Decides whether a request may go on, and as whom.
async fn admit(
    panel: &AppState,
    visit: &Arc<Visit>,
    found: &Found,
    claimed: Claimed,
    headers: &HeaderMap,
    cookies: &mut Vec<HeaderValue>,
) -> Result<Asked> {
    let mutation = found.kind(&visit.method).changes();
    let logout = visit.path == LOGOUT;
    let mut refusal = None;
    let mut identity = None;
    match claimed {
        Claimed::Unknown { ids, failure } => {
            let _ = visit.who.set(Who::Unknown);
            if logout {
                check_token(panel, visit, headers, |_| true)?;
                keep_for_later(panel, ids, visit.now);
            }
            return Err(failure);
        }
        Claimed::Nobody { reason, handle, clear } => {
            let _ = visit.who.set(Who::Nobody);
            if clear {
                cookies.push(panel.cookies.session_cookie("", 0));
            }
            // Clearing a browser must not fail on a token that died with its session.
            if mutation && !logout {
                check_token(panel, visit, headers, |bound| bound.is_empty() || Some(bound) == handle.as_deref())?;
            }
            refusal = Some(unauthenticated(reason));
        }
        Claimed::Live { identity: mut live, mut cookie } => {
            let _ = visit.stored.set(live.session.preferences);
            if mutation {
                check_token(panel, visit, headers, |bound| bound == live.session.handle)?;
                if !logout {
                    Box::pin(mutations::count(&panel.db, &live.session.handle, visit.now, visit.lang())).await?;
                }
            }
            if (mutation && !logout)
                || (found.kind(&visit.method) == Kind::Page && visit.is_navigation() && !visit.prefetch)
            {
                Box::pin(live.session.touch(&panel.db, visit.now)).await?;
                if live.in_force && rotate::is_due(&live.session, visit.now) {
                    let next = Box::pin(rotate::rotate(panel, &live.session.handle, &live.claim, visit.now)).await?;
                    cookie = next.and_then(|next| session_cookie(panel, &next, &live.session, visit.now));
                }
            }
            cookies.extend(cookie);
            // Only pages show who it is; a session check is asked too often to write it out.
            if visit.is_navigation() {
                let _ = visit.who.set(Who::SignedIn {
                    user: Box::new(live.session.user.clone().shown()?),
                    session: live.session.status(visit.now),
                    remembered: live.session.times.remembered,
                });
            }
            identity = Some(Arc::from(live));
        }
    }
    let asked = Asked { panel: panel.clone(), visit: visit.clone(), identity, answer: None };
    let allowed = match found.needs() {
        Needs::Nothing => Ok(()),
        Needs::Session => asked.require_user().map(|_| ()),
        Needs::Permission(permission) => asked.require_permission(permission).map(|_| ()),
    };
    match (allowed, refusal) {
        // A refusal of the session says more than that there is none.
        (Err(_), Some(refusal)) => Err(refusal),
        (Err(failure), None) => Err(failure),
        (Ok(()), _) => Ok(asked),
    }
}

/// The second CSRF layer: header or form field equal to the cookie, signed by
/// us, and bound to a handle that fits.
fn check_token(panel: &Panel, visit: &Visit, headers: &HeaderMap, fits: impl Fn(&str) -> bool) -> Result<()> {
    let header = headers.get(CSRF_HEADER).and_then(|value| value.to_str().ok());
    let presented = header.or_else(|| visit.form_field(CSRF_FIELD)).unwrap_or_default();
    let Brought::One(cookie) = find(headers, panel.cookies.csrf) else {
        return Err(Code::CsrfFailed.into());
    };
    let bound = csrf::same(presented, cookie).then(|| csrf::handle_of(&panel.keys, presented)).flatten();
    if bound.is_some_and(|handle| fits(&handle)) { Ok(()) } else { Err(Code::CsrfFailed.into()) }
}

/// A link from another site brings no Strict cookie along. A page that reloads
/// itself does, so that somebody who is signed in lands where the link pointed.
fn bounce(visit: &Visit, headers: &HeaderMap, panel: &Panel) -> Option<Response> {
    let is = |name: &str, wanted: &str| headers.get(name).is_some_and(|value| value == wanted);
    let from_elsewhere =
        is("sec-fetch-site", "cross-site") && is("sec-fetch-dest", "document") && visit.method == http::Method::GET;
    let without_cookie = || find(headers, panel.cookies.session) == Brought::Nothing;
    (from_elsewhere && without_cookie()).then(|| pages::bounce(visit.lang()))
}

/// A form that was refused for its token comes back to a page. Where none of our
/// cookies comes along, the page is asked for once more, with one: if that does not
/// come either, none is kept, the token would be wrong the next time too, and the
/// person has to hear why. If it does come, there just was none before, as after a
/// form of another site.
fn needs_cookies(visit: &Visit, headers: &HeaderMap, panel: &Panel) -> Option<Response> {
    let query = visit.path_and_query.split_once('?').map(|(_, query)| query).filter(|_| visit.is_navigation())?;
    let error = query_field(query, "error").as_deref().and_then(Code::from_name)?;
    let brings_none = || panel.cookies.all().iter().all(|name| find(headers, name) == Brought::Nothing);
    let lead_to = |code| see_other(&pages::with_error(&visit.path_and_query, code));
    match error {
        Code::CsrfFailed if brings_none() => {
            let cookie = panel.cookies.csrf_cookie(&csrf::mint(&panel.keys, ""));
            let mut answer = lead_to(Code::CookiesRequired);
            answer.headers_mut().append(SET_COOKIE, cookie);
            Some(answer)
        }
        Code::CookiesRequired if !brings_none() => Some(lead_to(Code::CsrfFailed)),
        _ => None,
    }
}

fn to_login(visit: &Visit) -> Response {
    // A longer one would not be followed, and makes a header that proxies refuse.
    match visit.path_and_query.len() <= MAX_BYTES {
        true => see_other(&format!("/login?{REDIRECT_FIELD}={}", pages::percent_encode(&visit.path_and_query))),
        false => see_other("/login"),
    }
}

/// Somebody who is signed in has no use for the form.
fn already_signed_in(request: &Request) -> Response {
    let wanted = request.uri().query().and_then(|query| query_field(query, REDIRECT_FIELD));
    let target = wanted.and_then(|text| SafePath::parse(&text)).unwrap_or_else(SafePath::home);
    see_other(target.as_str())
}

/// A 303 to a path of this site.
pub fn see_other(path: &str) -> Response {
    let location = HeaderValue::from_str(path).unwrap_or(HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(LOCATION, location)]).into_response()
}

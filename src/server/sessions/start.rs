//! Starts a session. Signing in always creates a new session and ends the browser's old one.

use http::HeaderValue;

use super::cookie::{SessionClaim, sealed_cookie};
use super::end::end_in;
use super::identity::Identity;
use super::limits::{SESSION_LIFETIME, remembered_lifetime};
use super::session_limit::{AtLimit, ask, enforce_limit};
use super::ticket::{Ticket, invalid_ticket};
use super::{hash, new_handle, new_id};
use crate::model::account::SignedIn;
use crate::model::code::Code;
use crate::model::session::{EndReason, SessionGrant};
use crate::server::audit::Action;
use crate::server::clock::rfc3339;
use crate::server::db::sessions::{id_key, life};
use crate::server::db::users;
use crate::server::error::{Error, Result};
use crate::server::request::RequestInfo;
use crate::server::state::Panel;
use crate::server::users::AuthenticatedUser;
use crate::server::{csrf_token, device_cookie, live, lockout, preferences};

/// A new session: the response body and the cookies.
pub struct StartedSession {
    pub signed_in: SignedIn,
    pub cookies: Vec<HeaderValue>,
}

/// Starts a session for an authenticated user. One transaction writes the row, ends the
/// browser's previous session and those above the session limit, clears the lockout and writes
/// the audit rows.
///
/// # Errors
/// `account_inactive` if the account or its password changed since authentication;
/// `session_limit` if the caller has to choose a session to end; `validation_failed` for a used
/// ticket; `unavailable`.
pub async fn start(
    panel: &Panel,
    info: &RequestInfo,
    previous: Option<&Identity>,
    authenticated: AuthenticatedUser,
    remember_me: bool,
    at_limit: AtLimit,
) -> Result<StartedSession> {
    let now = info.now;
    let remembered = remember_me && authenticated.policy.remember_me;
    let lifetime = if remembered { remembered_lifetime(&authenticated.policy) } else { SESSION_LIFETIME };
    let (id, expires_at) = (new_id(), now + lifetime);
    let handle = match &at_limit {
        AtLimit::End { ticket, .. } => ticket.handle.clone(),
        _ => new_handle(),
    };

    let mut tx = panel.db.begin().await?;
    let new_hash = authenticated.rehashed.as_deref().unwrap_or(&authenticated.password_hash);
    let user_id = authenticated.user.id.as_str();
    if users::signed_in(tx.on(), now, new_hash, user_id, &authenticated.password_hash).await? == 0 {
        return Err(Error::from(Code::AccountInactive));
    }
    if let Some(Identity { session: old, .. }) = previous {
        let event = info.event(Action::SessionEnded).by(&old.user.id);
        end_in(&mut tx, event, &old.handle, EndReason::Replaced, Some(&old.user.id)).await?;
    }
    let id_hash = hash(&id);
    let started = life::insert(
        tx.on(),
        &handle,
        id_key(&id_hash),
        &id_hash,
        user_id,
        remembered,
        now,
        expires_at,
        &info.address.to_string(),
        info.user_agent(),
    )
    .await?;
    if started == 0 {
        // The handle already exists, so the ticket was used before.
        return Err(invalid_ticket());
    }
    if let Some(others) = enforce_limit(&mut tx, info, &authenticated, &handle, &at_limit).await? {
        drop(tx);
        let ticket = match at_limit {
            // The same ticket again: choosing does not extend its lifetime.
            AtLimit::End { ticket, .. } => ticket,
            _ => Ticket::new(&authenticated.user.id, &authenticated.password_hash, remember_me, now),
        };
        return Err(ask(panel, info, &authenticated, ticket, others).await?);
    }
    if let Some(charged) = &authenticated.charged {
        lockout::succeeded(&mut tx, charged).await?;
    }
    let event = info.event(Action::SignIn).by(&authenticated.user.id).in_session(&handle);
    event.of(&authenticated.user.id).with("remembered", remembered).write(&mut tx).await?;
    live::signed_in(&mut tx, user_id, &handle).await?;
    tx.commit().await?;

    let mut user = authenticated.user;
    user.last_login = Some(rfc3339(now));
    let expire = rfc3339(expires_at);
    let claim = SessionClaim { session_id: id.into(), user_id: user.id.clone(), expire: expire.clone() };
    let device = device_cookie::sign_in_cookie(panel, info, &user.id, authenticated.device_epoch);
    let mut cookies = vec![
        device,
        sealed_cookie(panel, &claim, lifetime / 1000)?,
        panel.cookies.csrf_cookie(&csrf_token::mint(&panel.keys, &handle)),
    ];
    // The user's stored preferences apply on this browser too.
    cookies.extend(preferences::cookies_of(panel, authenticated.preferences));
    let session = SessionGrant { user_id: user.id.clone(), expire };
    Ok(StartedSession { signed_in: SignedIn { user, session }, cookies })
}

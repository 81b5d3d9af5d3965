//! Starting a session: always a new one, and the browser's old one ends.

use http::HeaderValue;

use super::super::audit::Action;
use super::super::clock::rfc3339;
use super::super::cookie::{SessionClaim, seal};
use super::super::csrf;
use super::super::db::{execute, queries};
use super::super::device_cookie;
use super::super::error::{Result, internal};
use super::super::live;
use super::super::lockout;
use super::super::preferences;
use super::super::request::Asked;
use super::super::users::Proven;
use super::choose::dead_ticket;
use super::end::end_in;
use super::limits::{SESSION_LIFETIME, remembered_lifetime};
use super::room::{AtLimit, ask, make_room};
use super::ticket::Ticket;
use super::{hash, new_handle, new_id};
use crate::model::account::SignedIn;
use crate::model::failure::{Code, Failure};
use crate::model::session::{EndReason, SessionGrant};

/// A started session: what the browser is told and given.
pub struct Started {
    pub signed_in: SignedIn,
    pub cookies: Vec<HeaderValue>,
}

/// Starts a session for somebody who has proven who they are. The row, the end
/// of the session the browser came with, what ends for the session limit, the
/// cleared lockout and the audit rows are one transaction.
///
/// # Errors
/// `account_inactive` when the account or its password changed since the proof;
/// `session_limit` where the caller has to choose what ends; `validation_failed`
/// for a ticket that is spent; `unavailable`.
pub async fn start(asked: &Asked, proven: Proven, remember_me: bool, at_limit: AtLimit) -> Result<Started> {
    let (panel, visit, now) = (&asked.panel, &asked.visit, asked.visit.now);
    let remembered = remember_me && proven.policy.remember_me;
    let lifetime = if remembered { remembered_lifetime(&proven.policy) } else { SESSION_LIFETIME };
    let (id, expires_at) = (new_id(), now + lifetime);
    let handle = match &at_limit {
        AtLimit::End { ticket, .. } => ticket.handle.clone(),
        _ => new_handle(),
    };

    let mut tx = panel.db.begin().await?;
    let kept = proven.rehashed.as_deref().unwrap_or(&proven.password_hash);
    let user_id = proven.user.id.as_str();
    if execute!(tx.on(), queries::USER_SIGNED_IN, now, kept, user_id, proven.password_hash.as_str())? == 0 {
        return Err(Failure::new(Code::AccountInactive));
    }
    if let Some(old) = &asked.identity {
        let event = asked.event(Action::SessionEnded);
        end_in(&mut tx, event, &old.session.handle, EndReason::Replaced, Some(&old.session.user.id)).await?;
    }
    let address = visit.address.to_string();
    let started = execute!(
        tx.on(),
        queries::SESSION_INSERT,
        handle.as_str(),
        &hash(&id)[..],
        user_id,
        remembered,
        now,
        expires_at,
        address.as_str(),
        visit.user_agent.as_str(),
    )?;
    if started == 0 {
        // A session of this handle there is only after the ticket was used.
        return Err(dead_ticket(visit));
    }
    if let Some(others) = make_room(&mut tx, asked, &proven, &handle, &at_limit).await? {
        drop(tx);
        let ticket = match at_limit {
            // The same again: a choice lengthens no ticket.
            AtLimit::End { ticket, .. } => ticket,
            _ => Ticket::new(&proven.user.id, &proven.password_hash, remember_me, now),
        };
        return Err(ask(asked, &proven, ticket, others).await?);
    }
    if let Some(charged) = &proven.charged {
        lockout::succeeded(&mut tx, charged).await?;
    }
    let event = asked.event(Action::SignIn).by(&proven.user.id).in_session(&handle);
    event.of(&proven.user.id).with("remembered", remembered).write(&mut tx).await?;
    live::signed_in(&mut tx, user_id, &handle).await?;
    tx.commit().await?;

    let mut user = proven.user;
    user.last_login = Some(rfc3339(now));
    let expire = rfc3339(expires_at);
    let claim = SessionClaim { session_id: id.into(), user_id: user.id.clone(), expire: expire.clone() };
    let sealed = seal(panel.cookies.session, &panel.keys.newest().session, &claim).map_err(internal)?;
    let device = device_cookie::at_sign_in(panel, visit, &user.id, proven.device_epoch);
    let mut cookies = vec![
        device,
        panel.cookies.session_cookie(&sealed, lifetime / 1000),
        panel.cookies.csrf_cookie(&csrf::mint(&panel.keys, &handle)),
    ];
    // What a person has chosen follows them to this browser.
    cookies.extend(preferences::cookies_of(panel, proven.preferences));
    let session = SessionGrant { user_id: user.id.clone(), expire };
    Ok(Started { signed_in: SignedIn { user, session }, cookies })
}

//! Ending sessions: once, with a reason, and with an audit row in the same transaction.

use super::identity::Identity;
use super::kept::keep_for_later;
use super::limits::{idle_limit, remembered_lifetime};
use super::rotate::hashes_of;
use crate::model::failure::{Code, Failure};
use crate::model::policy::Policy;
use crate::model::session::EndReason;
use crate::server::audit::{Action, Event};
use crate::server::db::{EndedRow, Tx, fetch_all, fetch_optional, queries};
use crate::server::error::Result;
use crate::server::live;
use crate::server::request::RequestInfo;
use crate::server::state::Panel;

/// Ends one session, if it is live. `by` is the user who did it, `None` for the system.
///
/// # Errors
/// `unavailable`; then nothing of the transaction happened.
pub async fn end_in(tx: &mut Tx, event: Event<'_>, handle: &str, reason: EndReason, by: Option<&str>) -> Result<bool> {
    let ended = fetch_optional!(tx.on(), EndedRow, queries::SESSION_END, event.at, reason.name(), by, handle)?;
    record(tx, event, ended.as_slice(), reason).await?;
    Ok(ended.is_some())
}

/// Ends every live session of a user; says how many there were.
///
/// # Errors
/// `unavailable`; then nothing of the transaction happened.
pub async fn end_of_user_in(
    tx: &mut Tx,
    event: Event<'_>,
    user_id: &str,
    reason: EndReason,
    by: Option<&str>,
) -> Result<usize> {
    let ended = fetch_all!(tx.on(), EndedRow, queries::SESSIONS_END_OF_USER, event.at, reason.name(), by, user_id)?;
    record(tx, event, &ended, reason).await?;
    Ok(ended.len())
}

/// Ends one of a user's own sessions, if it is live and theirs.
///
/// # Errors
/// `unavailable`; then nothing of the transaction happened.
pub async fn end_own_in(tx: &mut Tx, event: Event<'_>, handle: &str, user_id: &str) -> Result<bool> {
    let reason = EndReason::Revoked;
    let ended = fetch_optional!(tx.on(), EndedRow, queries::SESSION_END_OWN, event.at, reason.name(), user_id, handle)?;
    record(tx, event, ended.as_slice(), reason).await?;
    Ok(ended.is_some())
}

/// Ends every session of whoever asks but the one that asks; says how many
/// there were. None if that one has ended itself: ended is ended.
///
/// # Errors
/// `unavailable`; then nothing of the transaction happened.
pub async fn end_others_in(tx: &mut Tx, event: Event<'_>, identity: &Identity, reason: EndReason) -> Result<usize> {
    let session = &identity.session;
    let ended = fetch_all!(
        tx.on(),
        EndedRow,
        queries::SESSIONS_END_OTHERS,
        event.at,
        reason.name(),
        session.user.id.as_str(),
        session.handle.as_str()
    )?;
    record(tx, event, &ended, reason).await?;
    Ok(ended.len())
}

/// Ends everything that a policy says is over: before a new policy is saved,
/// so that raising a limit revives nobody, and by the sweep. Says how many there were.
///
/// # Errors
/// `unavailable`; then nothing of the transaction happened.
pub async fn end_overdue_in(tx: &mut Tx, policy: &Policy, event: Event<'_>) -> Result<usize> {
    let now = event.at;
    let oldest = now - remembered_lifetime(policy);
    let expired = fetch_all!(tx.on(), EndedRow, queries::SESSIONS_END_EXPIRED, now, now, oldest)?;
    record(tx, event.clone(), &expired, EndReason::Expired).await?;
    let idle = fetch_all!(
        tx.on(),
        EndedRow,
        queries::SESSIONS_END_IDLE,
        now,
        now - idle_limit(policy),
        policy.idle_applies_to_remembered
    )?;
    record(tx, event, &idle, EndReason::Idle).await?;
    Ok(expired.len() + idle.len())
}

pub(super) async fn record(tx: &mut Tx, event: Event<'_>, ended: &[EndedRow], reason: EndReason) -> Result<()> {
    for (handle, user_id) in ended {
        event.clone().in_session(handle).of(user_id).with("reason", reason.name()).write(tx).await?;
    }
    live::sessions_ended(tx, ended, reason).await
}

/// Signs a browser out: ends its session, if it has one. The layer around
/// clears the cookies on every answer.
///
/// # Errors
/// `unavailable` with the database away; the end is in force at once and is
/// written when the database is back.
pub async fn sign_out(panel: &Panel, info: &RequestInfo, identity: Option<&Identity>) -> Result<()> {
    let Some(identity) = identity else { return Ok(()) };
    let written = write_sign_out(panel, info, &identity.session.handle, &identity.session.user.id).await;
    match written {
        Err(failure) if failure.code == Code::Unavailable => {
            keep_for_later(panel, hashes_of(panel, &identity.claim.session_id), info.now);
            Err(failure)
        }
        other => other,
    }
}

async fn write_sign_out(panel: &Panel, info: &RequestInfo, handle: &str, user_id: &str) -> Result<()> {
    let mut tx = panel.db.begin().await?;
    let event = info.event(Action::SignOut).by(user_id);
    end_in(&mut tx, event, handle, EndReason::Logout, Some(user_id)).await?;
    tx.commit().await
}

/// Ends a session that a request found past a limit, with one conditional update.
///
/// # Errors
/// `unavailable`; the session is over all the same.
pub async fn end_found(panel: &Panel, event: Event<'_>, handle: &str, reason: EndReason) -> Result<()> {
    let mut tx = panel.db.begin().await?;
    end_in(&mut tx, event, handle, reason, None).await?;
    tx.commit().await
}

/// A refusal that says why the session is over.
pub fn unauthenticated(reason: Option<EndReason>) -> Failure {
    Failure { reason, ..Failure::new(Code::Unauthenticated) }
}

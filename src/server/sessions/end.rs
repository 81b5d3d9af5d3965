//! Ends sessions. Each session ends once, with a reason, and with an audit row in the same
//! transaction.

use super::identity::Identity;
use super::limits::{idle_limit, remembered_lifetime};
use crate::model::code::Code;
use crate::model::policy::Policy;
use crate::model::session::EndReason;
use crate::server::audit::Event;
use crate::server::db::Tx;
use crate::server::db::sessions::ends::{self, EndedRow};
use crate::server::error::{Error, Result};
use crate::server::live;
use crate::server::state::Panel;

/// Ends one session, if it is live. `by` is the user who ended it, `None` for the system.
///
/// # Errors
/// `unavailable`; then the transaction is rolled back.
pub async fn end_in(tx: &mut Tx, event: Event<'_>, handle: &str, reason: EndReason, by: Option<&str>) -> Result<bool> {
    let ended = ends::one(tx.on(), event.at, reason.name(), by, handle).await?;
    record(tx, event, ended.as_slice(), reason).await?;
    Ok(ended.is_some())
}

/// Ends every live session of a user and returns their number.
///
/// # Errors
/// `unavailable`; then the transaction is rolled back.
pub async fn end_of_user_in(
    tx: &mut Tx,
    event: Event<'_>,
    user_id: &str,
    reason: EndReason,
    by: Option<&str>,
) -> Result<usize> {
    let ended = ends::of_user(tx.on(), event.at, reason.name(), by, user_id).await?;
    record(tx, event, &ended, reason).await?;
    Ok(ended.len())
}

/// Ends one of the user's own sessions, if it is live and belongs to the user.
///
/// # Errors
/// `unavailable`; then the transaction is rolled back.
pub async fn end_own_in(tx: &mut Tx, event: Event<'_>, handle: &str, user_id: &str) -> Result<bool> {
    let reason = EndReason::Revoked;
    let ended = ends::own(tx.on(), event.at, reason.name(), user_id, handle).await?;
    record(tx, event, ended.as_slice(), reason).await?;
    Ok(ended.is_some())
}

/// Ends all sessions of the caller except the current one, and returns their number. Ends none
/// if the current session has itself ended.
///
/// # Errors
/// `unavailable`; then the transaction is rolled back.
pub async fn end_others_in(tx: &mut Tx, event: Event<'_>, identity: &Identity, reason: EndReason) -> Result<usize> {
    let session = &identity.session;
    let ended = ends::others(tx.on(), event.at, reason.name(), &session.user.id, &session.handle).await?;
    record(tx, event, &ended, reason).await?;
    Ok(ended.len())
}

/// Ends every session that is past a limit of the policy, and returns their number. Runs in the
/// sweep, and before a new policy is saved, so that raising a limit revives no session.
///
/// # Errors
/// `unavailable`; then the transaction is rolled back.
pub async fn end_overdue_in(tx: &mut Tx, policy: &Policy, event: Event<'_>) -> Result<usize> {
    let now = event.at;
    let oldest = now - remembered_lifetime(policy);
    let expired = ends::expired(tx.on(), now, oldest).await?;
    record(tx, event.clone(), &expired, EndReason::Expired).await?;
    let idle = ends::idle(tx.on(), now, now - idle_limit(policy), policy.idle_applies_to_remembered).await?;
    record(tx, event, &idle, EndReason::Idle).await?;
    Ok(expired.len() + idle.len())
}

/// Writes the audit rows of ended sessions and notifies open streams.
///
/// # Errors
/// `unavailable`; then the transaction is rolled back.
pub(super) async fn record(tx: &mut Tx, event: Event<'_>, ended: &[EndedRow], reason: EndReason) -> Result<()> {
    for (handle, user_id) in ended {
        event.clone().in_session(handle).of(user_id).with("reason", reason.name()).write(tx).await?;
    }
    live::sessions_ended(tx, ended, reason).await
}

/// Ends a session that a request found past a limit, with one conditional update.
///
/// # Errors
/// `unavailable`; the session is over all the same.
pub async fn end_past_limit(panel: &Panel, event: Event<'_>, handle: &str, reason: EndReason) -> Result<()> {
    let mut tx = panel.db.begin().await?;
    end_in(&mut tx, event, handle, reason, None).await?;
    tx.commit().await
}

/// The error that says why the session is over.
pub fn unauthenticated(reason: Option<EndReason>) -> Error {
    Error::from(Code::Unauthenticated).with(|details| details.reason = reason)
}

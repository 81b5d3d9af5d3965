//! Rotation: the session's id changes regularly, so that a stolen cookie expires soon or its
//! use is detected.
//!
//! The next id is derived from the current one (HMAC with a server key). A lost response can
//! therefore be sent again, and tabs that rotate in parallel get the same id. Of the previous
//! ids, only the direct predecessor is accepted, until shortly after its successor was first
//! used. Any other use counts as theft.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::check::Session;
use super::cookie::SessionClaim;
use super::{hash, id_of, new_id};
use crate::model::code::Code;
use crate::server::clock::{MINUTE, Millis, SECOND, is_ahead};
use crate::server::db::sessions::{IdHash, check_retired, id_key, ids};
use crate::server::db::{Db, Tx};
use crate::server::error::{Error, Result};
use crate::server::keys::Keys;
use crate::server::live;
use crate::server::state::Panel;

/// An id older than this is replaced at the next activity.
pub const ROTATE_AFTER: Millis = 15 * MINUTE;

/// How long the previous id is accepted after its successor was first used.
pub const GRACE: Millis = 30 * SECOND;

/// How the id in a request relates to its session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdStatus {
    Current,
    /// The previous id, and no request has used the new id yet. The response sends the new id
    /// again.
    Unconfirmed,
    /// The previous id, within the grace period. The request was already under way.
    InGrace,
    /// Replaced without a grace period. The id is invalid, but its use is no sign of theft.
    Replaced,
    /// Used after the grace period. The cookie was copied.
    Reused,
}

/// Finds a session by the hash of any of its current or previous ids.
///
/// # Errors
/// `unavailable` if the database is down, `internal` for a corrupt row. A failure never counts
/// as "no session".
pub async fn find_by_any_id(db: &Db, id_hash: &IdHash, now: Millis) -> Result<Option<(Session, IdStatus)>> {
    match Session::by_current_id(db, id_hash).await? {
        Some(mut session) => {
            if session.times.corrected(now).is_some() {
                Box::pin(session.correct_times(db, now)).await?;
            }
            Ok(Some((session, IdStatus::Current)))
        }
        None => Box::pin(find_by_retired_id(db, id_hash, now)).await,
    }
}

async fn find_by_retired_id(db: &Db, id_hash: &IdHash, now: Millis) -> Result<Option<(Session, IdStatus)>> {
    let row = check_retired(db.reader(), id_hash).await?;
    let Some(row) = row else { return Ok(None) };
    let mut session = Session::from(row.session);
    session.correct_times(db, now).await?;
    let id_status = match session.id_used_at {
        _ if row.harmless => IdStatus::Replaced,
        None if row.direct => IdStatus::Unconfirmed,
        // Written by a clock that was ahead, so there is neither a grace period nor a sign of
        // theft.
        Some(used_at) if is_ahead(used_at, now) => IdStatus::Replaced,
        Some(used_at) if row.direct && now < used_at + GRACE => IdStatus::InGrace,
        _ => IdStatus::Reused,
    };
    Ok(Some((session, id_status)))
}

/// Whether the current id is old enough to rotate, or the user's rights changed since it was
/// issued.
pub fn is_due(session: &Session, now: Millis) -> bool {
    let served = |used_at| now - used_at >= ROTATE_AFTER || is_ahead(used_at, now);
    session.rights_changed || session.id_used_at.is_some_and(served)
}

/// Records the first use of the current id, which starts the grace period of the previous one.
///
/// # Errors
/// `unavailable`.
pub async fn record_first_use(db: &Db, id_hash: &IdHash, now: Millis) -> Result<()> {
    ids::record_first_use(db.writer(), now, id_key(id_hash), id_hash).await?;
    Ok(())
}

/// Replaces the current id by its successor and returns the new cookie payload. `None` if
/// another request has already rotated it.
///
/// # Errors
/// `unavailable`; then the id stays.
pub async fn rotate(panel: &Panel, handle: &str, claim: &SessionClaim, now: Millis) -> Result<Option<SessionClaim>> {
    let next = successor(panel.keys.newest(), &claim.session_id);
    let (old, new) = (hash(&claim.session_id), hash(&next));
    let mut tx = panel.db.begin().await?;
    let rotated = ids::rotate(tx.on(), id_key(&new), &new, id_key(&old), &old, handle).await?;
    if rotated > 0 {
        ids::retire(tx.on(), &old, handle, false).await?;
        tx.commit().await?;
        return Ok(Some(SessionClaim { session_id: next.into(), ..claim.clone() }));
    }
    drop(tx);
    match find_by_any_id(&panel.db, &old, now).await? {
        Some((_, IdStatus::Unconfirmed)) => repeat_rotation(panel, claim).await,
        _ => Ok(None),
    }
}

/// Derives the successor of an id again, also with an older key.
///
/// # Errors
/// `unavailable`.
pub async fn repeat_rotation(panel: &Panel, claim: &SessionClaim) -> Result<Option<SessionClaim>> {
    for keys in panel.keys.all() {
        let next = successor(keys, &claim.session_id);
        if Session::by_current_id(&panel.db, &hash(&next)).await?.is_some() {
            return Ok(Some(SessionClaim { session_id: next.into(), ..claim.clone() }));
        }
    }
    Ok(None)
}

/// Gives a session a fresh random id, without a grace period, after a password proof. Returns
/// the id. The previous id is refused from now on, but its use does not end the session. Event
/// streams opened with it get no more events.
///
/// # Errors
/// `unauthenticated` if the session has ended meanwhile; `unavailable`.
pub async fn replace_id_in(tx: &mut Tx, handle: &str, now: Millis) -> Result<String> {
    let id = new_id();
    // First, because it locks the row. The next statement then also covers the id of a rotation
    // that ran at the same moment.
    ids::record_proof(tx.on(), now, handle).await?;
    ids::mark_harmless(tx.on(), handle, now - GRACE).await?;
    let id_hash = hash(&id);
    let previous = ids::replace(tx.on(), id_key(&id_hash), &id_hash, now, handle).await?;
    let (previous, renewals) = previous.ok_or(Error::from(Code::Unauthenticated))?;
    ids::retire(tx.on(), &previous, handle, true).await?;
    live::session_renewed(tx, handle, renewals).await?;
    Ok(id)
}

/// Every hash under which an id or its successor may be stored.
pub fn hashes_of(panel: &Panel, id: &str) -> Vec<IdHash> {
    let successors = panel.keys.all().iter().map(|keys| hash(&successor(keys, id)));
    std::iter::once(hash(id)).chain(successors).collect()
}

fn successor(keys: &Keys, id: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(&keys.rotation).expect("HMAC takes a key of any length");
    mac.update(id.as_bytes());
    id_of(mac.finalize().into_bytes().into())
}

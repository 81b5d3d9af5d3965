//! Rotation: the id changes while the session stays, so that a stolen cookie
//! either dies soon or shows itself.
//!
//! The next id is derived from the one before (HMAC under a key of the server):
//! an answer that got lost can be sent again, and tabs that rotate together
//! arrive at the same id. Of the ids that were, the direct one before is honoured
//! until shortly after its successor was first used; any other use is theft.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::check::Session;
use super::cookie::SessionClaim;
use super::{hash, id_of, new_id};
use crate::model::failure::Code;
use crate::server::clock::{MINUTE, Millis, SECOND, is_ahead};
use crate::server::db::sessions::{IdHash, check_retired, ids};
use crate::server::db::{Db, Tx};
use crate::server::error::{Error, Result};
use crate::server::keys::Keys;
use crate::server::live;
use crate::server::state::Panel;

/// An id older than this is changed at the next activity.
pub const ROTATE_AFTER: Millis = 15 * MINUTE;

/// How long the id before is honoured after its successor was first used.
pub const GRACE: Millis = 30 * SECOND;

/// What an id is to its session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presented {
    Current,
    /// The one before, and nobody has come with the new one yet: it gets the new one again.
    Unanswered,
    /// The one before, shortly after: a request that was on its way.
    Late,
    /// Replaced without grace: counts no more, and its use says nothing.
    Replaced,
    /// Used long after: somebody has a copy.
    Reused,
}

/// Finds a session by the hash of any id it has or had.
///
/// # Errors
/// `unavailable` with the database away, `internal` for a broken row: never "nobody".
pub async fn find_by_any_id(db: &Db, id_hash: &IdHash, now: Millis) -> Result<Option<(Session, Presented)>> {
    if let Some(mut session) = Session::by_id_in_force(db, id_hash).await? {
        session.bring_back(db, now).await?;
        return Ok(Some((session, Presented::Current)));
    }
    let row = check_retired(db.reader(), id_hash).await?;
    let Some(row) = row else { return Ok(None) };
    let mut session = Session::try_from(row.session)?;
    session.bring_back(db, now).await?;
    let presented = match session.id_used_at {
        _ if row.harmless => Presented::Replaced,
        None if row.direct => Presented::Unanswered,
        // By a clock that was ahead: there is no grace, and no word about theft.
        Some(used_at) if is_ahead(used_at, now) => Presented::Replaced,
        Some(used_at) if row.direct && now < used_at + GRACE => Presented::Late,
        _ => Presented::Reused,
    };
    Ok(Some((session, presented)))
}

/// Whether the id in force has served long enough, or was issued for other rights.
pub fn is_due(session: &Session, now: Millis) -> bool {
    let served = |used_at| now - used_at >= ROTATE_AFTER || is_ahead(used_at, now);
    session.rights_changed || session.id_used_at.is_some_and(served)
}

/// Notes that somebody came with the id in force: from now on the grace of the one before runs.
///
/// # Errors
/// `unavailable`.
pub async fn note_use(db: &Db, id_hash: &IdHash, now: Millis) -> Result<()> {
    ids::used(db.writer(), now, id_hash).await?;
    Ok(())
}

/// Replaces the id in force by its successor; says what the browser is to hold.
/// `None` when meanwhile another request has brought it further.
///
/// # Errors
/// `unavailable`; then the id stays.
pub async fn rotate(panel: &Panel, handle: &str, claim: &SessionClaim, now: Millis) -> Result<Option<SessionClaim>> {
    let (old, next) = (hash(&claim.session_id), successor(panel.keys.newest(), &claim.session_id));
    let mut tx = panel.db.begin().await?;
    let rotated = ids::rotate(tx.on(), &hash(&next), handle, &old).await?;
    if rotated > 0 {
        ids::retire(tx.on(), &old, handle, false).await?;
        tx.commit().await?;
        return Ok(Some(SessionClaim { session_id: next.into(), ..claim.clone() }));
    }
    drop(tx);
    match find_by_any_id(&panel.db, &old, now).await? {
        Some((_, Presented::Unanswered)) => again(panel, claim).await,
        _ => Ok(None),
    }
}

/// The successor of an id as it was given before, also under an older secret.
///
/// # Errors
/// `unavailable`.
pub async fn again(panel: &Panel, claim: &SessionClaim) -> Result<Option<SessionClaim>> {
    for keys in panel.keys.all() {
        let next = successor(keys, &claim.session_id);
        if Session::by_id_in_force(&panel.db, &hash(&next)).await?.is_some() {
            return Ok(Some(SessionClaim { session_id: next.into(), ..claim.clone() }));
        }
    }
    Ok(None)
}

/// Gives a session a fresh random id without grace, after a proof of the
/// password; says the id. The one before is refused from now on, its use ends
/// nothing, and the streams of events that were opened with it hear no more.
///
/// # Errors
/// `unauthenticated` when the session has ended meanwhile; `unavailable`.
pub async fn renew_in(tx: &mut Tx, handle: &str, now: Millis) -> Result<String> {
    let id = new_id();
    // First, because it holds the row: what is forgiven then is what a rotation
    // at the same moment has left.
    ids::proved(tx.on(), now, handle).await?;
    ids::forgive(tx.on(), handle, now - GRACE).await?;
    let before = ids::renew(tx.on(), &hash(&id), now, handle).await?;
    let (before, renewals) = before.ok_or(Error::from(Code::Unauthenticated))?;
    ids::retire(tx.on(), &before, handle, true).await?;
    live::session_renewed(tx, handle, renewals).await?;
    Ok(id)
}

/// Every hash that an id or the one derived from it may be known by.
pub fn hashes_of(panel: &Panel, id: &str) -> Vec<IdHash> {
    let successors = panel.keys.all().iter().map(|keys| hash(&successor(keys, id)));
    std::iter::once(hash(id)).chain(successors).collect()
}

fn successor(keys: &Keys, id: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(&keys.rotation).expect("HMAC takes a key of any length");
    mac.update(id.as_bytes());
    id_of(mac.finalize().into_bytes().into())
}

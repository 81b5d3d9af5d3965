//! The session cookie of a request, and what the database says of it.

use http::{HeaderMap, HeaderValue};

use super::super::audit::Action;
use super::super::clock::{Millis, seconds_until};
use super::super::cookie::{Brought, SessionClaim, find, open, seal};
use super::super::error::Result;
use super::super::request::Visit;
use super::super::sessions::check::Session;
use super::super::sessions::end::end_found;
use super::super::sessions::hash;
use super::super::sessions::kept::is_kept;
use super::super::sessions::rotate::{self, Presented};
use super::super::state::{IdHash, Panel};
use super::Identity;
use crate::model::failure::Failure;
use crate::model::session::EndReason;

/// What a request's session cookie turned out to be.
pub enum Claimed {
    Live {
        identity: Box<Identity>,
        /// What the browser is to hold from now on, if that changes.
        cookie: Option<HeaderValue>,
    },
    /// Ended, forged or none; `clear` when the browser should forget it.
    Nobody { reason: Option<EndReason>, handle: Option<String>, clear: bool },
    /// The database is away: no word either way, and never "signed out".
    Unknown { ids: Vec<IdHash>, failure: Failure },
}

/// Reads the session cookie and asks the database about it.
pub async fn claim(panel: &Panel, visit: &Visit, headers: &HeaderMap) -> Claimed {
    let nobody = |clear| Claimed::Nobody { reason: None, handle: None, clear };
    let sealed = match find(headers, panel.cookies.session) {
        Brought::Nothing => return nobody(false),
        Brought::Several => return nobody(true),
        Brought::One(sealed) => sealed,
    };
    let keys = panel.keys.all().iter().map(|keys| &keys.session);
    let Some((claim, key)) = open::<SessionClaim>(panel.cookies.session, keys, sealed) else {
        tracing::info!(address = %visit.address, "a session cookie did not open");
        return nobody(true);
    };
    if is_kept(panel, &claim.session_id) {
        return Claimed::Nobody { reason: Some(EndReason::Logout), handle: None, clear: true };
    }
    match rotate::find(&panel.db, &hash(&claim.session_id), visit.now).await {
        Ok(Some((session, presented))) if session.user.id == claim.user_id => {
            let id = claim.session_id.clone();
            let weighed = weigh(panel, visit, session, presented, claim, key > 0).await;
            weighed.unwrap_or_else(|failure| Claimed::Unknown { ids: rotate::hashes_of(panel, &id), failure })
        }
        Ok(Some(_)) => {
            tracing::warn!(address = %visit.address, "a session cookie names another user than its session");
            nobody(true)
        }
        Ok(None) => nobody(true),
        Err(failure) => Claimed::Unknown { ids: rotate::hashes_of(panel, &claim.session_id), failure },
    }
}

/// Whether a session that was found counts for the id it was found by.
async fn weigh(
    panel: &Panel,
    visit: &Visit,
    session: Session,
    presented: Presented,
    claim: SessionClaim,
    old_seal: bool,
) -> Result<Claimed> {
    let reason = match (session.dead(visit.now), presented) {
        (Some(reason), _) => Some(reason),
        (None, Presented::Reused) => Some(EndReason::TokenReuse),
        (None, _) => None,
    };
    if let Some(reason) = reason {
        if session.end.ended_at.is_none() {
            Box::pin(end_overdue(panel, visit, &session, reason)).await;
        }
        // The late answer to a replaced id must not erase the new cookie of another tab.
        let clear = presented == Presented::Current && reason != EndReason::Replaced;
        return Ok(Claimed::Nobody { reason: Some(reason), handle: Some(session.handle), clear });
    }
    let cookie = match presented {
        Presented::Current => {
            if session.id_used_at.is_none() {
                Box::pin(rotate::note_use(&panel.db, &hash(&claim.session_id), visit.now)).await?;
            }
            if old_seal { session_cookie(panel, &claim, &session, visit.now) } else { None }
        }
        Presented::Unanswered => {
            let next = Box::pin(rotate::again(panel, &claim)).await?;
            next.and_then(|next| session_cookie(panel, &next, &session, visit.now))
        }
        Presented::Late => None,
        Presented::Replaced | Presented::Reused => {
            return Ok(Claimed::Nobody { reason: None, handle: Some(session.handle), clear: false });
        }
    };
    let in_force = presented == Presented::Current;
    Ok(Claimed::Live { identity: Box::new(Identity { session, claim, in_force }), cookie })
}

/// Writes down that a session is over. It is over also if that fails: the next
/// request finds the same.
async fn end_overdue(panel: &Panel, visit: &Visit, session: &Session, reason: EndReason) {
    let event = visit.event(Action::SessionEnded);
    if let Err(failure) = end_found(panel, event, &session.handle, reason).await {
        tracing::warn!(%failure, "the end of a session was not written");
    }
}

/// The session's cookie, sealed with the newest secret, for the time that is left.
pub fn session_cookie(panel: &Panel, claim: &SessionClaim, session: &Session, now: Millis) -> Option<HeaderValue> {
    let left = seconds_until(session.times.expires_at(&session.policy), now);
    let sealed = seal(panel.cookies.session, &panel.keys.newest().session, claim).ok()?;
    Some(panel.cookies.session_cookie(&sealed, i64::try_from(left).unwrap_or(i64::MAX)))
}

//! The session cookie of a request, and what the database says of it.

use http::{HeaderMap, HeaderValue};

use super::super::audit::Action;
use super::super::clock::seconds_until;
use super::super::cookie::{Brought, SessionClaim, find, open, seal};
use super::super::request::Visit;
use super::super::sessions::check::Session;
use super::super::sessions::end::{end_found, is_kept};
use super::super::sessions::hash;
use super::super::state::{IdHash, Panel};
use super::Identity;
use crate::model::failure::Failure;
use crate::model::session::EndReason;

/// What a request's session cookie turned out to be.
pub enum Claimed {
    Live {
        identity: Box<Identity>,
        reseal: Option<HeaderValue>,
    },
    /// Ended, forged or none; `clear` when the browser should forget it.
    Nobody {
        reason: Option<EndReason>,
        handle: Option<String>,
        clear: bool,
    },
    /// The database is away: no word either way, and never "signed out".
    Unknown {
        id_hash: IdHash,
        failure: Failure,
    },
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
    let id_hash = hash(&claim.session_id);
    if is_kept(panel, &claim.session_id) {
        return Claimed::Nobody { reason: Some(EndReason::Logout), handle: None, clear: true };
    }
    let session = match Session::find(&panel.db, &id_hash).await {
        Ok(Some(session)) if session.user.id == claim.user_id => session,
        Ok(Some(_)) => {
            tracing::warn!(address = %visit.address, "a session cookie names another user than its session");
            return nobody(true);
        }
        Ok(None) => return nobody(true),
        Err(failure) => return Claimed::Unknown { id_hash, failure },
    };
    match session.dead(visit.now) {
        Some(reason) => {
            if session.ended.is_none() {
                Box::pin(end_overdue(panel, visit, &session, reason)).await;
            }
            // A replaced id's late answer must not erase the new cookie of another tab.
            Claimed::Nobody { reason: Some(reason), handle: Some(session.handle), clear: reason != EndReason::Replaced }
        }
        None => {
            let reseal = if key > 0 { reseal(panel, &claim, &session, visit) } else { None };
            Claimed::Live { identity: Box::new(Identity { session, id_hash }), reseal }
        }
    }
}

/// Writes down that a session is over. It is over also if that fails: the next
/// request finds the same.
async fn end_overdue(panel: &Panel, visit: &Visit, session: &Session, reason: EndReason) {
    let event = visit.event(Action::SessionEnded);
    if let Err(failure) = end_found(panel, event, &session.handle, reason).await {
        tracing::warn!(%failure, "the end of a session was not written");
    }
}

/// What an older secret sealed is sealed anew, for the time that is left.
fn reseal(panel: &Panel, claim: &SessionClaim, session: &Session, visit: &Visit) -> Option<HeaderValue> {
    let left = seconds_until(session.times.expires_at(&session.policy), visit.now);
    let sealed = seal(panel.cookies.session, &panel.keys.newest().session, claim).ok()?;
    Some(panel.cookies.session_cookie(&sealed, i64::try_from(left).unwrap_or(i64::MAX)))
}

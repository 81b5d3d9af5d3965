//! A freshly random id for a session that goes on: after a proof of the
//! password, whoever held the old one holds nothing.

use http::HeaderValue;

use super::super::clock::{rfc3339, seconds_until};
use super::super::cookie::{SessionClaim, seal};
use super::super::db::{Tx, execute, queries};
use super::super::error::{Result, internal};
use super::super::identity::Identity;
use super::super::request::Asked;
use super::end::unauthenticated;
use super::{hash, new_id};

/// Gives this session a new id, without grace for the old one.
///
/// # Errors
/// `unauthenticated` when the session or its id was replaced meanwhile; `unavailable`.
pub async fn renew_in(tx: &mut Tx, asked: &Asked, identity: &Identity) -> Result<SessionClaim> {
    let (session, old, now) = (&identity.session, &identity.id_hash, asked.visit.now);
    let id = new_id();
    let handle = session.handle.as_str();
    if execute!(tx.on(), queries::SESSION_RENEW, &hash(&id)[..], now, handle, &old[..])? == 0 {
        return Err(unauthenticated(None));
    }
    execute!(tx.on(), queries::ID_RETIRE, &old[..], handle, true)?;
    let expire = rfc3339(session.times.expires_at(&session.policy));
    Ok(SessionClaim { session_id: id, user_id: session.user.id.clone(), expire })
}

/// The cookie of a renewed session, for the time that is left.
///
/// # Errors
/// `internal`.
pub fn renewed_cookie(asked: &Asked, identity: &Identity, claim: &SessionClaim) -> Result<HeaderValue> {
    let (panel, session) = (&asked.panel, &identity.session);
    let sealed = seal(panel.cookies.session, &panel.keys.newest().session, claim).map_err(internal)?;
    let left = seconds_until(session.times.expires_at(&session.policy), asked.visit.now);
    Ok(panel.cookies.session_cookie(&sealed, i64::try_from(left).unwrap_or(i64::MAX)))
}

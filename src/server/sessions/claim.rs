//! Checks the session cookie of a request against the database.

use http::{HeaderMap, HeaderValue};

use super::check::Session;
use super::cookie::{SessionClaim, session_cookie};
use super::end::end_found;
use super::hash;
use super::identity::Identity;
use super::kept::is_kept;
use super::rotate::{self, Presented};
use crate::model::session::EndReason;
use crate::server::audit::Action;
use crate::server::cookie::{CookieValue, cookie_value, open};
use crate::server::db::sessions::IdHash;
use crate::server::error::{Error, Result};
use crate::server::request::RequestInfo;
use crate::server::state::Panel;

/// The result of checking a session cookie.
pub enum Claimed {
    Live {
        identity: Box<Identity>,
        /// The new cookie for the browser, if it changes.
        cookie: Option<HeaderValue>,
    },
    /// The session has ended, or the cookie is forged or absent. `clear` tells the browser to
    /// delete the cookie.
    Nobody { reason: Option<EndReason>, handle: Option<String>, clear: bool },
    /// The database is unavailable, so the session's state is unknown. This never counts as
    /// signed out.
    Unknown { ids: Vec<IdHash>, error: Error },
}

/// Reads the session cookie and looks its session up.
pub async fn claim(panel: &Panel, info: &RequestInfo, headers: &HeaderMap) -> Claimed {
    let nobody = |clear| Claimed::Nobody { reason: None, handle: None, clear };
    let sealed = match cookie_value(headers, panel.cookies.session) {
        CookieValue::Absent => return nobody(false),
        CookieValue::Several => return nobody(true),
        CookieValue::One(sealed) => sealed,
    };
    let keys = panel.keys.all().iter().map(|keys| &keys.session);
    let Some((claim, key)) = open::<SessionClaim>(panel.cookies.session, keys, sealed) else {
        tracing::info!(address = %info.address, "a session cookie did not open");
        return nobody(true);
    };
    if is_kept(panel, &claim.session_id) {
        return Claimed::Nobody { reason: Some(EndReason::Logout), handle: None, clear: true };
    }
    match rotate::find_by_any_id(&panel.db, &hash(&claim.session_id), info.now).await {
        Ok(Some((session, presented))) if session.user.id == claim.user_id => {
            let id = claim.session_id.clone();
            let classified = classify(panel, info, session, presented, claim, key > 0).await;
            classified.unwrap_or_else(|error| Claimed::Unknown { ids: rotate::hashes_of(panel, &id), error })
        }
        Ok(Some(_)) => {
            tracing::warn!(address = %info.address, "a session cookie names another user than its session");
            nobody(true)
        }
        Ok(None) => nobody(true),
        Err(error) => Claimed::Unknown { ids: rotate::hashes_of(panel, &claim.session_id), error },
    }
}

/// Whether a session is valid for the id that it was found by.
async fn classify(
    panel: &Panel,
    info: &RequestInfo,
    session: Session,
    presented: Presented,
    claim: SessionClaim,
    old_seal: bool,
) -> Result<Claimed> {
    let reason = match (session.dead(info.now), presented) {
        (Some(reason), _) => Some(reason),
        (None, Presented::Reused) => Some(EndReason::TokenReuse),
        (None, _) => None,
    };
    if let Some(reason) = reason {
        if session.end.ended_at.is_none() {
            Box::pin(end_overdue(panel, info, &session, reason)).await;
        }
        // A late response to a replaced id must not clear the new cookie that another tab got.
        let clear = presented == Presented::Current && reason != EndReason::Replaced;
        return Ok(Claimed::Nobody { reason: Some(reason), handle: Some(session.handle), clear });
    }
    let cookie = match presented {
        Presented::Current => {
            if session.id_used_at.is_none() {
                Box::pin(rotate::note_use(&panel.db, &hash(&claim.session_id), info.now)).await?;
            }
            if old_seal { Some(session_cookie(panel, &claim, &session, info.now)?) } else { None }
        }
        Presented::Unanswered => {
            let next = Box::pin(rotate::again(panel, &claim)).await?;
            next.map(|next| session_cookie(panel, &next, &session, info.now)).transpose()?
        }
        Presented::Late => None,
        Presented::Replaced | Presented::Reused => {
            return Ok(Claimed::Nobody { reason: None, handle: Some(session.handle), clear: false });
        }
    };
    let in_force = presented == Presented::Current;
    Ok(Claimed::Live { identity: Box::new(Identity { session, claim, in_force }), cookie })
}

/// Records that a session is over. If writing fails, the session is over all the same: the next
/// request comes to the same result.
async fn end_overdue(panel: &Panel, info: &RequestInfo, session: &Session, reason: EndReason) {
    let event = info.event(Action::SessionEnded);
    if let Err(error) = end_found(panel, event, &session.handle, reason).await {
        tracing::warn!(%error, "the end of a session was not written");
    }
}

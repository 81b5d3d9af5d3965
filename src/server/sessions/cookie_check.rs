//! Checks the session cookie of a request against the database.

use std::sync::Arc;

use http::{HeaderMap, HeaderValue};

use super::check::Session;
use super::cookie::{SessionClaim, session_cookie};
use super::end::end_past_limit;
use super::hash;
use super::identity::Identity;
use super::pending::is_pending;
use super::rotate::{self, IdStatus};
use crate::model::session::EndReason;
use crate::server::audit::Action;
use crate::server::cookie::{CookieValue, cookie_value, open};
use crate::server::db::sessions::IdHash;
use crate::server::error::{Error, Result};
use crate::server::request::RequestInfo;
use crate::server::state::Panel;

/// The result of checking a session cookie.
pub enum CookieCheck {
    Live {
        identity: Arc<Identity>,
        /// The new cookie for the browser, if it changes.
        cookie: Option<HeaderValue>,
    },
    /// The session has ended, or the cookie is forged or absent. `clear` tells the browser to
    /// delete the cookie.
    Invalid { reason: Option<EndReason>, handle: Option<String>, clear: bool },
    /// The database is unavailable, so the session's state is unknown. This never counts as
    /// signed out.
    Unavailable { ids: Vec<IdHash>, error: Error },
}

/// Reads the session cookie and looks its session up.
pub async fn check_cookie(panel: &Panel, info: &RequestInfo, headers: &HeaderMap) -> CookieCheck {
    let invalid = |clear| CookieCheck::Invalid { reason: None, handle: None, clear };
    let sealed = match cookie_value(headers, panel.cookies.session) {
        CookieValue::Absent => return invalid(false),
        CookieValue::Several => return invalid(true),
        CookieValue::One(sealed) => sealed,
    };
    let keys = panel.keys.all().iter().map(|keys| &keys.session);
    let Some((claim, key)) = open::<SessionClaim>(panel.cookies.session, keys, sealed) else {
        tracing::info!(address = %info.address, "a session cookie could not be decrypted");
        return invalid(true);
    };
    if is_pending(panel, &claim.session_id) {
        return CookieCheck::Invalid { reason: Some(EndReason::Logout), handle: None, clear: true };
    }
    match rotate::find_by_any_id(&panel.db, &hash(&claim.session_id), info.now).await {
        Ok(Some((session, id_status))) if session.user.id == claim.user_id => {
            let id = claim.session_id.clone();
            let classified = classify(panel, info, session, id_status, claim, key > 0).await;
            classified.unwrap_or_else(|error| CookieCheck::Unavailable { ids: rotate::hashes_of(panel, &id), error })
        }
        Ok(Some(_)) => {
            tracing::warn!(address = %info.address, "a session cookie names another user than its session");
            invalid(true)
        }
        Ok(None) => invalid(true),
        Err(error) => CookieCheck::Unavailable { ids: rotate::hashes_of(panel, &claim.session_id), error },
    }
}

/// Whether a session is valid for the id that it was found by.
async fn classify(
    panel: &Panel,
    info: &RequestInfo,
    session: Session,
    id_status: IdStatus,
    claim: SessionClaim,
    sealed_with_old_key: bool,
) -> Result<CookieCheck> {
    let reason = match (session.end_reason_at(info.now), id_status) {
        (Some(reason), _) => Some(reason),
        (None, IdStatus::Reused) => Some(EndReason::TokenReuse),
        (None, _) => None,
    };
    if let Some(reason) = reason {
        if session.end.ended_at.is_none() {
            Box::pin(end_overdue(panel, info, &session, reason)).await;
        }
        // A late response to a replaced id must not clear the new cookie that another tab got.
        let clear = id_status == IdStatus::Current && reason != EndReason::Replaced;
        return Ok(CookieCheck::Invalid { reason: Some(reason), handle: Some(session.handle), clear });
    }
    let cookie = match id_status {
        IdStatus::Current => {
            if session.id_used_at.is_none() {
                Box::pin(rotate::record_first_use(&panel.db, &hash(&claim.session_id), info.now)).await?;
            }
            if sealed_with_old_key { Some(session_cookie(panel, &claim, &session, info.now)?) } else { None }
        }
        IdStatus::Unconfirmed => {
            let next = Box::pin(rotate::repeat_rotation(panel, &claim)).await?;
            next.map(|next| session_cookie(panel, &next, &session, info.now)).transpose()?
        }
        IdStatus::InGrace => None,
        IdStatus::Replaced | IdStatus::Reused => {
            return Ok(CookieCheck::Invalid { reason: None, handle: Some(session.handle), clear: false });
        }
    };
    let id_is_current = id_status == IdStatus::Current;
    Ok(CookieCheck::Live { identity: Arc::new(Identity { session, claim, id_is_current }), cookie })
}

/// Records that a session is over. If writing fails, the session is over all the same: the next
/// request comes to the same result.
async fn end_overdue(panel: &Panel, info: &RequestInfo, session: &Session, reason: EndReason) {
    let event = info.event(Action::SessionEnded);
    if let Err(error) = end_past_limit(panel, event, &session.handle, reason).await {
        tracing::warn!(%error, "the end of a session was not written");
    }
}

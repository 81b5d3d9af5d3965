//! The session cookie: its sealed payload and its attributes.

use http::HeaderValue;
use serde::{Deserialize, Serialize};

use super::check::Session;
use crate::model::hidden::Hidden;
use crate::server::clock::{Millis, seconds_until};
use crate::server::cookie::seal;
use crate::server::error::{Result, internal};
use crate::server::state::Panel;

/// The payload of the session cookie. The fields besides the id are hints; the row decides.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SessionClaim {
    pub session_id: Hidden,
    pub user_id: String,
    /// RFC 3339.
    pub expire: String,
}

/// The session cookie, sealed with the newest key, with the remaining lifetime.
///
/// # Errors
/// `internal` if the payload can't be sealed.
pub fn session_cookie(panel: &Panel, claim: &SessionClaim, session: &Session, now: Millis) -> Result<HeaderValue> {
    let left = seconds_until(session.times.expires_at(&session.policy), now);
    sealed_cookie(panel, claim, i64::try_from(left).unwrap_or(i64::MAX))
}

/// The session cookie if only the payload is known. `max_age` is in seconds.
///
/// # Errors
/// `internal` if the payload can't be sealed.
pub fn sealed_cookie(panel: &Panel, claim: &SessionClaim, max_age: i64) -> Result<HeaderValue> {
    let sealed = seal(panel.cookies.session, &panel.keys.newest().session, claim).map_err(internal)?;
    Ok(panel.cookies.session_cookie(&sealed, max_age))
}

//! The signed-in user and their session.

use super::check::Session;
use super::cookie::SessionClaim;

/// A signed-in user.
pub struct Identity {
    pub session: Session,
    /// The payload of the browser's cookie.
    pub claim: SessionClaim,
    /// Whether the cookie has the current id, not the previous one in its grace period.
    pub id_is_current: bool,
}

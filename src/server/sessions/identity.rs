//! Who is asking: somebody who is signed in, with the session that says so.

use super::check::Session;
use super::cookie::SessionClaim;

/// Somebody who is signed in.
pub struct Identity {
    pub session: Session,
    /// What the browser came with.
    pub claim: SessionClaim,
    /// Whether that is the id in force, and not the one before in its grace.
    pub in_force: bool,
}

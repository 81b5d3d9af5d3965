//! Who ended a session, for the page it was used on.

use crate::model::session::Revocation;
use crate::server::clock::{Millis, rfc3339};
use crate::server::db::{Db, fetch_optional, queries};
use crate::server::device;
use crate::server::error::Result;

/// Looks up who ended a session; `None` when it has not ended.
///
/// # Errors
/// `unavailable` with the database away.
pub async fn revocation(db: &Db, handle: &str) -> Result<Option<Revocation>> {
    let row = fetch_optional!(db.reader(), (Millis, bool, String), queries::SESSION_REVOCATION, handle)?;
    Ok(row.map(|(at, by_you, user_agent)| Revocation {
        by_you,
        at: rfc3339(at),
        // What administrators use is nobody's business but theirs.
        device: if by_you { device::in_words(&user_agent) } else { String::new() },
    }))
}

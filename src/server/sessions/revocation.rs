//! Who ended a session, for the page that used it.

use crate::model::session::Revocation;
use crate::server::clock::rfc3339;
use crate::server::db::Db;
use crate::server::db::sessions::lists;
use crate::server::device;
use crate::server::error::Result;

/// Looks up who ended a session; `None` if it has not ended.
///
/// # Errors
/// `unavailable` if the database is down.
pub async fn revocation(db: &Db, handle: &str) -> Result<Option<Revocation>> {
    let row = lists::revocation(db.reader(), handle).await?;
    Ok(row.map(|row| Revocation {
        by_you: row.by_user,
        at: rfc3339(row.ended_at),
        // The devices of administrators are not shown to other users.
        device: if row.by_user { device::describe(&row.user_agent) } else { String::new() },
    }))
}

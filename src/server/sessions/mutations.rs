//! The rate limit on a session's mutations: more than a user needs, and few enough not to fill
//! the disk.

use crate::server::clock::{MINUTE, Millis};
use crate::server::db::Db;
use crate::server::db::sessions::life;
use crate::server::error::Result;
use crate::server::lockout::buckets::Full;
use crate::server::lockout::too_many;

/// The maximum number of mutations of a session in a [`WINDOW`]. Signing out does not count.
const LIMIT: i64 = 600;

/// The window in which mutations are counted.
const WINDOW: Millis = 5 * MINUTE;

/// Counts a mutation of a session, and refuses it past the limit, in one statement.
///
/// # Errors
/// `too_many_requests` past the limit, with the seconds until the window ends; `unavailable`.
pub async fn count(db: &Db, handle: &str, now: Millis) -> Result<()> {
    let begun_before = now - WINDOW;
    // Uses a transaction because its commit reports a failed write. SQLite would commit a
    // single statement after its first row without reporting the error.
    let mut tx = db.begin().await?;
    let counted = life::count_mutation(tx.on(), now, handle, begun_before, LIMIT).await?;
    tx.commit().await?;
    if counted.is_some_and(|(mutations,)| mutations <= LIMIT) {
        return Ok(());
    }
    let since = life::mutations_since(db.reader(), handle).await?;
    let over = since.map_or(now, |(since,)| since.min(now)) + WINDOW;
    Err(too_many(Full { until: over }, now))
}

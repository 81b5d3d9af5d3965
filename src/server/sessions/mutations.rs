//! How much one session may change: more than any person does, and less than
//! would fill a disk.

use crate::server::clock::{MINUTE, Millis};
use crate::server::db::Db;
use crate::server::db::sessions::life;
use crate::server::error::Result;
use crate::server::lockout::buckets::Full;
use crate::server::lockout::too_many;

/// So many mutations a session has in a [`WINDOW`], signing out not counted.
const LIMIT: i64 = 600;

/// The time they are counted in.
const WINDOW: Millis = 5 * MINUTE;

/// Counts a mutation of a session, in one statement that also refuses.
///
/// # Errors
/// `too_many_requests` past the limit, with the seconds until it is over; `unavailable`.
pub async fn count(db: &Db, handle: &str, now: Millis) -> Result<()> {
    let begun_before = now - WINDOW;
    // A transaction, whose commit says whether it was written: a statement alone
    // is over after its first row, and SQLite would commit it without a word.
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

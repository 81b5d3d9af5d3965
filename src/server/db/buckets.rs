//! The tables `buckets` and `attempts`: rate limits and locks.

use rusqlite::Row;
use sqlx::FromRow;

use super::LocalRow;
use super::query::{local, queries};
use super::users::user_of_email;
use crate::server::clock::Millis;

/// The state of a bucket.
#[derive(FromRow)]
pub struct BucketState {
    pub locked_until: Option<Millis>,
    /// The number of attempts that count.
    pub used: i64,
    pub newest: Option<Millis>,
    /// In a full bucket, the time of the attempt that makes room when it leaves the window.
    pub frees: Option<Millis>,
}

/// A bucket that is locked or full.
#[derive(FromRow)]
pub struct LockoutRow {
    pub bucket: String,
    pub user_id: Option<String>,
    pub user_name: Option<String>,
    pub email: Option<String>,
    pub locked_until: Option<Millis>,
    pub failures: i64,
    pub frees: Option<Millis>,
    /// The newest attempt: under a lock none is counted.
    pub newest: Option<Millis>,
}

impl LocalRow for BucketState {
    fn read(row: &Row<'_>) -> rusqlite::Result<BucketState> {
        Ok(BucketState { locked_until: row.get(0)?, used: row.get(1)?, newest: row.get(2)?, frees: row.get(3)? })
    }
}

const STATE: &str = "
        SELECT b.locked_until, count(a.id) AS used, max(a.at) AS newest,
            (SELECT f.at FROM attempts f WHERE f.bucket = $1 AND f.at > $2 ORDER BY f.at DESC LIMIT 1 OFFSET $4) AS frees
        FROM buckets b LEFT JOIN attempts a ON a.bucket = b.name AND a.at > $2
            AND (b.locked_until IS NULL OR b.locked_until > $3 OR a.at >= b.locked_until)
        WHERE b.name = $1 GROUP BY b.name, b.locked_until";

local! {
    /// The state of a bucket, read in this thread if possible.
    fn committed_state = state(bucket: &str, window_start: Millis, now: Millis, newer: i64) -> Option<BucketState> { STATE }
}

queries! {
    /// The state of a bucket at `now`. Attempts count from `window_start`, or from the end of
    /// an expired lock if that is later. `newer` is the number of attempts that are newer than
    /// the one whose expiry makes room in a full bucket.
    fn state(bucket: &str, window_start: Millis, now: Millis, newer: i64) -> Option<BucketState> { STATE }

    /// Creates or locks a bucket's row. A lock that ends after `latest_end` was written by a
    /// clock that was ahead and is corrected.
    fn lock_row(bucket: &str, latest_end: Millis) -> Count { "
        INSERT INTO buckets (name, locked_until) VALUES ($1, NULL) ON CONFLICT (name) DO UPDATE SET
            locked_until = CASE WHEN buckets.locked_until > $2 THEN CAST($2 AS BIGINT) ELSE buckets.locked_until END" }

    /// Resets a bucket's attempts in the future to now.
    fn correct_attempts(bucket: &str, now: Millis) -> Count {
        "UPDATE attempts SET at = $2 WHERE bucket = $1 AND at > $2"
    }

    /// Counts one attempt, unless `limit` attempts count since `window_start` or a lock is in
    /// force.
    fn charge(bucket: &str, attempt_id: &str, now: Millis, window_start: Millis, limit: i64) -> Count { "
        INSERT INTO attempts (bucket, id, at)
        SELECT b.name, CAST($2 AS TEXT), CAST($3 AS BIGINT) FROM buckets b
        WHERE b.name = $1 AND (b.locked_until IS NULL OR b.locked_until <= $3) AND (
            SELECT count(*) FROM attempts a
            WHERE a.bucket = b.name AND a.at > $4 AND a.at >= COALESCE(b.locked_until, 0)) < $5" }

    fn lock(until: Millis, bucket: &str) -> Count {
        "UPDATE buckets SET locked_until = $1 WHERE name = $2"
    }

    fn unlock(bucket: &str) -> Count {
        "UPDATE buckets SET locked_until = NULL WHERE name = $1"
    }

    fn remove(bucket: &str) -> Count {
        "DELETE FROM buckets WHERE name = $1"
    }

    /// Deletes a bucket's attempts, and one attempt from every bucket that counts it.
    fn clear_with(bucket: &str, attempt_id: &str) -> Count {
        "DELETE FROM attempts WHERE bucket = $1 OR id = $2"
    }

    /// Deletes a bucket's attempts.
    fn clear(bucket: &str) -> Count {
        "DELETE FROM attempts WHERE bucket = $1"
    }

    /// Removes one attempt from every bucket that counts it.
    fn refund(attempt_id: &str) -> Count {
        "DELETE FROM attempts WHERE id = $1"
    }

    /// Deletes the failures of an email, of its user and of the user's own browsers.
    fn clear_user(typed: &str, email: &str) -> Count { concat!("
        DELETE FROM attempts WHERE bucket IN ('email:' || $1, 'email:' || $2) OR bucket = 'user:' || ", user_of_email!(), "
            OR bucket LIKE 'device:' || ", user_of_email!(), " || ':%'") }

    /// Deletes the same buckets.
    fn remove_user(typed: &str, email: &str) -> Count { concat!("
        DELETE FROM buckets WHERE name IN ('email:' || $1, 'email:' || $2) OR name = 'user:' || ", user_of_email!(), "
            OR name LIKE 'device:' || ", user_of_email!(), " || ':%'") }

    /// The users, emails and owners' browsers that are locked at `now`. Failures count since
    /// `window_start`. A user's id has 36 characters.
    fn locked(window_start: Millis, now: Millis) -> Vec<LockoutRow> { "
        SELECT b.name AS bucket, u.id AS user_id, u.name AS user_name, u.email, b.locked_until, CAST(NULL AS BIGINT) AS frees,
            (SELECT count(*) FROM attempts a WHERE a.bucket = b.name AND a.at > $1) AS failures,
            (SELECT max(a.at) FROM attempts a WHERE a.bucket = b.name) AS newest
        FROM buckets b LEFT JOIN users u ON u.id = CASE
            WHEN b.name LIKE 'user:%' THEN substr(b.name, 6)
            WHEN b.name LIKE 'device:%' THEN substr(b.name, 8, 36) END
        WHERE b.locked_until > $2 AND (b.name LIKE 'user:%' OR b.name LIKE 'email:%' OR b.name LIKE 'device:%')" }

    /// The addresses with at least `least` attempts since `window_start`. `newer` as in [`state`].
    fn full_addresses(window_start: Millis, least: i64, newer: i64) -> Vec<LockoutRow> { "
        SELECT b.name AS bucket, CAST(NULL AS TEXT) AS user_id, CAST(NULL AS TEXT) AS user_name, CAST(NULL AS TEXT) AS email,
            b.locked_until, count(a.id) AS failures, max(a.at) AS newest,
            (SELECT f.at FROM attempts f WHERE f.bucket = b.name AND f.at > $1 ORDER BY f.at DESC LIMIT 1 OFFSET $3) AS frees
        FROM buckets b JOIN attempts a ON a.bucket = b.name AND a.at > $1
        WHERE b.name LIKE 'address:%' GROUP BY b.name, b.locked_until HAVING count(a.id) >= $2" }

    /// Resets all attempts in the future to now.
    fn correct_all_attempts(now: Millis) -> Count {
        "UPDATE attempts SET at = $1 WHERE at > $1"
    }

    /// Shortens all locks in the future to `latest_end`.
    fn correct_all_locks(latest_end: Millis) -> Count {
        "UPDATE buckets SET locked_until = $1 WHERE locked_until > $1"
    }

    fn sweep_attempts(until: Millis) -> Count {
        "DELETE FROM attempts WHERE at <= $1"
    }

    /// Deletes buckets that neither are locked nor count any attempt.
    fn sweep(now: Millis) -> Count { "
        DELETE FROM buckets WHERE (locked_until IS NULL OR locked_until <= $1)
            AND NOT EXISTS (SELECT 1 FROM attempts a WHERE a.bucket = buckets.name)" }
}

//! The ids of a session: used, rotated, replaced and retired.

use crate::server::clock::Millis;
use crate::server::db::query::queries;
use crate::server::db::roles::rights;

queries! {
    /// Records the first use of the current id.
    fn record_first_use(now: Millis, id_key: i64, id_hash: &[u8]) -> Count {
        "UPDATE sessions SET id_used_at = $1 WHERE id_key = $2 AND id_hash = $3 AND id_used_at IS NULL"
    }

    /// Replaces the id by its successor. Of parallel requests, one gets the row.
    fn rotate(next_id_key: i64, next_id_hash: &[u8], id_key: i64, id_hash: &[u8], handle: &str) -> Count { concat!("
        UPDATE sessions SET previous_id_hash = id_hash, id_key = $1, id_hash = $2, id_used_at = NULL,
            rights = (SELECT ", rights!(), " FROM users u WHERE u.id = sessions.user_id)
        WHERE id_key = $3 AND id_hash = $4 AND handle = $5 AND ended_at IS NULL") }

    /// Records a password proof.
    fn record_proof(now: Millis, handle: &str) -> Count {
        "UPDATE sessions SET proved_at = $1 WHERE handle = $2 AND ended_at IS NULL"
    }

    /// Replaces the id without a grace period. Returns the previous hash and the number of such
    /// replacements.
    fn replace(next_id_key: i64, next_id_hash: &[u8], now: Millis, handle: &str) -> Option<(Vec<u8>, i64)> { "
        UPDATE sessions SET previous_id_hash = id_hash, id_key = $1, id_hash = $2, id_used_at = $3, renewals = renewals + 1
        WHERE handle = $4 AND ended_at IS NULL RETURNING previous_id_hash, renewals" }

    /// Keeps a replaced id. The use of a `harmless` one does not count as theft.
    fn retire(id_hash: &[u8], handle: &str, harmless: bool) -> Count {
        "INSERT INTO retired_ids (id_hash, handle, harmless) VALUES ($1, $2, $3)"
    }

    /// Marks previous ids as harmless that are in their grace period when a fresh id is issued:
    /// their successor was used since `since`, or not yet.
    fn mark_harmless(handle: &str, since: Millis) -> Count { "
        UPDATE retired_ids SET harmless = TRUE WHERE id_hash = (
            SELECT previous_id_hash FROM sessions WHERE handle = $1 AND (id_used_at IS NULL OR id_used_at > $2))" }
}

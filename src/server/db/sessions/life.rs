//! Starting a session, its activity, and its count of mutations.

use crate::server::clock::Millis;
use crate::server::db::query::queries;
use crate::server::db::roles::rights;

queries! {
    /// Starts a session with its id used and its password proven now. No rows if the handle
    /// exists.
    fn insert(
        new_handle: &str, new_id_key: i64, new_id_hash: &[u8], user_id: &str, remembered: bool, now: Millis,
        expires_at: Millis, address: &str, user_agent: &str,
    ) -> Count { concat!("
        INSERT INTO sessions (handle, id_key, id_hash, user_id, remembered, started_at, last_seen_at, id_used_at, proved_at,
                              expires_at, address, user_agent, rights)
        SELECT $1, $2, $3, u.id, $5, $6, $6, $6, $6, $7, $8, $9, ", rights!(), " FROM users u WHERE u.id = $4
        ON CONFLICT (handle) DO NOTHING") }

    /// Records activity, unless some was recorded after `since`.
    fn touch(now: Millis, handle: &str, since: Millis) -> Count {
        "UPDATE sessions SET last_seen_at = $1 WHERE handle = $2 AND ended_at IS NULL AND last_seen_at <= $3"
    }

    /// Records a user's activity, unless some was recorded after `since`.
    fn touch_user(now: Millis, handle: &str, since: Millis) -> Count { "
        UPDATE users SET last_active_at = $1
        WHERE id = (SELECT s.user_id FROM sessions s WHERE s.handle = $2) AND (last_active_at IS NULL OR last_active_at <= $3)" }

    /// Corrects times written by a clock that was ahead. Moves no time forward.
    fn correct_times(started_at: Millis, last_seen_at: Millis, expires_at: Millis, handle: &str) -> Count { "
        UPDATE sessions SET
            started_at = CASE WHEN started_at > $1 THEN CAST($1 AS BIGINT) ELSE started_at END,
            last_seen_at = CASE WHEN last_seen_at > $2 THEN CAST($2 AS BIGINT) ELSE last_seen_at END,
            expires_at = CASE WHEN expires_at > $3 THEN CAST($3 AS BIGINT) ELSE expires_at END
        WHERE handle = $4 AND ended_at IS NULL" }

    /// Corrects the times of every session that starts or was seen after `now`.
    fn correct_all_times(now: Millis) -> Count { "
        UPDATE sessions SET
            started_at = CASE WHEN started_at > $1 THEN CAST($1 AS BIGINT) ELSE started_at END,
            last_seen_at = CASE WHEN last_seen_at > $1 THEN CAST($1 AS BIGINT) ELSE last_seen_at END,
            expires_at = CASE WHEN started_at > $1 THEN CAST($1 AS BIGINT) + (expires_at - started_at) ELSE expires_at END
        WHERE ended_at IS NULL AND (started_at > $1 OR last_seen_at > $1)" }

    /// Counts a mutation, up to one past the limit, and returns the count. A window that began
    /// before `begun_before`, or in the future, begins now.
    fn count_mutation(now: Millis, handle: &str, begun_before: Millis, limit: i64) -> Option<(i64,)> { "
        UPDATE sessions SET
            mutations = CASE WHEN mutations_since <= $3 THEN 1 ELSE mutations + 1 END,
            mutations_since = CASE WHEN mutations_since <= $3 OR mutations_since > $1 THEN $1 ELSE mutations_since END
        WHERE handle = $2 AND (mutations_since <= $3 OR mutations_since > $1 OR mutations <= $4) RETURNING mutations" }

    /// The start of the window in which mutations are counted.
    fn mutations_since(handle: &str) -> Option<(Millis,)> {
        "SELECT mutations_since FROM sessions WHERE handle = $1"
    }
}

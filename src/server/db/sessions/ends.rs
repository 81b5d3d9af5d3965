//! Ending sessions. A session ends once: each statement leaves ended ones unchanged.

use crate::server::clock::Millis;
use crate::server::db::query::queries;

/// A session that has just ended: its handle and its user's id.
pub type EndedRow = (String, String);

queries! {
    /// Ends one session.
    fn one(now: Millis, end_reason: &str, ended_by: Option<&str>, handle: &str) -> Option<EndedRow> { "
        UPDATE sessions SET ended_at = $1, end_reason = $2, ended_by = $3
        WHERE handle = $4 AND ended_at IS NULL RETURNING handle, user_id" }

    /// Ends the session of an id, current or replaced, on behalf of its user.
    fn by_id(now: Millis, end_reason: &str, id_key: i64, id_hash: &[u8]) -> Option<EndedRow> { "
        UPDATE sessions SET ended_at = $1, end_reason = $2, ended_by = user_id
        WHERE ((id_key = $3 AND id_hash = $4) OR handle = (SELECT r.handle FROM retired_ids r WHERE r.id_hash = $4 AND NOT r.harmless))
            AND ended_at IS NULL RETURNING handle, user_id" }

    /// Ends all of a user's sessions.
    fn of_user(now: Millis, end_reason: &str, ended_by: Option<&str>, user_id: &str) -> Vec<EndedRow> { "
        UPDATE sessions SET ended_at = $1, end_reason = $2, ended_by = $3
        WHERE user_id = $4 AND ended_at IS NULL RETURNING handle, user_id" }

    /// Ends one of a user's own sessions. Other users' are not found.
    fn own(now: Millis, end_reason: &str, user_id: &str, handle: &str) -> Option<EndedRow> { "
        UPDATE sessions SET ended_at = $1, end_reason = $2, ended_by = $3
        WHERE handle = $4 AND user_id = $3 AND ended_at IS NULL RETURNING handle, user_id" }

    /// Ends a user's sessions except the current one, and only while that one is live.
    fn others(now: Millis, end_reason: &str, user_id: &str, handle: &str) -> Vec<EndedRow> { "
        UPDATE sessions SET ended_at = $1, end_reason = $2, ended_by = $3
        WHERE user_id = $3 AND handle <> $4 AND ended_at IS NULL
          AND EXISTS (SELECT 1 FROM sessions c WHERE c.handle = $4 AND c.ended_at IS NULL) RETURNING handle, user_id" }

    /// Ends sessions past their fixed end. A remembered session also ends if it started before
    /// `started_after`.
    fn expired(now: Millis, started_after: Millis) -> Vec<EndedRow> { "
        UPDATE sessions SET ended_at = $1, end_reason = 'expired'
        WHERE ended_at IS NULL AND (expires_at <= $1 OR (remembered AND started_at <= $2)) RETURNING handle, user_id" }

    /// Ends sessions without activity since `active_after`; remembered ones only if
    /// `also_remembered`.
    fn idle(now: Millis, active_after: Millis, also_remembered: bool) -> Vec<EndedRow> { "
        UPDATE sessions SET ended_at = $1, end_reason = 'idle'
        WHERE ended_at IS NULL AND last_seen_at <= $2 AND (NOT remembered OR $3) RETURNING handle, user_id" }

    /// Resets ends in the future, written by a clock that was ahead, to now.
    fn correct_ends(now: Millis) -> Count {
        "UPDATE sessions SET ended_at = $1 WHERE ended_at > $1"
    }

    /// Deletes sessions that ended before `ended_before`.
    fn sweep(ended_before: Millis) -> Count {
        "DELETE FROM sessions WHERE ended_at < $1"
    }
}

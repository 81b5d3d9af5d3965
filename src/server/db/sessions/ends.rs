//! Ending sessions. A session ends once: each statement leaves ended ones alone.

use crate::server::clock::Millis;
use crate::server::db::query::queries;

/// A session that has just ended: its handle and its user's id.
pub type EndedRow = (String, String);

queries! {
    /// Ends one session.
    fn one(now: Millis, end_reason: &str, ended_by: Option<&str>, handle: &str) -> Option<EndedRow> { "
        UPDATE sessions SET ended_at = $1, end_reason = $2, ended_by = $3
        WHERE handle = $4 AND ended_at IS NULL RETURNING handle, user_id" }

    /// Ends the session of an id, in force or replaced, by its own user.
    fn by_id(now: Millis, end_reason: &str, id_hash: &[u8]) -> Option<EndedRow> { "
        UPDATE sessions SET ended_at = $1, end_reason = $2, ended_by = user_id
        WHERE (id_hash = $3 OR handle = (SELECT r.handle FROM retired_ids r WHERE r.id_hash = $3 AND NOT r.harmless))
            AND ended_at IS NULL RETURNING handle, user_id" }

    /// Ends all of a user's sessions.
    fn of_user(now: Millis, end_reason: &str, ended_by: Option<&str>, user_id: &str) -> Vec<EndedRow> { "
        UPDATE sessions SET ended_at = $1, end_reason = $2, ended_by = $3
        WHERE user_id = $4 AND ended_at IS NULL RETURNING handle, user_id" }

    /// Ends one of a user's own; another's is not found.
    fn own(now: Millis, end_reason: &str, user_id: &str, handle: &str) -> Option<EndedRow> { "
        UPDATE sessions SET ended_at = $1, end_reason = $2, ended_by = $3
        WHERE handle = $4 AND user_id = $3 AND ended_at IS NULL RETURNING handle, user_id" }

    /// Ends a user's sessions but the one that asks, and only while that one lives.
    fn others(now: Millis, end_reason: &str, user_id: &str, handle: &str) -> Vec<EndedRow> { "
        UPDATE sessions SET ended_at = $1, end_reason = $2, ended_by = $3
        WHERE user_id = $3 AND handle <> $4 AND ended_at IS NULL
          AND EXISTS (SELECT 1 FROM sessions c WHERE c.handle = $4 AND c.ended_at IS NULL) RETURNING handle, user_id" }

    /// Ends what is past a fixed end; a remembered session must have started after `started_after`.
    fn expired(now: Millis, started_after: Millis) -> Vec<EndedRow> { "
        UPDATE sessions SET ended_at = $1, end_reason = 'expired'
        WHERE ended_at IS NULL AND (expires_at <= $1 OR (remembered AND started_at <= $2)) RETURNING handle, user_id" }

    /// Ends what was last active before `active_after`; remembered ones only `also_remembered`.
    fn idle(now: Millis, active_after: Millis, also_remembered: bool) -> Vec<EndedRow> { "
        UPDATE sessions SET ended_at = $1, end_reason = 'idle'
        WHERE ended_at IS NULL AND last_seen_at <= $2 AND (NOT remembered OR $3) RETURNING handle, user_id" }

    /// Dates back to now what a clock that was ahead has ended.
    fn bring_back(now: Millis) -> Count {
        "UPDATE sessions SET ended_at = $1 WHERE ended_at > $1"
    }

    /// Deletes what ended before `ended_before`.
    fn sweep(ended_before: Millis) -> Count {
        "DELETE FROM sessions WHERE ended_at < $1"
    }
}

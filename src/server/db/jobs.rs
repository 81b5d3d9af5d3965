//! The table `jobs`: acts on more things than one request should wait for.

use sqlx::FromRow;

use super::query::queries;
use crate::server::clock::Millis;

/// A job.
#[derive(Clone, Debug, FromRow)]
pub struct JobRow {
    pub id: String,
    pub what: String,
    pub state: String,
    pub total: i64,
    pub done: i64,
    /// JSON: those that were left out.
    pub refused: String,
    pub updated_at: Millis,
}

queries! {
    fn insert(new_job_id: &str, session: &str, what: &str, total: i64, now: Millis) -> Count { "
        INSERT INTO jobs (id, session, what, state, total, done, refused, created_at, updated_at)
        VALUES ($1, $2, $3, 'running', $4, 0, '[]', $5, $5)" }

    /// A job, for the session that began it.
    fn find(job_id: &str, session: &str) -> Option<JobRow> {
        "SELECT id, what, state, total, done, refused, updated_at FROM jobs WHERE id = $1 AND session = $2"
    }

    /// The newest job of a session that still runs or ended after `since`.
    fn newest(session: &str, what: &str, since: Millis) -> Option<JobRow> { "
        SELECT id, what, state, total, done, refused, updated_at FROM jobs
        WHERE session = $1 AND what = $2 AND (state = 'running' OR updated_at >= $3)
        ORDER BY created_at DESC, id DESC LIMIT 1" }

    fn record(state: &str, done: i64, refused: &str, now: Millis, job_id: &str) -> Count {
        "UPDATE jobs SET state = $1, done = $2, refused = $3, updated_at = $4 WHERE id = $5"
    }

    fn interrupt(now: Millis, job_id: &str) -> Count {
        "UPDATE jobs SET state = 'interrupted', updated_at = $1 WHERE id = $2 AND state = 'running'"
    }

    /// Whether a session is still open. A job ends with its session.
    fn session_is_open(handle: &str) -> Option<(String,)> {
        "SELECT handle FROM sessions WHERE handle = $1 AND ended_at IS NULL"
    }

    fn sweep(before: Millis) -> Count { "DELETE FROM jobs WHERE updated_at < $1" }
}

//! Whether a session still counts, asked by its public name: by those who have
//! no cookie of it, the event streams and the command line.

use sqlx::FromRow;

use super::super::clock::Millis;
use super::super::db::{Db, fetch_optional, queries};
use super::super::error::{Result, internal};
use super::limits::Times;
use crate::model::policy::Policy;
use crate::model::session::EndReason;

#[derive(FromRow)]
struct Row {
    remembered: bool,
    started_at: Millis,
    last_seen_at: Millis,
    expires_at: Millis,
    ended_at: Option<Millis>,
    end_reason: Option<String>,
    is_active: bool,
    rules: String,
}

/// How it stands with a session.
pub struct Standing {
    pub times: Times,
    pub policy: Policy,
    /// Why it has ended, if it has.
    pub ended: Option<EndReason>,
    is_active: bool,
}

impl Standing {
    /// Looks a session up by its handle; `None` when there is none, or no more.
    ///
    /// # Errors
    /// `unavailable` with the database away: never "ended".
    pub async fn of(db: &Db, handle: &str) -> Result<Option<Standing>> {
        let Some(row) = fetch_optional!(db.reader(), Row, queries::SESSION_STANDING, handle)? else { return Ok(None) };
        Ok(Some(Standing {
            times: Times {
                remembered: row.remembered,
                started_at: row.started_at,
                last_seen_at: row.last_seen_at,
                expires_at: row.expires_at,
            },
            policy: serde_json::from_str(&row.rules).map_err(internal)?,
            ended: ended(row.ended_at, row.end_reason.as_deref()),
            is_active: row.is_active,
        }))
    }

    /// Why the session does not count at a time; `None` while it is live.
    pub fn dead(&self, now: Millis) -> Option<EndReason> {
        let disabled = (!self.is_active).then_some(EndReason::AccountDisabled);
        self.ended.or(disabled).or_else(|| self.times.overdue(&self.policy, now))
    }
}

/// Reads the two columns of an end.
pub fn ended(at: Option<Millis>, reason: Option<&str>) -> Option<EndReason> {
    at.map(|_| reason.and_then(EndReason::from_name).unwrap_or(EndReason::Revoked))
}

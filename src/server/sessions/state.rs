//! Looks up by handle whether a session is still live. Used by the event streams and the
//! command line, which have no cookie.

use crate::model::policy::Policy;
use crate::model::session::EndReason;
use crate::server::clock::Millis;
use crate::server::db::Db;
use crate::server::db::sessions::{self, End, SessionStateRow, Times};
use crate::server::error::{Result, internal};

/// The state of a session.
pub struct SessionState {
    pub times: Times,
    pub policy: Policy,
    pub end: End,
    /// How often the id was replaced without a grace period.
    pub renewals: i64,
    is_active: bool,
}

impl SessionState {
    /// Looks a session up by its handle; `None` if it does not exist or was deleted.
    ///
    /// # Errors
    /// `unavailable` if the database is down. A failure never counts as "ended".
    pub async fn of(db: &Db, handle: &str) -> Result<Option<SessionState>> {
        let Some(row) = sessions::state(db.reader(), handle).await? else { return Ok(None) };
        let policy = Policy::read(&row.rules).map_err(internal)?;
        let SessionStateRow { times, end, renewals, is_active, .. } = row;
        Ok(Some(SessionState { times, policy, end, renewals, is_active }))
    }

    /// Why the session is invalid at a time; `None` while it is live.
    pub fn end_reason_at(&self, now: Millis) -> Option<EndReason> {
        self.times.end_reason_at(&self.end, self.is_active, &self.policy, now)
    }
}

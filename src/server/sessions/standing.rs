//! Whether a session still counts, asked by its public name: by those who have
//! no cookie of it, the event streams and the command line.

use crate::model::policy::Policy;
use crate::model::session::EndReason;
use crate::server::clock::Millis;
use crate::server::db::Db;
use crate::server::db::sessions::{self, End, StandingRow, Times};
use crate::server::error::{Result, internal};

/// How it stands with a session.
pub struct Standing {
    pub times: Times,
    pub policy: Policy,
    pub end: End,
    /// How often the id was renewed without grace.
    pub renewals: i64,
    is_active: bool,
}

impl Standing {
    /// Looks a session up by its handle; `None` when there is none, or no more.
    ///
    /// # Errors
    /// `unavailable` with the database away: never "ended".
    pub async fn of(db: &Db, handle: &str) -> Result<Option<Standing>> {
        let Some(row) = sessions::standing(db.reader(), handle).await? else { return Ok(None) };
        let policy = Policy::read(&row.rules).map_err(internal)?;
        let StandingRow { times, end, renewals, is_active, .. } = row;
        Ok(Some(Standing { times, policy, end, renewals, is_active }))
    }

    /// Why the session does not count at a time; `None` while it is live.
    pub fn dead(&self, now: Millis) -> Option<EndReason> {
        self.times.dead(&self.end, self.is_active, &self.policy, now)
    }
}

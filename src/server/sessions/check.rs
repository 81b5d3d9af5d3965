//! The session check: one query loads the row, which is then checked in memory.

use std::sync::Arc;

use super::limits::TOUCH_INTERVAL;
use crate::model::permission::Permissions;
use crate::model::policy::Policy;
use crate::model::preference::Preferences;
use crate::model::session::{EndReason, SessionStatus};
use crate::server::clock::{MINUTE, Millis, TimeText, time_text};
use crate::server::db::Db;
use crate::server::db::sessions::{self, CheckRow, End, IdHash, Times, life};
use crate::server::error::Result;
use crate::server::state::{Panel, Touch};
use crate::server::users::effective_permissions;
use crate::server::{live, preferences};

/// A session as stored in the database.
pub struct Session {
    pub handle: String,
    pub times: Times,
    pub end: End,
    pub user: SessionUser,
    pub policy: Arc<Policy>,
    /// When a request first used the current id; `None` before that.
    pub id_used_at: Option<Millis>,
    /// When the user last proved their password in this session.
    pub proved_at: Millis,
    /// How often the id was replaced without a grace period.
    pub renewals: i64,
    /// Whether the role or permissions changed since the id was issued.
    pub rights_changed: bool,
    /// The user's stored language and theme.
    pub preferences: Preferences,
}

/// The part of a user that every request needs. [`of_session`](crate::server::users::of_session) returns the rest.
pub struct SessionUser {
    pub id: String,
    pub is_active: bool,
    pub role: String,
    /// JSON: the permissions granted in addition to the role.
    pub permissions: String,
    /// JSON: the permissions of the role.
    pub role_permissions: String,
    /// Whether nothing but a new password is possible.
    pub password_required: bool,
}

impl SessionUser {
    /// The permissions of the role plus the personal grants.
    ///
    /// # Errors
    /// `internal` for a corrupt row, which then grants nothing.
    pub fn effective(&self) -> Result<Permissions> {
        effective_permissions(&self.role_permissions, &self.permissions)
    }
}

impl Session {
    /// Finds a session by the hash of its current id.
    ///
    /// # Errors
    /// `unavailable` if the database is down, `internal` for a corrupt row. A failure never
    /// counts as "no session".
    pub async fn by_current_id(db: &Db, id_hash: &IdHash) -> Result<Option<Session>> {
        Ok(sessions::find(db, sessions::id_key(id_hash), id_hash).await?.map(Session::from))
    }

    /// Corrects times that were written by a clock that was ahead, and stores the correction.
    /// The session then lasts its full lifetime from now.
    ///
    /// # Errors
    /// `unavailable` if the database is down.
    pub async fn correct_times(&mut self, db: &Db, now: Millis) -> Result<()> {
        if self.end.ended_at.is_some() {
            return Ok(());
        }
        let Some(times) = self.times.corrected(now) else { return Ok(()) };
        let (started_at, seen_at, expires_at) = (times.started_at, times.last_seen_at, times.expires_at);
        let handle = self.handle.as_str();
        life::correct_times(db.writer(), started_at, seen_at, expires_at, handle).await?;
        tracing::warn!(handle, "a session with times in the future was corrected: a clock was ahead");
        self.times = times;
        Ok(())
    }

    /// Why this session is invalid at a time; `None` while it is live.
    pub fn end_reason_at(&self, now: Millis) -> Option<EndReason> {
        self.times.end_reason_at(&self.end, self.user.is_active, &self.policy, now)
    }

    /// The expiry times in the contract's format.
    pub fn status(&self, now: Millis) -> SessionStatus<&str, TimeText> {
        SessionStatus {
            user_id: &self.user.id,
            expires_at: time_text(self.times.expires_at(&self.policy)),
            idle_expires_at: self.times.idle_expires_at(&self.policy).map(time_text),
            server_time: time_text(now),
        }
    }

    /// Records activity: at most once a minute, and never on an ended session.
    ///
    /// # Errors
    /// `unavailable` if the database is down.
    pub async fn touch(&mut self, panel: &Panel, now: Millis) -> Result<()> {
        if now - self.times.last_seen_at < TOUCH_INTERVAL {
            return Ok(());
        }
        let touch = Touch { handle: self.handle.clone(), at: now };
        if panel.touches.write(&panel.db, touch, |touches| record(&panel.db, touches)).await? {
            self.times.last_seen_at = now;
        }
        Ok(())
    }
}

/// A user's newest activity is stored at most once in this interval: lists of people need no more.
const USER_INTERVAL: Millis = 60 * MINUTE;

/// Records the activity of several sessions. Returns for each whether it was recorded.
async fn record(db: &Db, touches: Vec<Touch>) -> Result<Vec<bool>> {
    let mut tx = db.begin().await?;
    let mut recorded = Vec::with_capacity(touches.len());
    for Touch { handle, at } in touches {
        let written = life::touch(tx.on(), at, &handle, at - TOUCH_INTERVAL).await? > 0;
        if written {
            life::touch_user(tx.on(), at, &handle, at - USER_INTERVAL).await?;
            live::session_extended(&mut tx, &handle, at).await?;
        }
        recorded.push(written);
    }
    tx.commit().await?;
    Ok(recorded)
}

impl From<CheckRow> for Session {
    fn from(row: CheckRow) -> Session {
        Session {
            handle: row.handle,
            times: row.times,
            end: row.end,
            user: SessionUser {
                id: row.user_id,
                is_active: row.is_active,
                role: row.role,
                permissions: row.permissions,
                role_permissions: row.role_permissions,
                password_required: row.password_required,
            },
            policy: row.policy.0,
            id_used_at: row.id_used_at,
            proved_at: row.proved_at,
            renewals: row.renewals,
            rights_changed: row.rights_changed,
            preferences: preferences::of_row(row.language.as_deref(), row.theme.as_deref()),
        }
    }
}

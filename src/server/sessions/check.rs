//! The session check: one query, then the row decides.

use sqlx::FromRow;

use super::super::clock::{Millis, rfc3339};
use super::super::db::{Db, execute, fetch_optional, queries};
use super::super::error::{Result, internal};
use super::super::live;
use super::super::preferences;
use super::super::state::IdHash;
use super::super::users::UserColumns;
use super::limits::{TOUCH_INTERVAL, Times};
use crate::model::policy::Policy;
use crate::model::preference::Preferences;
use crate::model::session::{EndReason, SessionStatus};
use crate::model::user::User;

/// A session's row with its user and the policy in force.
#[derive(FromRow)]
pub struct Row {
    handle: String,
    user_id: String,
    remembered: bool,
    started_at: Millis,
    last_seen_at: Millis,
    expires_at: Millis,
    ended_at: Option<Millis>,
    end_reason: Option<String>,
    address: String,
    user_agent: String,
    id_used_at: Option<Millis>,
    proved_at: Millis,
    rights_changed: bool,
    language: Option<String>,
    theme: Option<String>,
    email: String,
    name: String,
    role: String,
    permissions: String,
    is_active: bool,
    phone: Option<String>,
    labels: String,
    avatar: Option<String>,
    created_at: Millis,
    updated_at: Millis,
    last_login: Option<Millis>,
    rules: String,
}

/// A session as the database knows it at this moment.
pub struct Session {
    pub handle: String,
    pub times: Times,
    pub address: String,
    pub user_agent: String,
    pub user: User,
    pub policy: Policy,
    /// Why it has ended, if it has.
    pub ended: Option<EndReason>,
    /// When the id in force was first used; `None` while nobody has come with it.
    pub id_used_at: Option<Millis>,
    /// When the password was last proven in this session.
    pub proved_at: Millis,
    /// Whether role or permissions changed since the id was issued.
    pub rights_changed: bool,
    /// The language and theme the user has stored.
    pub preferences: Preferences,
}

impl Session {
    /// Finds a session by its id's hash.
    ///
    /// # Errors
    /// `unavailable` with the database away, `internal` for a broken row: never "nobody".
    pub async fn find(db: &Db, id_hash: &IdHash) -> Result<Option<Session>> {
        let row = fetch_optional!(db.reader(), Row, queries::SESSION_CHECK, &id_hash[..])?;
        row.map(Session::try_from).transpose()
    }

    /// Why this session does not count at a time: it has ended, is past a
    /// limit, or its user may not sign in. `None` while it is live.
    pub fn dead(&self, now: Millis) -> Option<EndReason> {
        let disabled = (!self.user.is_active).then_some(EndReason::AccountDisabled);
        self.ended.or(disabled).or_else(|| self.times.overdue(&self.policy, now))
    }

    /// When it ends, as the contract says it.
    pub fn status(&self, now: Millis) -> SessionStatus {
        SessionStatus {
            user_id: self.user.id.clone(),
            expires_at: rfc3339(self.times.expires_at(&self.policy)),
            idle_expires_at: self.times.idle_expires_at(&self.policy).map(rfc3339),
            server_time: rfc3339(now),
        }
    }

    /// Notes activity: at most once a minute, and never on an ended row.
    ///
    /// # Errors
    /// `unavailable` with the database away.
    pub async fn touch(&mut self, db: &Db, now: Millis) -> Result<()> {
        if now - self.times.last_seen_at < TOUCH_INTERVAL {
            return Ok(());
        }
        let mut tx = db.begin().await?;
        let written = execute!(tx.on(), queries::SESSION_TOUCH, now, self.handle.as_str(), now - TOUCH_INTERVAL)?;
        if written > 0 {
            live::session_extended(&mut tx, &self.handle, now).await?;
            self.times.last_seen_at = now;
        }
        tx.commit().await
    }
}

impl TryFrom<Row> for Session {
    type Error = crate::model::failure::Failure;

    fn try_from(row: Row) -> Result<Session> {
        let ended = row
            .ended_at
            .map(|_| row.end_reason.as_deref().and_then(EndReason::from_name).unwrap_or(EndReason::Revoked));
        let columns = UserColumns {
            id: row.user_id,
            email: row.email,
            name: row.name,
            role: row.role,
            permissions: row.permissions,
            is_active: row.is_active,
            phone: row.phone,
            labels: row.labels,
            avatar: row.avatar,
            created_at: row.created_at,
            updated_at: row.updated_at,
            last_login: row.last_login,
        };
        Ok(Session {
            handle: row.handle,
            times: Times {
                remembered: row.remembered,
                started_at: row.started_at,
                last_seen_at: row.last_seen_at,
                expires_at: row.expires_at,
            },
            address: row.address,
            user_agent: row.user_agent,
            user: columns.try_into()?,
            policy: serde_json::from_str(&row.rules).map_err(internal)?,
            ended,
            id_used_at: row.id_used_at,
            proved_at: row.proved_at,
            rights_changed: row.rights_changed,
            preferences: preferences::of_row(row.language.as_deref(), row.theme.as_deref()),
        })
    }
}

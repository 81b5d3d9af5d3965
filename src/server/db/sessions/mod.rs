//! The tables `sessions` and `retired_ids`: the rows, and the session check.
//!
//! | file | what is in it |
//! |---|---|
//! | here | rows; who is asking |
//! | [`ids`] | the id that changes |
//! | [`life`] | starting, activity, and how much is changed |
//! | [`ends`] | ending |
//! | [`lists`] | what is told of sessions |

pub mod ends;
pub mod ids;
pub mod life;
pub mod lists;

use sqlx::FromRow;

use super::query::queries;
use super::users::UserColumns;
use crate::model::session::EndReason;
use crate::server::clock::Millis;

/// The SHA-256 of a session id: how the database knows it.
pub type IdHash = [u8; 32];

/// The times of a session's row that its limits follow from.
#[derive(Clone, Copy, Debug, FromRow)]
pub struct Times {
    pub remembered: bool,
    pub started_at: Millis,
    pub last_seen_at: Millis,
    pub expires_at: Millis,
}

/// The end in a session's row, if it has ended.
#[derive(Clone, Debug, Default, FromRow)]
pub struct End {
    pub ended_at: Option<Millis>,
    end_reason: Option<String>,
}

impl End {
    /// Why it has ended, if it has.
    pub fn reason(&self) -> Option<EndReason> {
        self.ended_at.map(|_| EndReason::of_ended(self.end_reason.as_deref()))
    }
}

/// A session's columns, as far as people are shown them.
#[derive(FromRow)]
pub struct SessionColumns {
    pub handle: String,
    #[sqlx(flatten)]
    pub times: Times,
    #[sqlx(flatten)]
    pub end: End,
    pub address: String,
    pub user_agent: String,
}

/// A session's row with its user and the policy in force.
#[derive(FromRow)]
pub struct CheckRow {
    #[sqlx(flatten)]
    pub session: SessionColumns,
    pub id_used_at: Option<Millis>,
    pub proved_at: Millis,
    pub renewals: i64,
    pub rights_changed: bool,
    #[sqlx(flatten)]
    pub user: UserColumns,
    pub language: Option<String>,
    pub theme: Option<String>,
    pub rules: String,
}

/// The same for an id that was replaced, with what its use means.
#[derive(FromRow)]
pub struct RetiredRow {
    #[sqlx(flatten)]
    pub session: CheckRow,
    pub harmless: bool,
    /// Whether it is the id directly before the one in force.
    pub direct: bool,
}

/// What says whether a session still counts.
#[derive(FromRow)]
pub struct StandingRow {
    #[sqlx(flatten)]
    pub times: Times,
    #[sqlx(flatten)]
    pub end: End,
    pub renewals: i64,
    pub is_active: bool,
    pub rules: String,
}

/// The columns of [`CheckRow`].
macro_rules! check_columns {
    () => {
        "s.handle, s.user_id AS id, s.remembered, s.started_at, s.last_seen_at, s.expires_at, s.ended_at, s.end_reason,
               s.address, s.user_agent, s.id_used_at, s.proved_at, s.renewals, s.rights <> u.role || ' ' || u.permissions AS rights_changed,
               u.email, u.name, u.role, u.permissions, u.is_active, u.phone, u.labels, u.avatar,
               u.created_at, u.updated_at, u.last_login, u.language, u.theme, p.rules"
    };
}

queries! {
    /// The session check: row, user and policy in one.
    fn check(id_hash: &[u8]) -> Option<CheckRow> { concat!("
        SELECT ", check_columns!(), "
        FROM sessions s JOIN users u ON u.id = s.user_id JOIN policy p ON p.id = 1
        WHERE s.id_hash = $1") }

    /// The same for an id that was replaced.
    fn check_retired(retired_id_hash: &[u8]) -> Option<RetiredRow> { concat!("
        SELECT ", check_columns!(), ", r.harmless, COALESCE(s.previous_id_hash = r.id_hash, FALSE) AS direct
        FROM retired_ids r JOIN sessions s ON s.handle = r.handle JOIN users u ON u.id = s.user_id JOIN policy p ON p.id = 1
        WHERE r.id_hash = $1") }

    /// Whether a session still counts, by its public name: row, user and policy in one.
    fn standing(handle: &str) -> Option<StandingRow> { "
        SELECT s.remembered, s.started_at, s.last_seen_at, s.expires_at, s.ended_at, s.end_reason, s.renewals, u.is_active, p.rules
        FROM sessions s JOIN users u ON u.id = s.user_id JOIN policy p ON p.id = 1
        WHERE s.handle = $1" }

    /// Whether a session is a user's own; gives its handle.
    fn is_own(handle: &str, user_id: &str) -> Option<(String,)> {
        "SELECT handle FROM sessions WHERE handle = $1 AND user_id = $2"
    }
}

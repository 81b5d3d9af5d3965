//! The tables `sessions` and `retired_ids`: row types and the session check.
//!
//! | file | what is in it |
//! |---|---|
//! | here | rows; the session check |
//! | [`ids`] | the id and its rotation |
//! | [`life`] | starting, activity, and the count of mutations |
//! | [`ends`] | ending |
//! | [`lists`] | lists of sessions |

pub mod ends;
pub mod ids;
pub mod life;
pub mod lists;

use rusqlite::Row;
use sqlx::FromRow;

use super::LocalRow;
use super::policy::StoredPolicy;
use super::query::{local, queries};
use crate::model::session::EndReason;
use crate::server::clock::Millis;

/// The SHA-256 of a session id, as stored in the database.
pub type IdHash = [u8; 32];

/// The number by which the database finds the session of an id: the first eight bytes of the hash. The hash
/// is compared too.
pub fn id_key(id_hash: &[u8]) -> i64 {
    let first = id_hash.first_chunk().copied().unwrap_or_default();
    i64::from_be_bytes(first)
}

/// The times of a session that determine its expiry.
#[derive(Clone, Copy, Debug, FromRow)]
pub struct Times {
    pub remembered: bool,
    pub started_at: Millis,
    pub last_seen_at: Millis,
    pub expires_at: Millis,
}

/// The end of a session, if it has ended.
#[derive(Clone, Debug, Default, FromRow)]
pub struct End {
    pub ended_at: Option<Millis>,
    end_reason: Option<String>,
}

impl End {
    /// The reason of the end, if the session has ended.
    pub fn reason(&self) -> Option<EndReason> {
        self.ended_at.map(|_| EndReason::of_ended(self.end_reason.as_deref()))
    }
}

/// The columns of a session that are shown to users.
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

/// What every request needs to know of its session, user and the policy. Pages that show more read
/// the rest.
#[derive(Debug, FromRow)]
pub struct CheckRow {
    pub handle: String,
    #[sqlx(flatten)]
    pub times: Times,
    #[sqlx(flatten)]
    pub end: End,
    pub id_used_at: Option<Millis>,
    pub proved_at: Millis,
    pub renewals: i64,
    pub rights_changed: bool,
    pub user_id: String,
    pub is_active: bool,
    pub role: String,
    /// JSON: the permissions granted in addition to the role.
    pub permissions: String,
    /// JSON: the permissions of the role.
    pub role_permissions: String,
    pub password_required: bool,
    pub language: Option<String>,
    pub theme: Option<String>,
    #[sqlx(rename = "rules")]
    pub policy: StoredPolicy,
}

impl LocalRow for CheckRow {
    fn read(row: &Row<'_>) -> rusqlite::Result<CheckRow> {
        Ok(CheckRow {
            handle: row.get(0)?,
            times: Times {
                remembered: row.get(1)?,
                started_at: row.get(2)?,
                last_seen_at: row.get(3)?,
                expires_at: row.get(4)?,
            },
            end: End { ended_at: row.get(5)?, end_reason: row.get(6)? },
            id_used_at: row.get(7)?,
            proved_at: row.get(8)?,
            renewals: row.get(9)?,
            rights_changed: row.get(10)?,
            user_id: row.get(11)?,
            is_active: row.get(12)?,
            role: row.get(13)?,
            permissions: row.get(14)?,
            role_permissions: row.get(15)?,
            password_required: row.get(16)?,
            language: row.get(17)?,
            theme: row.get(18)?,
            policy: row.get(19)?,
        })
    }
}

/// The same for a replaced id, with the data to judge its use.
#[derive(FromRow)]
pub struct RetiredRow {
    #[sqlx(flatten)]
    pub session: CheckRow,
    pub harmless: bool,
    /// Whether it is the direct predecessor of the current id.
    pub direct: bool,
}

/// The columns that decide whether a session is live.
#[derive(FromRow)]
pub struct SessionStateRow {
    #[sqlx(flatten)]
    pub times: Times,
    #[sqlx(flatten)]
    pub end: End,
    pub renewals: i64,
    pub is_active: bool,
    pub rules: String,
}

/// The tables of a [`CheckRow`] besides the session.
macro_rules! check_tables {
    () => {
        "JOIN users u ON u.id = s.user_id LEFT JOIN roles r ON r.name = u.role JOIN policy p ON p.id = 1"
    };
}

/// The columns of [`CheckRow`], in its order.
macro_rules! check_columns {
    () => {
        concat!(
            "s.handle, s.remembered, s.started_at, s.last_seen_at, s.expires_at, s.ended_at, s.end_reason,
               s.id_used_at, s.proved_at, s.renewals,
               s.rights <> u.role || ' ' || u.permissions || ' ' || COALESCE(r.permissions, '[]') AS rights_changed,
               s.user_id, u.is_active, u.role, u.permissions, COALESCE(r.permissions, '[]') AS role_permissions,
               u.password_required, u.language, u.theme, p.rules"
        )
    };
}

const CHECK: &str = concat!(
    "
        SELECT ",
    check_columns!(),
    "
        FROM sessions s ",
    check_tables!(),
    " WHERE s.id_key = $1 AND s.id_hash = $2"
);

const ORIGIN: &str = "SELECT address, user_agent FROM sessions WHERE handle = $1";

local! {
    /// The session check, in this thread if possible.
    fn find = check(id_key: i64, id_hash: &IdHash) -> Option<CheckRow> { CHECK }

    /// Where a session was started, read in this thread if possible.
    fn origin_here = origin(handle: &str) -> Option<(String, String)> { ORIGIN }
}

queries! {
    /// The session check: session, user and policy in one query.
    fn check(id_key: i64, id_hash: &[u8]) -> Option<CheckRow> { CHECK }

    /// The session check for a replaced id.
    fn check_retired(retired_id_hash: &[u8]) -> Option<RetiredRow> { concat!("
        SELECT ", check_columns!(), ", i.harmless, COALESCE(s.previous_id_hash = i.id_hash, FALSE) AS direct
        FROM retired_ids i JOIN sessions s ON s.handle = i.handle ", check_tables!(), " WHERE i.id_hash = $1") }

    /// Whether a session is live, by its handle: session, user and policy in one query.
    fn state(handle: &str) -> Option<SessionStateRow> { "
        SELECT s.remembered, s.started_at, s.last_seen_at, s.expires_at, s.ended_at, s.end_reason, s.renewals, u.is_active, p.rules
        FROM sessions s JOIN users u ON u.id = s.user_id JOIN policy p ON p.id = 1
        WHERE s.handle = $1" }

    /// Where a session was started: address and user agent.
    fn origin(handle: &str) -> Option<(String, String)> { ORIGIN }

    /// Checks that a session belongs to a user. Returns its handle.
    fn is_own(handle: &str, user_id: &str) -> Option<(String,)> {
        "SELECT handle FROM sessions WHERE handle = $1 AND user_id = $2"
    }
}

//! Session queries for their owners, open streams and administrators.

use sqlx::FromRow;

use super::SessionColumns;
use crate::server::clock::Millis;
use crate::server::db::On;
use crate::server::db::conditions::Conditions;
use crate::server::db::query::queries;
use crate::server::db::roles::role_permissions;
use crate::server::db::users::user_of_email;

/// One of a user's own sessions, with its position in the list.
#[derive(FromRow)]
pub struct OwnRow {
    #[sqlx(flatten)]
    pub session: SessionColumns,
    pub ended_by_name: Option<String>,
    /// 0 for the current session, 1 for live ones, 2 for ended ones.
    pub place: i64,
    /// The time that sorts sessions of the same `place`.
    pub at: Millis,
}

/// A session with its user, for administrators.
#[derive(FromRow)]
pub struct ListedRow {
    #[sqlx(flatten)]
    pub session: SessionColumns,
    pub email: String,
    pub is_active: bool,
    /// The email of the user who ended it.
    pub ended_by: Option<String>,
}

/// The user of a session.
#[derive(FromRow)]
pub struct OwnerRow {
    pub id: String,
    pub name: String,
    /// JSON: the permissions granted in addition to the role.
    pub permissions: String,
    /// JSON: the permissions of the role.
    pub role_permissions: String,
}

/// Who ended a session, and with which browser.
#[derive(FromRow)]
pub struct RevocationRow {
    pub ended_at: Millis,
    /// Whether the session's own user ended it.
    pub by_user: bool,
    pub user_agent: String,
}

queries! {
    /// A user's sessions without an end, least recently active first. The policy decides which
    /// of them are live.
    fn open_of_user(user_id: &str) -> Vec<SessionColumns> { "
        SELECT handle, remembered, started_at, last_seen_at, expires_at, ended_at, end_reason, address, user_agent
        FROM sessions WHERE user_id = $1 AND ended_at IS NULL ORDER BY last_seen_at, started_at, handle" }

    /// A user's own sessions: the current one first, then live ones by activity, then,
    /// `with_ended`, ended ones by their end. The limits of live ones are as in
    /// [`ends`](super::ends). The page begins after `after_…`.
    fn own_sessions(
        user_id: &str, handle: &str, now: Millis, started_after: Millis, active_after: Millis, also_remembered: bool,
        with_ended: bool, after_place: i64, after_at: Millis, after_handle: &str, limit: i64,
    ) -> Vec<OwnRow> { "
        SELECT o.handle, o.user_agent, o.address, o.remembered, o.started_at, o.last_seen_at, o.expires_at, o.ended_at,
               o.end_reason, o.ended_by_name, o.place, o.at
        FROM (SELECT s.handle, s.user_agent, s.address, s.remembered, s.started_at, s.last_seen_at, s.expires_at, s.ended_at,
                     s.end_reason, e.name AS ended_by_name, COALESCE(s.ended_at, s.last_seen_at) AS at,
                     CAST(CASE WHEN s.ended_at IS NOT NULL THEN 2 WHEN s.handle = $2 THEN 0 ELSE 1 END AS BIGINT) AS place
              FROM sessions s LEFT JOIN users e ON e.id = s.ended_by
              WHERE s.user_id = $1 AND ((s.ended_at IS NOT NULL AND $7) OR (s.ended_at IS NULL AND s.expires_at > $3
                AND (NOT s.remembered OR s.started_at > $4) AND (s.last_seen_at > $5 OR (s.remembered AND NOT $6))))) o
        WHERE o.place > $8 OR (o.place = $8 AND (o.at < $9 OR (o.at = $9 AND o.handle > $10)))
        ORDER BY o.place, o.at DESC, o.handle LIMIT $11" }

    /// How many sessions are live under one policy and not under another. The limits are as in
    /// [`ends`](super::ends), first the old ones.
    fn ended_by_policy(
        now: Millis, old_started_after: Millis, old_active_after: Millis, old_also_remembered: bool,
        started_after: Millis, active_after: Millis, also_remembered: bool,
    ) -> Option<(i64,)> { "
        SELECT count(*) FROM sessions s
        WHERE s.ended_at IS NULL AND s.expires_at > $1 AND (NOT s.remembered OR s.started_at > $2)
          AND (s.last_seen_at > $3 OR (s.remembered AND NOT $4))
          AND NOT ((NOT s.remembered OR s.started_at > $5) AND (s.last_seen_at > $6 OR (s.remembered AND NOT $7)))" }

    /// Who ended a session, and with which browser according to the audit log.
    fn revocation(ended_handle: &str) -> Option<RevocationRow> { "
        SELECT s.ended_at, COALESCE(s.ended_by = s.user_id, FALSE) AS by_user, COALESCE((
            SELECT a.user_agent FROM audit a
            WHERE a.target = s.user_id AND a.action = 'session_ended' AND a.session = s.handle
            ORDER BY a.at DESC LIMIT 1), '') AS user_agent
        FROM sessions s WHERE s.handle = $1 AND s.ended_at IS NOT NULL" }

    /// The user of a session, with what they may do.
    fn owner(handle: &str) -> Option<OwnerRow> { concat!("
        SELECT u.id, u.name, u.permissions, ", role_permissions!(), " AS role_permissions
        FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.handle = $1") }

    /// Address and browser of a session.
    fn origin(handle: &str) -> Option<(String, String)> {
        "SELECT address, user_agent FROM sessions WHERE handle = $1"
    }

    /// Catch-up after missed notices: sessions ended since `since`, with the reason.
    fn ended_since(since: Millis) -> Vec<(String, Option<String>)> {
        "SELECT handle, end_reason FROM sessions WHERE ended_at > $1"
    }

    /// Catch-up for ids replaced without a grace period, which always happens with a password
    /// proof.
    fn renewed_since(since: Millis) -> Vec<(String, i64)> {
        "SELECT handle, renewals FROM sessions WHERE proved_at > $1 AND renewals > 0"
    }
}

/// A filter of the administrators' session list.
#[derive(Clone, Debug, Default)]
pub struct Filter<'a> {
    /// The user's email, as typed and as stored.
    pub email: Option<(&'a str, &'a str)>,
    /// Whether to include ended sessions.
    pub ended: bool,
}

/// The sessions that match a filter, by email and start.
///
/// # Errors
/// The database's error.
pub async fn filtered<'e>(
    on: On<impl sqlx::SqliteExecutor<'e>, impl sqlx::PgExecutor<'e>>,
    filter: &Filter<'_>,
) -> sqlx::Result<Vec<ListedRow>> {
    let mut conditions = Conditions::default();
    if let Some((typed, email)) = filter.email {
        conditions = conditions.and(concat!("u.id = ", user_of_email!("?1", "?2")), [typed.into(), email.into()]);
    }
    if !filter.ended {
        conditions = conditions.and("s.ended_at IS NULL", []);
    }
    let select = "
        SELECT s.handle, u.email, s.remembered, s.started_at, s.last_seen_at, s.expires_at, s.ended_at, s.end_reason,
               s.address, s.user_agent, b.email AS ended_by, u.is_active
        FROM sessions s JOIN users u ON u.id = s.user_id LEFT JOIN users b ON b.id = s.ended_by";
    conditions.fetch_all(on, select, "ORDER BY u.email, s.started_at").await
}

/// A session with its user, for the administrators' list.
#[derive(FromRow)]
pub struct UserSessionRow {
    #[sqlx(flatten)]
    pub session: SessionColumns,
    pub user_id: String,
    pub user_name: String,
    pub user_email: String,
    pub ended_by_name: Option<String>,
}

/// A page of the sessions that match, newest first.
///
/// # Errors
/// The database's error.
pub async fn of_users<'e>(
    on: On<impl sqlx::SqliteExecutor<'e>, impl sqlx::PgExecutor<'e>>,
    conditions: &Conditions,
    limit: i64,
) -> sqlx::Result<Vec<UserSessionRow>> {
    let select = "
        SELECT s.handle, s.remembered, s.started_at, s.last_seen_at, s.expires_at, s.ended_at, s.end_reason, s.address,
               s.user_agent, u.id AS user_id, u.name AS user_name, u.email AS user_email, e.name AS ended_by_name
        FROM sessions s JOIN users u ON u.id = s.user_id LEFT JOIN users e ON e.id = s.ended_by";
    conditions.fetch_page(on, select, "ORDER BY s.started_at DESC, s.handle DESC", limit).await
}

/// Where a query of many sessions begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    Sessions,
    /// The search index `k` of the people whose sessions they are.
    People,
}

macro_rules! of_people {
    () => {
        "FROM user_search k JOIN sessions s ON s.user_id = k.user_id || ''"
    };
}

/// The handles of the sessions that match, oldest first.
///
/// # Errors
/// The database's error.
pub async fn handles<'e>(
    on: On<impl sqlx::SqliteExecutor<'e>, impl sqlx::PgExecutor<'e>>,
    start: Start,
    conditions: &Conditions,
) -> sqlx::Result<Vec<(String,)>> {
    let select = match start {
        Start::Sessions => "SELECT s.handle FROM sessions s",
        Start::People => concat!("SELECT s.handle ", of_people!()),
    };
    conditions.fetch_all(on, select, "ORDER BY s.started_at, s.handle").await
}

/// How many sessions match, counted up to a bound.
///
/// # Errors
/// The database's error.
pub async fn count<'e>(
    on: On<impl sqlx::SqliteExecutor<'e>, impl sqlx::PgExecutor<'e>>,
    start: Start,
    conditions: &Conditions,
    bound: i64,
) -> sqlx::Result<u64> {
    let from = match start {
        Start::Sessions => "FROM sessions s",
        Start::People => of_people!(),
    };
    conditions.count(on, from, bound).await
}

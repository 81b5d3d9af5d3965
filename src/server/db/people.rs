//! People, for administrators: rows of `users` with their search index and lock.

use sqlx::FromRow;

use super::On;
use super::conditions::Conditions;
use super::query::queries;
use super::users::{UserColumns, user_columns};
use crate::server::clock::Millis;

/// A person with what lists show.
#[derive(FromRow)]
pub struct PersonRow {
    #[sqlx(flatten)]
    pub user: UserColumns,
    pub version: i64,
    pub invited: bool,
    pub locked_until: Option<Millis>,
    pub live_sessions: i64,
    /// The stored activity, by which lists are sorted.
    pub last_active_at: Option<Millis>,
    /// The newest activity.
    pub active_at: Option<Millis>,
    /// The folded name, by which lists are sorted.
    pub name_key: String,
}

/// A person with what an act needs to know.
#[derive(FromRow)]
pub struct TargetRow {
    #[sqlx(flatten)]
    pub user: UserColumns,
    pub version: i64,
    pub has_password: bool,
}

/// The columns and tables of a [`PersonRow`]. `$1` is now; the other three are the limits of live
/// sessions as in [`ends`](super::sessions::ends).
macro_rules! people {
    ($from:expr) => {
        concat!(
            "SELECT ",
            user_columns!(),
            ", u.version, u.password_hash IS NULL AS invited,
               (SELECT b.locked_until FROM buckets b WHERE b.name = 'user:' || u.id) AS locked_until, k.name_key, u.last_active_at,
               (SELECT count(*) FROM sessions s WHERE s.user_id = u.id AND s.ended_at IS NULL AND s.expires_at > $1
                  AND (NOT s.remembered OR s.started_at > $2) AND (s.last_seen_at > $3 OR (s.remembered AND NOT $4))) AS live_sessions,
               COALESCE((SELECT max(s.last_seen_at) FROM sessions s WHERE s.user_id = u.id AND s.ended_at IS NULL),
                        u.last_active_at) AS active_at ",
            $from
        )
    };
}

/// From the search index to the users, in the order of names. The expression keeps a planner from
/// going the other way.
macro_rules! by_name {
    () => {
        "FROM user_search k JOIN users u ON u.id = k.user_id || ''"
    };
}

/// From the users to their search index.
macro_rules! by_user {
    () => {
        "FROM users u JOIN user_search k ON k.user_id = u.id || ''"
    };
}

/// The way that a list of people is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Through all names, in their order: for searches, and where many match.
    ByName,
    /// Through the users, by the index of a filter or of the order.
    ByUser,
}

/// The tables that a count reads: a search knows only the search index, and other filters only the users.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    Names,
    Users,
    Both,
}

queries! {
    fn person(now: Millis, started_after: Millis, active_after: Millis, also_remembered: bool, user_id: &str) -> Option<PersonRow> {
        concat!(people!(by_user!()), " WHERE u.id = $5")
    }

    fn target(user_id: &str) -> Option<TargetRow> { concat!("
        SELECT ", user_columns!(), ", u.version, u.password_hash IS NOT NULL AS has_password FROM users u WHERE u.id = $1") }

    /// An administrator who can sign in, besides one user.
    fn another_administrator(user_id: &str) -> Option<(String,)> { "
        SELECT id FROM users WHERE role = 'admin' AND is_active AND password_hash IS NOT NULL AND id <> $1 LIMIT 1" }

    /// The administrators who can sign in, with their names.
    fn administrators() -> Vec<(String, String)> {
        "SELECT id, name FROM users WHERE role = 'admin' AND is_active AND password_hash IS NOT NULL"
    }

    /// Changes a person, if the version is still the same and nobody else has the email in one of
    /// three spellings.
    fn change(
        new_email: &str, new_name: &str, role: &str, permissions: &str, labels: &str, phone: Option<&str>, now: Millis,
        user_id: &str, version: i64, typed_email: &str, shown_email: &str,
    ) -> Count { "
        UPDATE users SET email = $1, name = $2, role = $3, permissions = $4, labels = $5, phone = $6,
            email_as_before = email_as_before AND email = $1, updated_at = $7, version = version + 1
        WHERE id = $8 AND version = $9
          AND NOT EXISTS (SELECT 1 FROM users o WHERE o.email IN ($1, $10, $11) AND o.id <> $8)" }

    /// Sets a new password by a reset link. Invalidates the device cookies of all browsers.
    fn reset_password(new_password_hash: &str, now: Millis, user_id: &str) -> Count { "
        UPDATE users SET password_hash = $1, updated_at = $2, version = version + 1,
            device_epoch = device_epoch + 1, password_required = FALSE
        WHERE id = $3 AND is_active AND password_hash IS NOT NULL" }

    /// Requires a new password of a user who has one.
    fn require_password(now: Millis, user_id: &str) -> Count { "
        UPDATE users SET password_required = TRUE, updated_at = $1, version = version + 1
        WHERE id = $2 AND password_hash IS NOT NULL AND NOT password_required" }

    /// Remembers the name of a user who is about to be deleted.
    fn bury(now: Millis, user_id: &str) -> Count { "
        INSERT INTO former_users (id, name, email, deleted_at) SELECT id, name, email, $1 FROM users WHERE id = $2" }

    fn delete_sessions(user_id: &str) -> Count { "DELETE FROM sessions WHERE user_id = $1" }

    fn delete_links(user_id: &str) -> Count { "DELETE FROM links WHERE user_id = $1" }

    fn delete(unused_id: &str) -> Count { "DELETE FROM users WHERE id = $1" }

    fn sweep_former(before: Millis) -> Count { "DELETE FROM former_users WHERE deleted_at < $1" }

    /// Invited people, administrators who can sign in, those of them without
    /// activity since `before`, and unused links that end until `later`. The sign keeps SQLite from reading
    /// everybody's activity.
    fn figures(now: Millis, before: Millis, later: Millis) -> Option<(i64, i64, i64, i64)> { "
        SELECT (SELECT count(*) FROM users WHERE is_active AND password_hash IS NULL),
               (SELECT count(*) FROM users WHERE role = 'admin' AND is_active AND password_hash IS NOT NULL),
               (SELECT count(*) FROM users WHERE role = 'admin' AND is_active AND +last_active_at <= $2),
               (SELECT count(*) FROM links WHERE user_id IS NOT NULL AND used_at IS NULL AND expires_at > $1 AND expires_at <= $3)" }

    /// Stores what a user is searched by.
    fn index(new_name_key: &str, user_id: &str, hay: &str, folded: i64) -> Count { "
        INSERT INTO user_search (name_key, user_id, hay, folded) VALUES ($1, $2, $3, $4)
        ON CONFLICT (user_id) DO UPDATE SET name_key = $1, hay = $3, folded = $4" }

    /// Users without an index of this version.
    fn unindexed(other_version: i64, limit: i64) -> Vec<UserColumns> { concat!("
        SELECT ", user_columns!(), " FROM users u LEFT JOIN user_search k ON k.user_id = u.id
        WHERE k.user_id IS NULL OR k.folded <> $1 + 1 LIMIT $2") }
}

/// The ids of those whom a search finds, up to a limit. The conditions are on `k`.
///
/// # Errors
/// The database's error.
pub async fn search<'e>(
    on: On<impl sqlx::SqliteExecutor<'e>, impl sqlx::PgExecutor<'e>>,
    conditions: &Conditions,
    order: &'static str,
    limit: i64,
) -> sqlx::Result<Vec<(String,)>> {
    conditions.fetch_page(on, "SELECT k.user_id FROM user_search k", order, limit).await
}

/// A page of the people that match.
///
/// # Errors
/// The database's error.
pub async fn list<'e>(
    on: On<impl sqlx::SqliteExecutor<'e>, impl sqlx::PgExecutor<'e>>,
    way: Way,
    conditions: &Conditions,
    order: &'static str,
    limit: i64,
) -> sqlx::Result<Vec<PersonRow>> {
    let select = match way {
        Way::ByName => people!(by_name!()),
        Way::ByUser => people!(by_user!()),
    };
    conditions.fetch_page(on, select, order, limit).await
}

/// The ids of everybody who matches, by name.
///
/// # Errors
/// The database's error.
pub async fn ids<'e>(
    on: On<impl sqlx::SqliteExecutor<'e>, impl sqlx::PgExecutor<'e>>,
    way: Way,
    conditions: &Conditions,
) -> sqlx::Result<Vec<(String,)>> {
    let select = match way {
        Way::ByName => concat!("SELECT u.id ", by_name!()),
        Way::ByUser => concat!("SELECT u.id ", by_user!()),
    };
    conditions.fetch_all(on, select, "ORDER BY k.name_key, k.user_id").await
}

/// How many people match, counted up to a bound.
///
/// # Errors
/// The database's error.
pub async fn count<'e>(
    on: On<impl sqlx::SqliteExecutor<'e>, impl sqlx::PgExecutor<'e>>,
    counted: Counted,
    conditions: &Conditions,
    bound: i64,
) -> sqlx::Result<u64> {
    let from = match counted {
        Counted::Names => "FROM user_search k",
        Counted::Users => "FROM users u",
        Counted::Both => by_name!(),
    };
    conditions.count(on, from, bound).await
}

//! The table `audit`: rows are added, and only retention deletes them.

use sqlx::FromRow;

use super::conditions::Conditions;
use super::query::{local, queries};
use super::{LocalRow, On};
use crate::server::clock::Millis;

/// The address and browser of an event.
#[derive(FromRow)]
pub struct OriginRow {
    pub at: Millis,
    pub address: String,
    pub user_agent: String,
}

/// An entry of an account's sign-in history.
#[derive(FromRow)]
pub struct SignInRow {
    pub at: Millis,
    pub action: String,
    pub address: String,
    pub user_agent: String,
}

/// What somebody else did to an account.
#[derive(FromRow)]
pub struct NewsRow {
    pub at: Millis,
    pub action: String,
    /// JSON.
    pub details: String,
}

impl LocalRow for NewsRow {
    fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<NewsRow> {
        Ok(NewsRow { at: row.get(0)?, action: row.get(1)?, details: row.get(2)? })
    }
}

impl LocalRow for OriginRow {
    fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<OriginRow> {
        Ok(OriginRow { at: row.get(0)?, address: row.get(1)?, user_agent: row.get(2)? })
    }
}

const SIGN_IN_BEFORE: &str = "
        SELECT at, address, user_agent FROM audit
        WHERE target = $1 AND action = 'sign_in' AND at <= $2 AND (session IS NULL OR session <> $3)
        ORDER BY at DESC, id DESC LIMIT 1";

const FAILED_SINCE: &str = "
        SELECT at, address, user_agent FROM audit
        WHERE target = $1 AND action = 'sign_in_failed' AND at > $2 ORDER BY at DESC, id DESC LIMIT 10";

const COUNT_FAILED_SINCE: &str =
    "SELECT count(*) FROM audit WHERE target = $1 AND action = 'sign_in_failed' AND at > $2";

const NEWS: &str = "
        SELECT at, action, details FROM audit
        WHERE target = $1 AND action IN ('user_changed', 'user_enabled', 'password_required', 'reset_link_made')
          AND at > $2 AND result = 'success' AND (actor IS NULL OR actor <> $1)
        ORDER BY at DESC, id DESC LIMIT 5";

// The dashboard's queries, in this thread if possible.
local! {
    fn sign_in_before_here = sign_in_before(user_id: &str, until: Millis, other_session: &str) -> Option<OriginRow> {
        SIGN_IN_BEFORE
    }
    fn failed_since_here = failed_since(user_id: &str, since: Millis) -> Vec<OriginRow> { FAILED_SINCE }
    fn count_failed_since_here = count_failed_since(user_id: &str, since: Millis) -> Option<(i64,)> {
        COUNT_FAILED_SINCE
    }
    fn news_here = news(user_id: &str, since: Millis) -> Vec<NewsRow> { NEWS }
}

queries! {
    fn insert(
        id: &str, at: Millis, action: &str, result: &str, actor: Option<&str>, target: Option<&str>,
        session: Option<&str>, address: &str, user_agent: &str, request_id: &str, details: &str,
    ) -> Count { "
        INSERT INTO audit (id, at, action, result, actor, target, session, address, user_agent, request_id, details)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)" }

    /// The last sign-in until `until`, by another session.
    fn sign_in_before(user_id: &str, until: Millis, other_session: &str) -> Option<OriginRow> { SIGN_IN_BEFORE }

    /// The last ten failed sign-ins since `since`.
    fn failed_since(user_id: &str, since: Millis) -> Vec<OriginRow> { FAILED_SINCE }

    fn count_failed_since(user_id: &str, since: Millis) -> Option<(i64,)> { COUNT_FAILED_SINCE }

    /// What others did to an account since `since`, newest first.
    fn news(user_id: &str, since: Millis) -> Vec<NewsRow> { NEWS }

    /// Inserts a row, unless it exists.
    fn insert_once(
        new_audit_id: &str, at: Millis, action: &str, result: &str, actor: Option<&str>, target: Option<&str>,
        session: Option<&str>, address: &str, user_agent: &str, request_id: &str, details: &str,
    ) -> Count { "
        INSERT INTO audit (id, at, action, result, actor, target, session, address, user_agent, request_id, details)
        SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11 WHERE NOT EXISTS (SELECT 1 FROM audit WHERE id = $1)" }

    fn exists(audit_id: &str) -> Option<(String,)> { "SELECT id FROM audit WHERE id = $1" }

    /// An account's sign-in history, newest first. Includes email changes, because users sign
    /// in with the email. In the details of a profile change only emails are strings, and they
    /// are present only if the email changed.
    fn sign_ins(user_id: &str, limit: i64) -> Vec<SignInRow> { "
        SELECT at, action, address, user_agent FROM audit
        WHERE target = $1 AND (action IN ('sign_in', 'sign_in_failed', 'locked', 'password_changed')
            OR (action = 'profile_changed' AND details LIKE '%newEmail%'))
        ORDER BY at DESC, id DESC LIMIT $2" }

    /// When the policy was changed last, the name of who did it, and the details.
    fn last_policy_change() -> Option<(Millis, Option<String>, String)> { "
        SELECT a.at, COALESCE(u.name, f.name), a.details
        FROM audit a LEFT JOIN users u ON u.id = a.actor LEFT JOIN former_users f ON f.id = a.actor
        WHERE a.action = 'policy_changed' ORDER BY a.at DESC, a.id DESC LIMIT 1" }

    /// Allows deletion of rows older than `before`. The table refuses every other deletion.
    fn allow_sweep(before: Millis) -> Count {
        "UPDATE audit_retention SET swept_before = $1 WHERE id = 1"
    }

    fn sweep(before: Millis) -> Count {
        "DELETE FROM audit WHERE at < $1"
    }
}

/// A row with the names of the people in it.
#[derive(FromRow)]
pub struct ListedRow {
    pub id: String,
    pub at: Millis,
    pub action: String,
    pub result: String,
    pub actor: Option<String>,
    pub actor_name: Option<String>,
    pub target: Option<String>,
    pub target_name: Option<String>,
    pub address: String,
    pub user_agent: String,
    /// JSON.
    pub details: String,
}

/// A page of the rows that match, newest first.
///
/// # Errors
/// The database's error.
pub async fn list<'e>(
    on: On<impl sqlx::SqliteExecutor<'e>, impl sqlx::PgExecutor<'e>>,
    conditions: &Conditions,
    limit: i64,
) -> sqlx::Result<Vec<ListedRow>> {
    let select = "
        SELECT a.id, a.at, a.action, a.result, a.actor, COALESCE(u.name, fu.name) AS actor_name, a.target,
               COALESCE(t.name, ft.name) AS target_name, a.address, a.user_agent, a.details
        FROM audit a LEFT JOIN users u ON u.id = a.actor LEFT JOIN former_users fu ON fu.id = a.actor
            LEFT JOIN users t ON t.id = a.target LEFT JOIN former_users ft ON ft.id = a.target";
    conditions.fetch_page(on, select, "ORDER BY a.at DESC, a.id DESC", limit).await
}

//! The table `audit`: rows are added, and deleted by retention alone.

use sqlx::FromRow;

use super::query::queries;
use crate::server::clock::Millis;

/// Where and with what something was done.
#[derive(FromRow)]
pub struct OriginRow {
    pub at: Millis,
    pub address: String,
    pub user_agent: String,
}

/// What a person is told of the sign-ins to their account.
#[derive(FromRow)]
pub struct SignInRow {
    pub at: Millis,
    pub action: String,
    pub address: String,
    pub user_agent: String,
}

queries! {
    fn insert(
        id: &str, at: Millis, action: &str, result: &str, actor: Option<&str>, target: Option<&str>,
        session: Option<&str>, address: &str, user_agent: &str, request_id: &str, details: &str,
    ) -> Count { "
        INSERT INTO audit (id, at, action, result, actor, target, session, address, user_agent, request_id, details)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)" }

    /// The last sign-in until `until`, another session's.
    fn sign_in_before(user_id: &str, until: Millis, other_session: &str) -> Option<OriginRow> { "
        SELECT at, address, user_agent FROM audit
        WHERE target = $1 AND action = 'sign_in' AND at <= $2 AND (session IS NULL OR session <> $3)
        ORDER BY at DESC, id DESC LIMIT 1" }

    /// The last ten failed sign-ins since `since`.
    fn failed_since(user_id: &str, since: Millis) -> Vec<OriginRow> { "
        SELECT at, address, user_agent FROM audit
        WHERE target = $1 AND action = 'sign_in_failed' AND at > $2 ORDER BY at DESC, id DESC LIMIT 10" }

    fn count_failed_since(user_id: &str, since: Millis) -> Option<(i64,)> {
        "SELECT count(*) FROM audit WHERE target = $1 AND action = 'sign_in_failed' AND at > $2"
    }

    /// The sign-ins to a person's account, newest first. A new email is among them, since one signs in with it. Of a
    /// profile's details only emails are texts, and those are there where one changed.
    fn sign_ins(user_id: &str, limit: i64) -> Vec<SignInRow> { "
        SELECT at, action, address, user_agent FROM audit
        WHERE target = $1 AND (action IN ('sign_in', 'sign_in_failed', 'locked', 'password_changed')
            OR (action = 'profile_changed' AND details LIKE '%newEmail%'))
        ORDER BY at DESC, id DESC LIMIT $2" }

    /// Says how far retention reaches: without it the table refuses to delete anything.
    fn allow_sweep(before: Millis) -> Count {
        "UPDATE audit_retention SET swept_before = $1 WHERE id = 1"
    }

    fn sweep(before: Millis) -> Count {
        "DELETE FROM audit WHERE at < $1"
    }
}

//! The table `links`: one-time links by the hash of their token.

use super::query::queries;
use crate::server::clock::Millis;

queries! {
    fn insert(new_token_hash: &[u8], kind: &str, user_id: Option<&str>, now: Millis, expires_at: Millis) -> Count {
        "INSERT INTO links (token_hash, kind, user_id, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)"
    }

    /// Uses a link up. Of parallel attempts, one gets the row.
    fn use_up(now: Millis, token_hash: &[u8], kind: &str) -> Count { "
        UPDATE links SET used_at = $1
        WHERE token_hash = $2 AND kind = $3 AND used_at IS NULL AND expires_at > $1" }

    /// The user, email and creation time of a valid link. A set-up link has no user. Links of
    /// disabled users are not found.
    fn find(token_hash: &[u8], kind: &str, now: Millis) -> Option<(Option<String>, Option<String>, Millis)> { "
        SELECT l.user_id, u.email, l.created_at FROM links l LEFT JOIN users u ON u.id = l.user_id
        WHERE l.token_hash = $1 AND l.kind = $2 AND l.used_at IS NULL AND l.expires_at > $3 AND (l.user_id IS NULL OR u.is_active)" }

    fn end_of_kind(now: Millis, kind: &str) -> Count {
        "UPDATE links SET used_at = $1 WHERE kind = $2 AND used_at IS NULL"
    }

    fn end_of_user(now: Millis, user_id: &str) -> Count {
        "UPDATE links SET used_at = $1 WHERE user_id = $2 AND used_at IS NULL"
    }

    /// Deletes links created in the future, which a clock that was ahead has written. They
    /// would become valid later.
    fn sweep_ahead(latest: Millis) -> Count {
        "DELETE FROM links WHERE created_at > $1"
    }

    fn sweep(expired_before: Millis) -> Count {
        "DELETE FROM links WHERE expires_at < $1"
    }
}

//! The table `kept`: what the pages of one session show once.

use super::query::queries;
use crate::server::clock::Millis;

queries! {
    fn insert(new_kept_id: &str, session: &str, content: &str, now: Millis) -> Count {
        "INSERT INTO kept (id, session, content, created_at) VALUES ($1, $2, $3, $4)"
    }

    /// The content, for the session that it belongs to.
    fn find(kept_id: &str, session: &str, since: Millis) -> Option<(String,)> {
        "SELECT content FROM kept WHERE id = $1 AND session = $2 AND created_at >= $3"
    }

    /// Keeps a content in place of an earlier one with the same id.
    fn replace(kept_id: &str, session: &str, content: &str, now: Millis) -> Count { "
        INSERT INTO kept (id, session, content, created_at) VALUES ($1, $2, $3, $4)
        ON CONFLICT (id) DO UPDATE SET session = $2, content = $3, created_at = $4" }

    /// Takes the content: of parallel requests, one gets it.
    fn take(kept_id: &str, session: &str, since: Millis) -> Option<(String,)> {
        "DELETE FROM kept WHERE id = $1 AND session = $2 AND created_at >= $3 RETURNING content"
    }

    fn sweep(before: Millis) -> Count {
        "DELETE FROM kept WHERE created_at < $1"
    }
}

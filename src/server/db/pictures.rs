//! The table `pictures`: one per user, by name.

use super::query::queries;
use crate::server::clock::Millis;

queries! {
    fn insert(name: &str, owner_id: &str, image: &[u8], now: Millis) -> Count {
        "INSERT INTO pictures (name, user_id, image, created_at) VALUES ($1, $2, $3, $4)"
    }

    fn remove(user_id: &str) -> Count {
        "DELETE FROM pictures WHERE user_id = $1"
    }

    fn by_name(picture_name: &str) -> Option<(Vec<u8>,)> {
        "SELECT image FROM pictures WHERE name = $1"
    }
}

//! A user as shown outside the database.

use serde::{Deserialize, Serialize};

use super::email;
use super::unicode::first_character;

/// A user's account. Absent fields are `null` on the wire, never omitted. Times are RFC 3339 in
/// UTC with milliseconds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct User {
    pub id: String,
    pub email: String,
    pub name: String,
    pub role: String,
    /// The permissions of the role plus the personal grants.
    pub permissions: Vec<String>,
    pub is_active: bool,
    pub phone: Option<String>,
    pub labels: Vec<String>,
    pub avatar: Option<String>,
    pub created_at: String,
    pub updated_at: String,
    pub last_login: Option<String>,
}

impl User {
    /// The initials of the first and last name, shown without a picture.
    pub fn initials(&self) -> String {
        let mut words = self.name.split_whitespace();
        // Not `to_uppercase`, which turns "i" into "I". That is wrong in Turkish.
        words.next().into_iter().chain(words.last()).map(first_character).collect()
    }

    /// The email for display.
    pub fn shown_email(&self) -> String {
        email::shown(&self.email)
    }
}

//! A user as everybody outside the database sees it.

use serde::{Deserialize, Serialize};

use super::email;
use super::unicode::first_character;

/// A person's account. Absent fields are `null` on the wire, never left out;
/// times are RFC 3339 in UTC with milliseconds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct User {
    pub id: String,
    pub email: String,
    pub name: String,
    pub role: String,
    /// What the role and the personal grants allow together.
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
    /// The first characters of the first and last name, for where no picture is.
    pub fn initials(&self) -> String {
        let mut words = self.name.split_whitespace();
        // Not `to_uppercase`: it would make "I" of "i", which is wrong in Turkish.
        words.next().into_iter().chain(words.last()).map(first_character).collect()
    }

    /// The email as people are shown it.
    pub fn shown_email(&self) -> String {
        email::shown(&self.email)
    }
}

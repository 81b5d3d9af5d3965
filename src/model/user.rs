//! A user as everybody outside the database sees it.

use serde::{Deserialize, Serialize};

use super::email;

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
    /// The first letters of the first and last name, for where no picture is.
    pub fn initials(&self) -> String {
        let mut words = self.name.split_whitespace();
        let first = words.next().and_then(|w| w.chars().next());
        let last = words.last().and_then(|w| w.chars().next());
        // Not `to_uppercase`: it would make "I" of "i", which is wrong in Turkish.
        first.into_iter().chain(last).collect()
    }

    /// The email as people are shown it.
    pub fn shown_email(&self) -> String {
        email::shown(&self.email)
    }
}

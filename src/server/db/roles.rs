//! The table `roles`.

use rusqlite::Row;
use sqlx::FromRow;

use super::LocalRow;
use super::query::{local, queries};

/// A role.
#[derive(Clone, Debug, FromRow)]
pub struct RoleRow {
    pub name: String,
    /// `None` for a shipped role that has not been renamed.
    pub label: Option<String>,
    /// JSON.
    pub permissions: String,
    pub shipped: bool,
    /// The version to change the role against.
    pub version: i64,
}

impl LocalRow for RoleRow {
    fn read(row: &Row<'_>) -> rusqlite::Result<RoleRow> {
        Ok(RoleRow {
            name: row.get(0)?,
            label: row.get(1)?,
            permissions: row.get(2)?,
            shipped: row.get(3)?,
            version: row.get(4)?,
        })
    }
}

/// A role, and how many people have it.
#[derive(Clone, Debug, FromRow)]
pub struct CountedRole {
    #[sqlx(flatten)]
    pub role: RoleRow,
    pub people: i64,
}

/// The permissions of the role of a user `u`; an unknown role grants nothing.
macro_rules! role_permissions {
    () => {
        "COALESCE((SELECT r.permissions FROM roles r WHERE r.name = u.role), '[]')"
    };
}

/// Everything that a user `u` may do, as one text: a session's id is replaced when it changes.
macro_rules! rights {
    () => {
        concat!("u.role || ' ' || u.permissions || ' ' || ", $crate::server::db::roles::role_permissions!())
    };
}

pub(super) use {rights, role_permissions};

const BY_NAME: &str = "SELECT name, label, permissions, shipped, version FROM roles WHERE name = $1";

local! {
    /// A role, read in this thread if possible.
    fn by_name_here = by_name(role: &str) -> Option<RoleRow> { BY_NAME }
}

queries! {
    fn all() -> Vec<RoleRow> { "SELECT name, label, permissions, shipped, version FROM roles ORDER BY name" }

    fn counted() -> Vec<CountedRole> { "
        SELECT r.name, r.label, r.permissions, r.shipped, r.version,
               (SELECT count(*) FROM users u WHERE u.role = r.name) AS people
        FROM roles r ORDER BY r.name" }

    fn by_name(role: &str) -> Option<RoleRow> { BY_NAME }

    fn insert(new_role: &str, label: Option<&str>, permissions: &str) -> Count { "
        INSERT INTO roles (name, label, permissions, shipped, version) VALUES ($1, $2, $3, FALSE, 1)
        ON CONFLICT (name) DO NOTHING" }

    /// Changes a role, if the version is still the same.
    fn change(label: Option<&str>, permissions: &str, role: &str, version: i64) -> Count { "
        UPDATE roles SET label = $1, permissions = $2, version = version + 1 WHERE name = $3 AND version = $4" }

    /// Deletes a role of the association's own that nobody has.
    fn delete(unused_role: &str) -> Count { "
        DELETE FROM roles WHERE name = $1 AND NOT shipped AND NOT EXISTS (SELECT 1 FROM users u WHERE u.role = $1)" }

    fn people(role: &str) -> Option<(i64,)> { "SELECT count(*) FROM users WHERE role = $1" }

    /// The ids of the people who have a role.
    fn holders(role: &str) -> Vec<(String,)> { "SELECT id FROM users WHERE role = $1" }
}

//! Roles as administrators see and change them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::outcome::KeptOutcome;
use super::permission::{Permission, Permissions};

/// A role to choose.
#[derive(Clone, Debug, PartialEq)]
pub struct RoleChoice {
    pub name: String,
    /// A shipped role's is in the reader's language.
    pub label: String,
    pub permissions: Vec<Permission>,
}

/// A role in a list.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RoleItem {
    pub name: String,
    /// A shipped role's is in the reader's language.
    pub label: String,
    pub permissions: Vec<Permission>,
    pub shipped: bool,
    /// How many people have it.
    pub people: u32,
    /// The version to change the role against.
    pub version: i64,
}

impl RoleItem {
    /// Whether somebody with these permissions may change it: they need all that it has.
    pub fn is_within(&self, permissions: Permissions) -> bool {
        Permissions::of(&self.permissions).without(permissions) == Permissions::default()
    }
}

/// The body of `POST /api/roles/save`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleChange {
    pub name: String,
    pub label: String,
    pub permissions: Vec<String>,
    /// The version that was read; 0 makes a new role.
    pub version: i64,
}

/// The body of `POST /api/roles/delete`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleDeletion {
    #[serde(default)]
    pub names: Vec<String>,
}

/// The label of a role, by its name: the name itself if there is no such role.
pub fn label_of(roles: &[RoleChoice], name: &str) -> String {
    roles.iter().find(|role| role.name == name).map_or_else(|| name.to_owned(), |role| role.label.clone())
}

/// What a change of permissions would do, before it is saved.
#[derive(Clone, Debug, PartialEq)]
pub struct RoleReview {
    /// The change, as it will be sent.
    pub change: RoleChange,
    /// How many people have the role.
    pub people: u32,
    pub gained: Vec<Permission>,
    pub lost: Vec<Permission>,
}

/// What `/roles` shows.
#[derive(Clone, Debug, PartialEq)]
pub struct RolesPage {
    pub roles: Vec<RoleItem>,
    /// The permissions that the reader has: only those can be given and taken.
    pub grantable: Vec<Permission>,
    /// The role that is being changed, or a new one.
    pub edited: Option<RoleItem>,
    pub review: Option<RoleReview>,
    /// The fields that keep a change from being reviewed, with what is wrong.
    pub refused: Option<BTreeMap<String, String>>,
    pub outcome: Option<KeptOutcome>,
}

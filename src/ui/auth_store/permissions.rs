//! Permission checks for what the page shows. The server enforces permissions.

use leptos::prelude::*;

use super::AuthStore;
use crate::model::user::User;

impl AuthStore {
    /// Whether the user has a permission.
    pub fn has_permission(self, permission: &str) -> bool {
        self.has_any_permission(&[permission])
    }

    /// Whether the user has at least one of these permissions.
    pub fn has_any_permission(self, permissions: &[&str]) -> bool {
        self.vouched(|user| permissions.iter().any(|wanted| user.permissions.iter().any(|p| p == wanted)))
    }

    /// Whether the user has all of these permissions.
    pub fn has_all_permissions(self, permissions: &[&str]) -> bool {
        self.vouched(|user| permissions.iter().all(|wanted| user.permissions.iter().any(|p| p == wanted)))
    }

    /// Whether the user has a role.
    pub fn has_role(self, role: &str) -> bool {
        self.vouched(|user| user.role == role)
    }

    /// Applies a predicate to the user, if the server confirmed them; otherwise `false`.
    fn vouched(self, ask: impl FnOnce(&User) -> bool) -> bool {
        self.state.with(|s| s.is_authenticated && s.user.as_ref().is_some_and(ask))
    }
}

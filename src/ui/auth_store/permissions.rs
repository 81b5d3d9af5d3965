//! What the person may do, for what is shown: never the lock itself.

use leptos::prelude::*;

use super::AuthStore;
use crate::model::user::User;

impl AuthStore {
    /// Whether the person may do this.
    pub fn has_permission(self, permission: &str) -> bool {
        self.has_any_permission(&[permission])
    }

    /// Whether one of these permissions is there.
    pub fn has_any_permission(self, permissions: &[&str]) -> bool {
        self.vouched(|user| permissions.iter().any(|wanted| user.permissions.iter().any(|p| p == wanted)))
    }

    /// Whether all of these permissions are there.
    pub fn has_all_permissions(self, permissions: &[&str]) -> bool {
        self.vouched(|user| permissions.iter().all(|wanted| user.permissions.iter().any(|p| p == wanted)))
    }

    /// Whether the person has this role.
    pub fn has_role(self, role: &str) -> bool {
        self.vouched(|user| user.role == role)
    }

    /// Asks about the person only if the server vouches for them.
    fn vouched(self, ask: impl FnOnce(&User) -> bool) -> bool {
        self.state.with(|s| s.is_authenticated && s.user.as_ref().is_some_and(ask))
    }
}

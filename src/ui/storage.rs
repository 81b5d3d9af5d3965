//! The store's mirror in `localStorage`: the signed-in user, for other tabs and for pages that the
//! server rendered without its database.
//!
//! `gloo-storage` reads and writes, after one probe with `web_sys`: where a browser blocks storage,
//! gloo panics, which crashes the program. It is linked only into the browser's build, hence the
//! `cfg`.

use serde::{Deserialize, Serialize};

use crate::model::user::User;

/// The key, as the old panel defined it.
pub const KEY: &str = "auth-session";

/// The mirror: exactly these six fields, and no credential.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Mirror {
    pub user_id: String,
    pub email: String,
    pub name: String,
    pub role: String,
    pub permissions: Vec<String>,
    pub avatar: Option<String>,
}

impl Mirror {
    /// Returns the mirror of a signed-in user.
    pub fn of(user: &User) -> Mirror {
        Mirror {
            user_id: user.id.clone(),
            email: user.email.clone(),
            name: user.name.clone(),
            role: user.role.clone(),
            permissions: user.permissions.clone(),
            avatar: user.avatar.clone(),
        }
    }

    /// Serialises the mirror for [`Mirror::parse`].
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Returns the user with the mirror's fields; the others are empty.
    pub fn into_user(self) -> User {
        User {
            id: self.user_id,
            email: self.email,
            name: self.name,
            role: self.role,
            permissions: self.permissions,
            avatar: self.avatar,
            is_active: false,
            phone: None,
            labels: Vec::new(),
            created_at: String::new(),
            updated_at: String::new(),
            last_login: None,
        }
    }

    /// Copies the mirror's fields into a user; the others stay.
    pub fn show_in(self, user: &mut User) {
        (user.email, user.name, user.role) = (self.email, self.name, self.role);
        (user.permissions, user.avatar) = (self.permissions, self.avatar);
    }

    /// Parses a mirror that another tab wrote.
    pub fn parse(json: &str) -> Option<Mirror> {
        serde_json::from_str(json).ok()
    }
}

#[cfg(feature = "hydrate")]
pub use browser::{read, remove, signal, write};

#[cfg(feature = "hydrate")]
mod browser {
    use gloo_storage::errors::StorageError;
    use gloo_storage::{LocalStorage, Storage};

    use super::{KEY, Mirror};

    /// Whether storage is available. Where it is blocked, even the getter throws.
    fn usable() -> bool {
        let storage = web_sys::window().and_then(|window| window.local_storage().ok().flatten());
        storage.is_some_and(|storage| storage.get_item(KEY).is_ok())
    }

    /// Reads the mirror. A value that does not parse is removed.
    pub fn read() -> Option<Mirror> {
        if !usable() {
            return None;
        }
        match LocalStorage::get(KEY) {
            Ok(mirror) => Some(mirror),
            Err(StorageError::KeyNotFound(_)) => None,
            Err(_) => {
                remove();
                None
            }
        }
    }

    /// Stores the mirror. If the browser refuses, returns `false` and removes the old one.
    pub fn write(mirror: &Mirror) -> bool {
        let kept = usable() && LocalStorage::set(KEY, mirror).is_ok();
        if !kept {
            remove();
        }
        kept
    }

    /// Removes the mirror; `false` if storage is blocked, and so contains none.
    pub fn remove() -> bool {
        let usable = usable();
        if usable {
            LocalStorage::delete(KEY);
        }
        usable
    }

    /// Sends a text to the other tabs by an item that is removed at once; `false` if storage is
    /// blocked.
    pub fn signal(key: &str, text: &str) -> bool {
        let storage = web_sys::window().and_then(|window| window.local_storage().ok().flatten());
        let Some(storage) = storage else { return false };
        let written = storage.set_item(key, text).is_ok();
        written && storage.remove_item(key).is_ok()
    }
}

#[cfg(not(feature = "hydrate"))]
pub use server::{read, remove, signal, write};

/// The server has no such storage and never calls these, because effects do not run there.
#[cfg(not(feature = "hydrate"))]
mod server {
    use super::Mirror;

    pub fn read() -> Option<Mirror> {
        None
    }

    pub fn write(_: &Mirror) -> bool {
        false
    }

    pub fn remove() -> bool {
        false
    }

    pub fn signal(_: &str, _: &str) -> bool {
        false
    }
}

#[cfg(all(test, target_arch = "wasm32"))]
mod tests;

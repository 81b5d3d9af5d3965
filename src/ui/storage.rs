//! The store's mirror in `localStorage`: who was signed in, for other tabs and
//! for pages the server cannot vouch for.
//!
//! `gloo-storage` reads and writes, behind one probe with `web_sys`: where a
//! browser blocks storage, gloo panics, and a panic takes the whole page along.
//! It is only linked into the browser's build, hence the one `cfg` of this house.

use serde::{Deserialize, Serialize};

use crate::model::user::User;

/// The key of the old panel's contract.
pub const KEY: &str = "auth-session";

/// What is kept: exactly these six fields, and nothing that opens a session.
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
    /// The image of a signed-in person.
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

    /// What another tab reads back with [`Mirror::parse`].
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The person as far as the image shows them; the rest is blank.
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

    /// Brings a person up to what the image shows; the rest stays.
    pub fn show_in(self, user: &mut User) {
        (user.email, user.name, user.role) = (self.email, self.name, self.role);
        (user.permissions, user.avatar) = (self.permissions, self.avatar);
    }

    /// Reads what another tab wrote.
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

    /// Whether storage may be touched at all: blocked, even asking for it throws.
    fn usable() -> bool {
        let storage = web_sys::window().and_then(|window| window.local_storage().ok().flatten());
        storage.is_some_and(|storage| storage.get_item(KEY).is_ok())
    }

    /// The mirror; what cannot be read as one is removed.
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

    /// Keeps the mirror; `false` when the browser does not, and then nothing
    /// older is left behind either.
    pub fn write(mirror: &Mirror) -> bool {
        let kept = usable() && LocalStorage::set(KEY, mirror).is_ok();
        if !kept {
            remove();
        }
        kept
    }

    /// Removes the mirror; `false` when storage is blocked, and so holds none.
    pub fn remove() -> bool {
        let usable = usable();
        if usable {
            LocalStorage::delete(KEY);
        }
        usable
    }

    /// Says something to the other tabs by an item that is gone at once; `false`
    /// when storage is blocked.
    pub fn signal(key: &str, text: &str) -> bool {
        let storage = web_sys::window().and_then(|window| window.local_storage().ok().flatten());
        let Some(storage) = storage else { return false };
        let said = storage.set_item(key, text).is_ok();
        said && storage.remove_item(key).is_ok()
    }
}

#[cfg(not(feature = "hydrate"))]
pub use server::{read, remove, signal, write};

/// The server has no such storage; it never calls these, since effects do not run there.
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

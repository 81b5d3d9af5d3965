//! The flag of a pending sign-out, one that has not reached the server. While it is set, this
//! browser's pages show no user.
//!
//! A script in the page's head reads the flag before the program is loaded; see [`HIDE`].

/// The flag's key in `localStorage`.
const KEY: &str = "signing-out";

/// Hides the page before its first frame if the flag is set. Runs in the page's head.
pub const HIDE: &str =
    "try{localStorage.getItem('signing-out')&&document.documentElement.setAttribute('data-covered','')}catch{}";

fn storage() -> Option<web_sys::Storage> {
    web_sys::window()?.local_storage().ok().flatten()
}

/// Sets the flag. Where storage is blocked, only this page knows of the sign-out.
pub fn begin() {
    if let Some(storage) = storage() {
        storage.set_item(KEY, "1").ok();
    }
}

/// Whether a sign-out is pending.
pub fn pending() -> bool {
    storage().is_some_and(|storage| storage.get_item(KEY).ok().flatten().is_some())
}

/// Removes the flag.
pub fn done() {
    if let Some(storage) = storage() {
        storage.remove_item(KEY).ok();
    }
}

/// Whether the browser reports that it is offline.
pub fn offline() -> bool {
    web_sys::window().is_some_and(|window| !window.navigator().on_line())
}

//! The mark of a sign-out that the server has not heard of: whatever this
//! browser opens next shows nobody until it has.
//!
//! The mark is read before WASM is here, by the script in the page's head; see
//! [`HIDE`].

/// The mark's key in `localStorage`.
const KEY: &str = "signing-out";

/// Hides the page before its first frame if the mark is there. Runs in the head;
/// without scripts there is no mark either.
pub const HIDE: &str =
    "try{localStorage.getItem('signing-out')&&document.documentElement.setAttribute('data-covered','')}catch{}";

fn storage() -> Option<web_sys::Storage> {
    web_sys::window()?.local_storage().ok().flatten()
}

/// Sets the mark. Where storage is blocked, the page alone remembers.
pub fn begin() {
    if let Some(storage) = storage() {
        storage.set_item(KEY, "1").ok();
    }
}

/// Whether a sign-out waits for the server.
pub fn pending() -> bool {
    storage().is_some_and(|storage| storage.get_item(KEY).ok().flatten().is_some())
}

/// Takes the mark away.
pub fn done() {
    if let Some(storage) = storage() {
        storage.remove_item(KEY).ok();
    }
}

/// Whether the browser itself says that it has no connection.
pub fn offline() -> bool {
    web_sys::window().is_some_and(|window| !window.navigator().on_line())
}

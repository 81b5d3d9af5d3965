//! Sessions: requests check them, activity extends them, and they end once, with a reason.

pub mod check;
mod choose;
pub mod columns;
pub mod cookie;
pub mod cookie_check;
pub mod end;
pub mod identity;
pub mod limits;
pub mod mutations;
pub mod pending;
pub mod revocation;
pub mod rotate;
mod session_limit;
mod sign_out;
mod start;
pub mod state;
mod ticket;

pub use choose::choose;
pub use session_limit::{AtLimit, choice};
pub use sign_out::sign_out;
pub use start::{StartedSession, start};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::server::db::sessions::IdHash;
use crate::server::keys::random;

/// A new session id. It is a secret and exists only inside the sealed cookie.
fn new_id() -> String {
    id_of(random())
}

/// Encodes a session id.
fn id_of(bytes: [u8; 32]) -> String {
    format!("session_{}", URL_SAFE_NO_PAD.encode(bytes))
}

/// A new session handle: the public name, used in lists, in the audit log and for ending the
/// session.
fn new_handle() -> String {
    format!("sid_{}", URL_SAFE_NO_PAD.encode(random::<16>()))
}

/// Rejects malformed handles before the query, because PostgreSQL errors on NUL.
pub fn is_handle(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// The hash of a session id, as stored in the database.
pub fn hash(id: &str) -> IdHash {
    Sha256::digest(id.as_bytes()).into()
}

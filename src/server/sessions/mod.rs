//! Sessions: they start, are checked by each request, are kept alive by
//! activity, and end once, with a reason.

pub mod check;
mod choose;
pub mod claim;
pub mod columns;
pub mod cookie;
pub mod end;
pub mod identity;
pub mod kept;
pub mod limits;
pub mod mutations;
pub mod revocation;
mod room;
pub mod rotate;
mod sign_out;
pub mod standing;
mod start;
mod ticket;

pub use choose::choose;
pub use room::{AtLimit, choice};
pub use sign_out::sign_out;
pub use start::{Started, start};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::server::db::sessions::IdHash;
use crate::server::keys::random;

/// A new session id: the secret, only ever inside the sealed cookie.
fn new_id() -> String {
    id_of(random())
}

/// A session id as it is written.
fn id_of(bytes: [u8; 32]) -> String {
    format!("session_{}", URL_SAFE_NO_PAD.encode(bytes))
}

/// A new session handle: the public name, for lists, audit and ending.
fn new_handle() -> String {
    format!("sid_{}", URL_SAFE_NO_PAD.encode(random::<16>()))
}

/// Whether a text may be a handle. Rejects malformed ones before the query, because
/// PostgreSQL errors on NUL.
pub fn is_handle(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// How the database knows a session id.
pub fn hash(id: &str) -> IdHash {
    Sha256::digest(id.as_bytes()).into()
}

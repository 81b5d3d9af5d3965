//! Live: open pages hear what happens to their session and its user.
//!
//! A change writes a [`Notice`](notices) in its own transaction; committed, it
//! reaches every server, which tells its open streams through the
//! [hub]. Notices are a comfort: an end is in force at the next request, heard
//! or not, and what was missed is looked for.

mod feed;
pub mod hub;
mod notices;

pub use feed::spawn;
pub use hub::Hub;
pub use notices::{policy_changed, session_extended, session_renewed, sessions_ended, signed_in, user_changed};

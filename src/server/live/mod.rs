//! Event streams: open pages get the events of their session and its user.
//!
//! A change writes a [`Notice`](notices) in its own transaction. After the commit, every server
//! gets it and signals its open streams through the [hub]. Notices only save time: the end of a
//! session takes effect at the next request anyway, and missed notices are caught up on.

mod desk;
mod feed;
pub mod hub;
mod notices;

pub use feed::spawn;
pub use hub::Hub;
pub use notices::{
    desk_changed, policy_changed, role_changed, session_extended, session_renewed, sessions_ended, signed_in,
    user_changed,
};

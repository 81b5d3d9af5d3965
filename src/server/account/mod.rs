//! What people do to their own account, and are told of it.

pub mod confirm;
pub mod overview;
pub mod password;
pub mod picture;
pub mod preferences;
pub mod profile;
pub mod sessions;
pub mod sign_ins;

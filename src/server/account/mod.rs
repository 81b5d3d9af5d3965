//! What users see of their own account and can change in it.

pub mod confirm;
pub mod new_password;
pub mod overview;
pub mod password;
pub mod picture;
pub mod preferences;
pub mod profile;
pub mod sessions;
pub mod sign_ins;

//! The pages; `app` assigns their paths.

pub mod account;
pub mod activate;
pub mod audit;
pub mod confirm;
pub mod dashboard;
pub mod error;
pub mod lockouts;
pub mod login;
pub mod new_password;
pub mod people;
pub mod roles;
pub mod sessions;
pub mod settings;
pub mod setup;

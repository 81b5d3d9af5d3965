//! The pages; `app` assigns their paths.

pub mod account;
pub mod activate;
pub mod dashboard;
pub mod error;
pub mod login;
pub mod people;
pub mod settings;
pub mod setup;

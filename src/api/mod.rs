//! The server functions, at fixed URLs: the whole interface for the browser, without SQL and
//! markup.

pub mod account;
pub mod administration;
pub mod auth;
pub mod client;
pub mod preferences;
pub mod upload;

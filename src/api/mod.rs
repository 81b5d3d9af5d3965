//! The wire: server functions at fixed URLs. The whole public surface for the
//! browser is readable here; no SQL and no markup.

pub mod account;
pub mod auth;
pub mod client;
pub mod preferences;
pub mod upload;

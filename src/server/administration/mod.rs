//! What administrators do, in the browser and on the command line.

pub mod audit;
pub mod audit_export;
pub mod figures;
pub mod jobs;
pub mod lockouts;
pub mod people;
pub mod policy;
pub mod roles;
pub mod sessions;
pub mod users;

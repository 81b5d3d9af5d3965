//! What administrators do, today by the command line.

pub mod lockouts;
pub mod policy;
pub mod users;

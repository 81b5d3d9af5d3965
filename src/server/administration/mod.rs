//! Operations of administrators, which today run from the command line.

pub mod lockouts;
pub mod people;
pub mod policy;
pub mod users;

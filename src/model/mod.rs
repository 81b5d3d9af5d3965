//! Types that the browser and the server share: plain serde types, parsers and rules.
//!
//! They depend on neither SQL nor HTTP nor views, so both sides use the same definition of a
//! user, a failure or a safe path.

pub mod account;
mod argument;
pub mod characters;
pub mod code;
pub mod codec;
pub mod desk;
pub mod email;
pub mod failure;
pub mod flash;
pub mod form;
mod form_value;
pub mod forms;
pub mod hidden;
pub mod jobs;
pub mod lang;
pub mod listing;
pub mod live;
pub mod number;
pub mod outcome;
pub mod page;
pub mod password;
pub mod people;
pub mod permission;
mod plural;
pub mod policy;
pub mod preference;
pub mod profile;
pub mod redirect;
pub mod roles;
pub mod seed;
pub mod session;
pub mod settings;
pub mod text;
pub mod unicode;
pub mod user;
pub mod words;

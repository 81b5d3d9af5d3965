//! The server's promises, one file each, told as a browser sees them.
//!
//! | file | promise |
//! |---|---|
//! | `login`, `session_check`, `logout` | signing in, staying signed in, signing out |
//! | `rotation`, `confirm` | the id that changes, and the password asked again |
//! | `cookie`, `csrf`, `lockout` | what does not count: forged sessions, foreign requests, guesses |
//! | `navigation` | pages, redirects, and forms without WASM |
//! | `wire` | methods, sizes, types, headers, languages |
//! | `setup` | the first administrator and invited people |
//! | `outage` | the database away: never "signed out" |
//! | `audit` | what is recorded, with what it records |
//! | `inventory`, `queries` | every route is guarded, every query is known to both databases |
//! | `cli` | the command line |

#![allow(clippy::unwrap_used, reason = "a test that unwraps nothing fails, which is its work")]

#[macro_use]
mod support;

mod audit;
mod cli;
mod confirm;
mod cookie;
mod csrf;
mod inventory;
mod lockout;
mod login;
mod logout;
mod navigation;
mod outage;
mod queries;
mod rotation;
mod session_check;
mod setup;
mod wire;

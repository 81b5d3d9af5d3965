//! The server's promises, one file each, told as a browser sees them.
//!
//! | file | promise |
//! |---|---|
//! | `login`, `session_check`, `logout` | signing in, staying signed in, signing out |
//! | `cookie`, `csrf`, `lockout` | what does not count: forged sessions, foreign requests, guesses |
//! | `navigation` | pages, redirects, and forms without WASM |
//! | `wire` | methods, sizes, types, headers, languages |
//! | `setup` | the first administrator and invited people |
//! | `profile`, `picture`, `preferences` | what people change of themselves; language and theme |
//! | `outage` | the database away: never "signed out" |
//! | `audit` | what is recorded, with what it records |
//! | `inventory`, `queries` | every route is guarded, every query is known to both databases |
//! | `cli` | the command line |

#![allow(clippy::unwrap_used, reason = "a test that unwraps nothing fails, which is its work")]

#[macro_use]
mod support;

mod audit;
mod cli;
mod cookie;
mod csrf;
mod inventory;
mod lockout;
mod login;
mod logout;
mod navigation;
mod outage;
mod picture;
mod preferences;
mod profile;
mod queries;
mod session_check;
mod setup;
mod wire;

//! The server's promises, one file each, told as a browser sees them.
//!
//! | file | promise |
//! |---|---|
//! | `login`, `session_check`, `logout` | signing in, staying signed in, signing out |
//! | `cookie`, `csrf`, `lockout` | what does not count: forged sessions, foreign requests, guesses |
//! | `navigation`, `redirects`, `forms` | pages, no way out of this site, forms without WASM |
//! | `wire`, `answers`, `errors` | what is taken; what goes out; refusals, in two languages |
//! | `setup` | the first administrator and invited people |
//! | `outage`, `durability` | the database away: never "signed out"; kill -9: nothing forgotten |
//! | `audit` | what is recorded, with what it records |
//! | `inventory`, `queries` | every route is guarded, every query is known to both databases |
//! | `cli` | the command line |

#![allow(clippy::unwrap_used, reason = "a test that unwraps nothing fails, which is its work")]

#[macro_use]
mod support;

mod answers;
mod audit;
mod cli;
mod cookie;
mod csrf;
mod durability;
mod errors;
mod forms;
mod inventory;
mod lockout;
mod login;
mod logout;
mod navigation;
mod outage;
mod queries;
mod redirects;
mod session_check;
mod setup;
mod wire;

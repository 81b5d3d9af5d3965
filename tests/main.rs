//! The server's promises, one file each, told as a browser sees them.
//!
//! | file | promise |
//! |---|---|
//! | `login`, `session_check`, `logout` | signing in, staying signed in, signing out |
//! | `rotation`, `confirm` | the id that changes, and the password asked again |
//! | `cookie`, `csrf`, `lockout` | what does not count: forged sessions, foreign requests, guesses |
//! | `session_limit`, `device` | as many sessions as allowed, and the owner's way past a lock |
//! | `navigation`, `redirects`, `forms` | pages, no way out of this site, forms without WASM |
//! | `host` | under which names the panel is answered at all |
//! | `wire`, `answers`, `errors`, `log` | what is taken; what goes out; refusals, in two languages; what is logged |
//! | `account_sessions`, `password_change` | one's own sessions and password |
//! | `setup` | the first administrator and invited people |
//! | `profile`, `picture`, `preferences` | what people change of themselves; language and theme |
//! | `outage`, `durability` | the database away: never "signed out"; kill -9: nothing forgotten |
//! | `clock`, `stored_policy` | a clock that was ahead, a policy out of bounds: nothing is let in or kept out by them |
//! | `cut_off`, `shutdown` | requests whose sender has gone, and the end of a server |
//! | `disk_full`, `files` | a full disk; whose the files are and how large |
//! | `mutation_limit` | how much one session may change |
//! | `races` | what many do at once, two hundred times |
//! | `audit` | what is recorded, with what it records |
//! | `old_worker` | what an earlier application left in browsers |
//! | `inventory`, `queries` | every route is guarded, every query is known to both databases |
//! | `events`, `servers` | what open pages hear, also from other server processes |
//! | `spelling`, `addresses` | what is typed: blanks, what can't be seen, one address in two spellings |
//! | `cli`, `cli_lockouts`, `cli_sessions` | the command line |

#![allow(clippy::unwrap_used, reason = "a test that unwraps nothing fails, which is its work")]

#[macro_use]
mod support;

mod account_sessions;
mod addresses;
mod answers;
mod audit;
mod cli;
mod cli_lockouts;
mod cli_sessions;
mod clock;
mod confirm;
mod cookie;
mod csrf;
mod cut_off;
mod device;
mod disk_full;
mod durability;
mod errors;
mod events;
mod files;
mod forms;
mod host;
mod inventory;
mod lockout;
mod log;
mod login;
mod logout;
mod mutation_limit;
mod navigation;
mod old_worker;
mod outage;
mod password_change;
mod picture;
mod preferences;
mod profile;
mod queries;
mod races;
mod redirects;
mod rotation;
mod servers;
mod session_check;
mod session_limit;
mod setup;
mod shutdown;
mod spelling;
mod stored_policy;
mod structure;
mod wire;

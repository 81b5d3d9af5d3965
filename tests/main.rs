//! The server tests, one file per topic. They send requests as a browser does.
//!
//! | file | topic |
//! |---|---|
//! | `login`, `session_check`, `logout` | signing in, staying signed in, signing out |
//! | `rotation`, `confirm` | rotation of the session id; reauthentication |
//! | `cookie`, `csrf`, `lockout` | forged session cookies; cross-site requests; guessed passwords |
//! | `session_limit`, `device` | the limit of sessions per user; the cookie that exempts the owner from lockouts |
//! | `navigation`, `redirects`, `forms` | pages; open redirects; forms without WASM |
//! | `host` | the host names under which the panel responds |
//! | `wire`, `answers`, `errors`, `log` | request bodies; responses; error messages in two languages; the log |
//! | `account_sessions`, `password_change` | a user's own sessions and password |
//! | `setup` | the first administrator and invited users |
//! | `profile`, `picture`, `preferences` | a user's own profile and picture; language and theme |
//! | `outage`, `durability` | a database outage ends no session; `kill -9` loses nothing |
//! | `clock`, `stored_policy` | a clock that was ahead; a stored policy out of bounds |
//! | `disconnects`, `shutdown` | clients that disconnect; the end of a server |
//! | `disk_full`, `files` | a full disk; permissions and sizes of files |
//! | `mutation_limit` | the rate limit of mutations per session |
//! | `structure` | the direction of imports, and the length of files |
//! | `road` | what every request costs; an end is never late |
//! | `races` | concurrent requests, in two hundred rounds |
//! | `audit` | the audit log |
//! | `desk`, `news` | everybody's sessions and the audit; what the dashboard says of administrators |
//! | `people`, `new_password` | administrators find, add, change and remove people; a required new password |
//! | `roles`, `rights_table` | roles; every guarded route against every role and permission |
//! | `settings` | the policy on the settings page |
//! | `old_worker` | service workers that an earlier application left in browsers |
//! | `inventory`, `queries` | every route is guarded; every query works on both databases |
//! | `events`, `servers` | the event stream, also across server processes |
//! | `spelling`, `addresses` | invisible characters in typed values; one email address in two spellings |
//! | `cli`, `cli_lockouts`, `cli_people`, `cli_sessions` | the command line |

#![allow(clippy::unwrap_used, reason = "a test that unwraps nothing fails, which is its work")]

#[macro_use]
mod support;

mod account_sessions;
mod addresses;
mod answers;
mod audit;
mod cli;
mod cli_lockouts;
mod cli_people;
mod cli_sessions;
mod clock;
mod confirm;
mod cookie;
mod csrf;
mod desk;
mod device;
mod disconnects;
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
mod new_password;
mod news;
mod old_worker;
mod outage;
mod password_change;
mod people;
mod picture;
mod preferences;
mod profile;
mod queries;
mod races;
mod redirects;
mod rights_table;
mod road;
mod roles;
mod rotation;
mod servers;
mod session_check;
mod session_limit;
mod settings;
mod setup;
mod shutdown;
mod spelling;
mod stored_policy;
mod structure;
mod upgrade;
mod wire;

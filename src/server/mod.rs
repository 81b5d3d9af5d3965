//! The machine: everything that only the server has.
//!
//! | room | what is in it |
//! |---|---|
//! | [`config`], [`clock`], [`keys`], [`state`] | what a server is started with |
//! | [`router`] | every route and layer on one screen |
//! | [`observe`], [`log`] | request ids, and how log lines are written |
//! | [`host`], [`scheme`] | where a request was sent to; HTTPS or not |
//! | [`access`] | the route inventory: who may, with which body |
//! | [`old_worker`] | the end of what an earlier application left in browsers |
//! | [`request`] | one request: where from, in which language, who is asking |
//! | [`framing`], [`csrf`], [`identity`] | the checks, in the contract's order |
//! | [`present`], [`headers`] | how answers leave: envelope, language, headers |
//! | [`users`], [`passwords`], [`lockout`], [`device_cookie`] | proving who one is |
//! | [`sessions`], [`cookie`] | starting, checking and ending sessions |
//! | [`live`] | telling open pages what happens to their session |
//! | [`listing`], [`device`] | how lists are asked for; browsers in words |
//! | [`policy`], [`audit`], [`links`], [`sweep`], [`files`] | rules, records, one-time links, tidying up; whose the files are |
//! | [`profile`], [`picture`], [`upload`], [`preferences`] | what people change of themselves; language and theme |
//! | [`db`] | the two databases and every query |
//! | [`cli`], [`serve`], [`work`] | the command line and the listening server; what runs to its end |

/// Not the system's: what an open event stream costs, and an answer, is to a good part its bookkeeping (bench/README.md).
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

pub mod access;
pub mod assets;
pub mod audit;
pub mod cli;
pub mod clock;
pub mod config;
pub mod cookie;
pub mod csrf;
pub mod db;
pub mod device;
pub mod device_cookie;
pub mod error;
mod files;
pub mod framing;
pub mod headers;
pub mod host;
pub mod identity;
pub mod keys;
pub mod links;
pub mod listing;
pub mod live;
pub mod lockout;
pub mod log;
pub mod observe;
pub mod old_worker;
pub mod pages;
pub mod passwords;
pub mod picture;
pub mod policy;
pub mod preferences;
pub mod present;
pub mod profile;
pub mod reads;
pub mod request;
pub mod router;
pub mod scheme;
pub mod serve;
pub mod sessions;
pub mod state;
pub mod sweep;
pub mod upload;
pub mod users;
pub mod work;

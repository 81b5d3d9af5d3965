//! The server, from the bottom up: a file imports what stands above it in this
//! table, never what stands below.
//!
//! | room | what is in it |
//! |---|---|
//! | [`clock`], [`error`], [`keys`], [`files`], [`log`], [`throttle`], [`turns`], [`work`] | small tools without a database |
//! | [`config`], [`access`] | settings; the route inventory |
//! | [`cookie`], [`csrf_token`], [`device`], [`preferences`], [`query`], [`listing`] | what requests bring and answers take along |
//! | [`passwords`], [`picture`] | hashing and judging; making small |
//! | [`db`], [`audit`] | the two databases; who did what |
//! | [`live`] | telling open pages what happens to their session |
//! | [`state`] | what every request shares |
//! | [`request`], [`flash`] | what a request says of itself; what a page says once |
//! | [`device_cookie`], [`lockout`] | how many wrong passwords |
//! | [`users`] | proving who one is |
//! | [`sessions`] | starting, checking and ending sessions; who is asking |
//! | [`context`] | a request with who is asking |
//! | [`links`], [`account`], [`administration`] | the use cases above sessions |
//! | [`sweep`] | tidying up |
//! | [`pages`] | what each page shows |
//! | [`http`] | the layers and handlers |
//! | [`serve`], [`cli`] | how it is started |

/// Not the system's: what an open event stream costs, and an answer, is to a good part its bookkeeping (bench/README.md).
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

pub mod access;
pub mod account;
pub mod administration;
pub mod audit;
pub mod cli;
pub mod clock;
pub mod config;
pub mod context;
pub mod cookie;
pub mod csrf_token;
pub mod db;
pub mod device;
pub mod device_cookie;
pub mod error;
mod files;
pub mod flash;
pub mod http;
pub mod keys;
pub mod links;
pub mod listing;
pub mod live;
pub mod lockout;
pub mod log;
pub mod pages;
pub mod passwords;
mod picture;
pub mod preferences;
pub mod query;
pub mod request;
pub mod serve;
pub mod sessions;
pub mod state;
pub mod sweep;
pub mod throttle;
pub mod turns;
pub mod users;
pub mod work;

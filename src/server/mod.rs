//! The server, from the bottom up. A module imports only modules above it in this table.
//!
//! | module | what is in it |
//! |---|---|
//! | [`ascii`], [`clock`], [`error`], [`keys`], [`files`], [`throttle`], [`turns`] | small tools without a database |
//! | [`config`], [`log`], [`work`], [`access`] | settings; log lines; work that outlives its request; the route inventory |
//! | [`cookie`], [`csrf_token`], [`device`], [`preferences`], [`query`], [`listing`] | parsing requests, building responses |
//! | [`passwords`], [`picture`] | password rules and hashing; scaling pictures down |
//! | [`db`] | both databases |
//! | [`live`], [`audit`] | event streams that tell open pages about their session; the audit log |
//! | [`state`] | the state that all requests share |
//! | [`request`], [`flash`] | the head of a request; messages that the next page shows once |
//! | [`device_cookie`], [`lockout`] | rate limits on wrong passwords |
//! | [`users`] | authentication by password |
//! | [`sessions`] | starting, checking and ending sessions |
//! | [`context`] | a request with its user |
//! | [`kept`] | results kept for the next page |
//! | [`links`], [`account`], [`administration`] | the use cases above sessions |
//! | [`sweep`] | periodic clean-up |
//! | [`pages`] | the data of each page |
//! | [`http`] | the layers and handlers |
//! | [`serve`], [`cli`] | the entry points |

/// jemalloc instead of the system's allocator: its bookkeeping costs less memory for each open
/// event stream and less time for each response (bench/README.md).
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

pub mod access;
pub mod account;
pub mod administration;
pub mod ascii;
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
pub mod kept;
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

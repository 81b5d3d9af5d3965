//! Support for the server tests: a panel with its own database, and a browser.
//!
//! A test is a plain `async fn` that takes a [`TestApp`]; its name states a promise.
//! `both![…]` at the top of a file lists the tests and runs each on SQLite and on
//! PostgreSQL. The panel's [`Clock`] provides the time, so no test sleeps.
//!
//! [`Clock`]: kafkasder_panel::server::clock::Clock

mod answer;
mod app;
mod browser;
mod cli;
mod database;
mod disk;
pub mod events;
mod listening;
mod log;
mod outage;
mod process;
mod response_checks;
mod sessions;

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use chrono::{DateTime, SecondsFormat};
use futures::FutureExt;
use kafkasder_panel::server::access::{Kind, ROUTES};

pub use answer::{Answer, SetCookie};
pub use app::{PASSWORD, Person, SECRET, TestApp};
pub use browser::{Browser, CSRF, LOGIN, LOGOUT, RequestBuilder, SESSION, USER};
pub use cli::{CommandOutput, run as run_cli};
pub use database::{Backend, Database};
pub use disk::{fill as fill_disk, make_room};
pub use events::{EVENTS, Events};
pub use log::Log;
pub use outage::Outage;

pub const SECOND: Duration = Duration::from_secs(1);
pub const MINUTE: Duration = Duration::from_secs(60);
pub const HOUR: Duration = Duration::from_secs(60 * 60);
pub const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Runs each named test on both databases, as `name::sqlite` and `name::postgres`.
macro_rules! both {
    ($($name:ident),* $(,)?) => {$(
        mod $name {
            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn sqlite() {
                crate::support::run(crate::support::Backend::Sqlite, super::$name).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn postgres() {
                crate::support::run(crate::support::Backend::Postgres, super::$name).await;
            }
        }
    )*};
}

/// Runs a test on a new panel and removes the database afterwards, even when the test fails.
pub async fn run<F: Future<Output = ()>>(backend: Backend, test: impl FnOnce(TestApp) -> F) {
    // The test harness shows the panel's log when a test fails.
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "warn".into());
    tracing_subscriber::fmt().with_test_writer().with_env_filter(filter).try_init().ok();
    let Some(app) = TestApp::start(backend).await else {
        println!("SKIPPED: SKIP_POSTGRES=1");
        return;
    };
    let database = app.database.clone();
    let outcome = AssertUnwindSafe(test(app)).catch_unwind().await;
    database.remove().await;
    if let Err(panic) = outcome {
        std::panic::resume_unwind(panic);
    }
}

/// Waits until the condition holds, for at most a minute.
pub async fn wait_until(what: &str, is: impl AsyncFn() -> bool) {
    let waiting = async {
        while !is().await {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(MINUTE, waiting).await.unwrap_or_else(|_| panic!("{what}: not within a minute"));
}

/// Formats a time as the API does.
pub fn iso_time(millis: i64) -> String {
    DateTime::from_timestamp_millis(millis).expect("a time").to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// Returns the paths of all routes that change data.
pub fn mutations() -> Vec<&'static str> {
    ROUTES
        .iter()
        .filter(|route| matches!(route.kind, Kind::Mutation | Kind::BareMutation))
        .map(|route| route.path)
        .collect()
}

/// Returns the paths of the mutations that read their body.
pub fn mutations_with_a_body() -> Vec<&'static str> {
    mutations().into_iter().filter(|path| ROUTES.iter().any(|r| r.path == *path && r.kind == Kind::Mutation)).collect()
}

/// Returns the decoded query of a `Location` as pairs.
pub fn query(location: &str) -> Vec<(String, String)> {
    let query = location.split_once('?').map_or("", |(_, query)| query);
    url::form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

pub fn pair(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

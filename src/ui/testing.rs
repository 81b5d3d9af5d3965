//! Shared helpers of the browser tests.
//!
//! | file | what is in it |
//! |---|---|
//! | here | users, and waiting |
//! | [`browser`] | changes of the browser that are reverted |
//! | [`channels`] | the messages between tabs |
//! | [`server`] | a mocked server |

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop there")]

mod browser;
mod channels;
mod server;

pub use browser::{Changed, block_storage, fill_storage, fresh, mounted, remove_locks, shown, skew_clock};
pub use channels::Channels;
pub use server::Server;

use std::cell::RefCell;
use std::panic::Location;

use leptos::prelude::set_timeout;
use wasm_bindgen::JsValue;

use super::browser::{self as page, Departure};
use crate::model::seed::Who;
use crate::model::session::SessionStatus;
use crate::model::user::User;

/// A user with a role, two permissions and no optional fields.
pub fn person(id: &str) -> User {
    User {
        id: id.to_owned(),
        email: format!("{id}@example.org"),
        name: "Ayşe Işık".to_owned(),
        role: "staff".to_owned(),
        permissions: vec!["messages:access".to_owned(), "reports:access".to_owned()],
        is_active: true,
        phone: None,
        labels: Vec::new(),
        avatar: None,
        created_at: "2026-01-01T00:00:00.000Z".to_owned(),
        updated_at: "2026-01-01T00:00:00.000Z".to_owned(),
        last_login: None,
    }
}

/// A session that expires in a week, without an idle limit.
pub fn status(id: &str) -> SessionStatus {
    SessionStatus {
        user_id: id.to_owned(),
        expires_at: "2026-12-01T00:00:00.000Z".to_owned(),
        idle_expires_at: None,
        server_time: "2026-11-24T00:00:00.000Z".to_owned(),
    }
}

/// The server's seed for this signed-in user.
pub fn signed_in(id: &str) -> Who {
    Who::SignedIn { user: Box::new(person(id)), session: status(id), remembered: true }
}

/// The page's storage, for the tests themselves.
pub fn local_storage() -> web_sys::Storage {
    web_sys::window().unwrap().local_storage().unwrap().unwrap()
}

/// Runs a script.
fn run(script: &str) -> JsValue {
    js_sys::Function::new_no_args(script).call0(&JsValue::NULL).unwrap()
}

thread_local! {
    static DEPARTURES: RefCell<Vec<Departure>> = const { RefCell::new(Vec::new()) };
}

/// Records a departure instead of leaving, because a test page must not leave.
pub fn record_departure(departure: Departure) {
    DEPARTURES.with_borrow_mut(|departures| departures.push(departure));
}

/// Returns the departures recorded since the last call.
pub fn departures() -> Vec<Departure> {
    DEPARTURES.take()
}

/// Yields to the browser's other tasks.
pub async fn turn() {
    let (done, waiting) = futures::channel::oneshot::channel();
    set_timeout(move || done.send(()).unwrap(), std::time::Duration::ZERO);
    waiting.await.unwrap();
}

/// The timeout of [`until`], in milliseconds.
const TIMEOUT: f64 = 10_000.0;

/// Waits until a condition holds, and panics after the timeout.
#[track_caller]
pub fn until(met: impl Fn() -> bool) -> impl Future<Output = ()> {
    let (here, end) = (Location::caller(), page::now() + TIMEOUT);
    async move {
        while !met() {
            assert!(page::now() < end, "the wait at {here} timed out");
            turn().await;
        }
    }
}

#[cfg(test)]
mod tests;

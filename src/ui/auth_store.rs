//! The browser's authentication store, which replaces the old panel's Zustand store.
//!
//! The server's render seeds it, and `localStorage` mirrors it. It only decides what is shown: the
//! server checks access at every request.

mod ending;
mod permissions;
mod state;
mod sync;

use std::time::Duration;

use futures::future::{Either, select};
use leptos::prelude::*;
use leptos::task::spawn_local;
use reactive_stores::Store;

pub use ending::{CoverReason, Ended};
pub use state::{ACCESS_TOKEN, AuthState, StoreSession};

use crate::api::client;
use crate::model::account::{Choice, Credentials, SignedIn};
use crate::model::code::Code;
use crate::model::failure::Failure;
use crate::model::forms;
use crate::model::redirect::SafePath;
use crate::model::seed::Who;
use crate::model::user::User;
use crate::ui::browser::{self, Departure};
use crate::ui::{leaving, storage};

/// The timeout of a sign-out request. After it, the sign-out is retried later.
const SIGN_OUT_TIMEOUT: Duration = Duration::from_secs(5);

/// Runs after signing out, instead of loading the login page.
pub type AfterLogout = Box<dyn FnOnce()>;

/// A handle to the store. Copies share one state.
#[derive(Clone, Copy)]
pub struct AuthStore {
    state: Store<AuthState>,
    /// Set while the page is covered.
    ended: RwSignal<Option<Ended>>,
    /// Leaves the page. Tests record the departure instead.
    depart: fn(Departure),
    /// The target of the navigation that is in progress.
    leaving_for: StoredValue<Option<Departure>>,
}

/// Returns the page's store.
pub fn auth_store() -> AuthStore {
    use_context().unwrap_or_else(|| AuthStore::new(&Who::Unknown, browser::depart))
}

impl AuthStore {
    /// Creates a store seeded by the server. It lives as long as its reactive owner, which is one
    /// request on the server, so that users never share a store.
    pub fn new(who: &Who, depart: fn(Departure)) -> AuthStore {
        AuthStore {
            state: Store::new(AuthState::seeded(who)),
            ended: RwSignal::new(None),
            depart,
            leaving_for: StoredValue::new(None),
        }
    }

    /// Creates the page's store, provides it as context and starts mirroring.
    pub fn provide(who: &Who) -> AuthStore {
        let store = AuthStore::new(who, browser::depart);
        provide_context(store);
        store.attach();
        store
    }

    /// Returns every field, for views and effects.
    pub fn state(self) -> Store<AuthState> {
        self.state
    }

    /// Signs in and loads the next page in full, which seeds a new store.
    ///
    /// # Errors
    /// The server's refusal, also stored in [`AuthState::error`].
    pub async fn login(self, credentials: Credentials, onward: SafePath) -> Result<(), Failure> {
        self.state.update(|s| (s.is_loading, s.error, s.remember_me) = (true, None, credentials.remember_me));
        let answer = client::send(&client::json(forms::LOGIN.action, &credentials)).await;
        self.entered(answer, onward)
    }

    /// Signs in at the session limit and ends the chosen session.
    ///
    /// # Errors
    /// As [`login`](Self::login).
    pub async fn choose(self, choice: Choice, onward: SafePath) -> Result<(), Failure> {
        self.state.update(|s| (s.is_loading, s.error) = (true, None));
        let answer = client::send(&client::json(forms::CHOOSE.action, &choice)).await;
        self.entered(answer, onward)
    }

    fn entered(self, answer: Result<String, Failure>, onward: SafePath) -> Result<(), Failure> {
        match answer.and_then(|answer| client::data::<SignedIn>(&answer)) {
            Ok(signed_in) => {
                leaving::done();
                self.state.set(AuthState::entered(signed_in, self.state.with_untracked(|s| s.remember_me)));
                self.leave(Departure::To(onward));
                Ok(())
            }
            Err(failure) => {
                self.state.update(|s| (s.is_loading, s.error) = (false, Some(failure.clone())));
                Err(failure)
            }
        }
    }

    /// Signs out. This browser forgets the user whatever the server answers, but only after the
    /// answer: otherwise the other tabs would load the login page while the session is still alive.
    /// If the server does not answer, the page waits and retries the sign-out.
    pub async fn logout(self, callback: Option<AfterLogout>) {
        self.state.update(|s| s.is_loading = true);
        // The request would fail when the browser knows that it is offline.
        let told = match leaving::offline() {
            true => Err(Failure::new(Code::Offline)),
            false => send_sign_out().await,
        };
        let pending = told.is_err_and(|failure| !ending::is_recorded(&failure));
        if pending {
            leaving::begin();
        }
        match callback {
            Some(callback) => {
                self.forget();
                callback();
            }
            None if pending => self.cover_pending_sign_out(),
            None => {
                self.forget();
                self.leave(Departure::Login);
            }
        }
    }

    /// Handles a refusal of any call: without a session, the user is signed out here.
    pub fn refused(self, failure: &Failure) {
        match (failure.code, failure.reason) {
            (Code::Unauthenticated, None) => spawn_local(self.ask_again()),
            (Code::Unauthenticated, reason) => self.end(reason),
            _ => {}
        }
    }

    /// Stores a user that the server has changed. An effect updates the mirror, which updates the
    /// other tabs.
    pub fn changed(self, user: User) {
        self.state.update(|s| s.user = Some(user));
    }

    /// Clears the last refusal.
    pub fn clear_error(self) {
        self.state.update(|s| s.error = None);
    }

    /// Forgets the user and removes the page's content.
    fn forget(self) {
        self.empty();
        browser::forget_page();
    }

    /// Forgets the user. It updates the mirror and the other tabs at once and not in an effect,
    /// because the page may be gone before the effect runs.
    fn empty(self) {
        if !storage::remove() {
            sync::send_mirror(None);
        }
        browser::forget_seed();
        self.state.set(AuthState::seeded(&Who::Nobody));
    }
}

/// Sends the sign-out with a timeout, so that the button does not stay busy while the network
/// hangs.
async fn send_sign_out() -> Result<(), Failure> {
    let logout = client::json(forms::LOGOUT.action, &());
    let (answer, timeout) = (client::send(&logout), browser::pause(SIGN_OUT_TIMEOUT));
    match select(Box::pin(answer), Box::pin(timeout)).await {
        Either::Left((told, _)) => told.map(|_| ()),
        Either::Right(_) => Err(Failure::new(Code::Offline)),
    }
}

#[cfg(all(test, target_arch = "wasm32"))]
mod tests;

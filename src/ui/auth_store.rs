//! Who is signed in, as the browser knows it: the Zustand store's twin.
//!
//! Seeded by the server's render, mirrored to `localStorage`, and never the
//! one who decides access: that is the server, at every request.

mod ending;
mod permissions;
mod state;
mod sync;

use std::time::Duration;

use futures::future::{Either, select};
use leptos::prelude::*;
use leptos::task::spawn_local;
use reactive_stores::Store;

pub use ending::{Ended, Why};
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

/// How long a sign-out may take before it is left for later.
const SIGN_OUT_PATIENCE: Duration = Duration::from_secs(5);

/// What to do after signing out instead of going to the login page.
pub type AfterLogout = Box<dyn FnOnce()>;

/// The handle that components hold; copying it copies no state.
#[derive(Clone, Copy)]
pub struct AuthStore {
    state: Store<AuthState>,
    /// Set while the page is covered.
    ended: RwSignal<Option<Ended>>,
    /// How the page is left; a test only takes note.
    depart: fn(Departure),
    /// Where to, while the page that comes is loading.
    leaving_for: StoredValue<Option<Departure>>,
}

/// The store of the page.
pub fn auth_store() -> AuthStore {
    use_context().unwrap_or_else(|| AuthStore::new(&Who::Unknown, browser::depart))
}

impl AuthStore {
    /// A store seeded with the server's word. It lives as long as its owner: on
    /// the server one request, so that nobody ever sees another person's.
    pub fn new(who: &Who, depart: fn(Departure)) -> AuthStore {
        AuthStore {
            state: Store::new(AuthState::seeded(who)),
            ended: RwSignal::new(None),
            depart,
            leaving_for: StoredValue::new(None),
        }
    }

    /// Makes the page's store, puts it into context and starts mirroring.
    pub fn provide(who: &Who) -> AuthStore {
        let store = AuthStore::new(who, browser::depart);
        provide_context(store);
        store.attach();
        store
    }

    /// Every field, for views and effects.
    pub fn state(self) -> Store<AuthState> {
        self.state
    }

    /// Signs in and leads on, with a full page load that seeds the next store.
    ///
    /// # Errors
    /// What the server refused; [`AuthState::error`] says the same.
    pub async fn login(self, credentials: Credentials, onward: SafePath) -> Result<(), Failure> {
        self.state.update(|s| (s.is_loading, s.error, s.remember_me) = (true, None, credentials.remember_me));
        let answer = client::send(&client::json(forms::LOGIN.action, &credentials)).await;
        self.entered(answer, onward)
    }

    /// Signs in at the session limit: the chosen session ends.
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

    /// Signs out. Whatever the server answers, or if it cannot be reached:
    /// this browser forgets. Only after the answer, though, or the other tabs
    /// would ask for the login page while the session still lives. A server that
    /// could not be told, or does not answer, is told later, and this page waits
    /// for that.
    pub async fn logout(self, callback: Option<AfterLogout>) {
        self.state.update(|s| s.is_loading = true);
        // A browser that knows it has no connection need not try.
        let told = match leaving::offline() {
            true => Err(Failure::new(Code::Offline)),
            false => tell_sign_out().await,
        };
        let untold = told.is_err_and(|failure| !ending::is_kept(&failure));
        if untold {
            leaving::begin();
        }
        match callback {
            Some(callback) => {
                self.forget();
                callback();
            }
            None if untold => self.sign_out_untold(),
            None => {
                self.forget();
                self.leave(Departure::Login);
            }
        }
    }

    /// Hears a refusal of any call: without a session, nobody is signed in here.
    pub fn refused(self, failure: &Failure) {
        match (failure.code, failure.reason) {
            (Code::Unauthenticated, None) => spawn_local(self.ask_again()),
            (Code::Unauthenticated, reason) => self.end(reason),
            _ => {}
        }
    }

    /// The server has changed the person: here at once, in the mirror by its
    /// effect, and from there in the other tabs.
    pub fn changed(self, user: User) {
        self.state.update(|s| s.user = Some(user));
    }

    /// Takes the last refusal off the screen.
    pub fn clear_error(self) {
        self.state.update(|s| s.error = None);
    }

    /// Nobody is signed in here, and the page shows nobody.
    fn forget(self) {
        self.empty();
        browser::forget_page();
    }

    /// Nobody is signed in here. The mirror goes at once, and the other tabs
    /// hear of it at once, not when an effect gets its turn: the page may be gone
    /// by then.
    fn empty(self) {
        if !storage::remove() {
            sync::tell(None);
        }
        browser::forget_seed();
        self.state.set(AuthState::seeded(&Who::Nobody));
    }
}

/// Who signs out does not look at a busy button for as long as a network hangs.
async fn tell_sign_out() -> Result<(), Failure> {
    let logout = client::json(forms::LOGOUT.action, &());
    let (answer, patience) = (client::send(&logout), browser::pause(SIGN_OUT_PATIENCE));
    match select(Box::pin(answer), Box::pin(patience)).await {
        Either::Left((told, _)) => told.map(|_| ()),
        Either::Right(_) => Err(Failure::new(Code::Offline)),
    }
}

#[cfg(all(test, target_arch = "wasm32"))]
mod tests;

//! The session's life on a page: its expiry, its extension and its end.
//!
//! | file | what is in it |
//! |---|---|
//! | [`clock`] | the expiry, on a monotonic clock |
//! | [`activity`] | user activity, which extends the session |
//! | [`hearing`] | events of the server and of other tabs |
//! | [`asking`] | requests about the session |
//! | [`live`] | the server's event stream |
//! | [`leader`] | the election of the tab that opens the stream |
//! | [`watch`] | checks each second, when the tab becomes visible, and after a new sign-in |
//! | [`remedy`] | what the page does before it repeats a refused call |

pub mod activity;
mod asking;
pub mod clock;
mod hearing;
pub mod leader;
pub mod live;
pub mod remedy;
mod watch;

use leptos::prelude::*;

use self::activity::Throttle;
use self::clock::{Deadline, Times, Warning};
use self::leader::Election;
use self::remedy::Waiting;
use crate::model::live::{AdministratorChanged, NewSignIn};
use crate::model::seed::Who;
use crate::model::session::Revocation;
use crate::ui::auth_store::AuthStore;
use crate::ui::pulse;

/// A handle to the session's life.
#[derive(Clone, Copy)]
pub struct SessionLife {
    pub store: AuthStore,
    pub deadline: RwSignal<Option<Deadline>>,
    /// The countdown of the last minute, updated each second.
    pub warning: RwSignal<Option<Warning>>,
    /// Whether a call waits for the password.
    pub proving: RwSignal<bool>,
    /// A sign-in somewhere else that the user has not dismissed yet.
    pub news: RwSignal<Option<NewSignIn>>,
    /// The last change of administrators, until the user dismisses it.
    pub administrators: RwSignal<Option<AdministratorChanged>>,
    /// The new email after a change somewhere else, until the user dismisses the notice.
    pub new_email: RwSignal<Option<String>>,
    /// Who ended the session, if a user did and the server said so.
    pub revoked: RwSignal<Option<Revocation>>,
    /// The handles of the sign-ins already shown: a tab that stood still announces them again.
    told: StoredValue<Vec<String>>,
    election: Election,
    throttle: StoredValue<Throttle>,
    /// Whether a session check is running.
    asking: StoredValue<bool>,
    waiting: StoredValue<Waiting>,
}

/// Returns the life of the page's session.
pub fn session_life() -> SessionLife {
    use_context().unwrap_or_else(|| SessionLife::new(crate::ui::auth_store::auth_store()))
}

impl SessionLife {
    pub fn new(store: AuthStore) -> SessionLife {
        SessionLife {
            store,
            deadline: RwSignal::new(None),
            warning: RwSignal::new(None),
            proving: RwSignal::new(false),
            news: RwSignal::new(None),
            administrators: RwSignal::new(None),
            new_email: RwSignal::new(None),
            revoked: RwSignal::new(None),
            told: StoredValue::new(Vec::new()),
            election: Election::new(),
            throttle: StoredValue::new(Throttle::default()),
            asking: StoredValue::new(false),
            waiting: StoredValue::new(Waiting::default()),
        }
    }

    /// Creates the session's life, provides it as context, and connects it to the browser in
    /// effects.
    pub fn provide(store: AuthStore, who: &Who) -> SessionLife {
        let life = SessionLife::new(store);
        provide_context(life);
        let seeded = match who {
            Who::SignedIn { session, .. } => Some(Times::from(session)),
            Who::Nobody | Who::Unknown => None,
        };
        Effect::new(move |_| {
            if let Some(times) = &seeded {
                // The page's request was the question: time zero of its clock.
                life.learn(times, 0.0);
            }
            life.attach();
        });
        life
    }

    fn attach(self) {
        pulse::beat();
        self.install_remedy();
        activity::listen(self);
        self.hear_tabs();
        live::listen(self);
        self.check_each_second();
        self.check_when_visible();
        self.resume_after_sign_in();
        self.retry_sign_out();
    }

    /// Updates the expiry from the server's answer; `asked` is on the page's clock.
    pub fn learn(self, times: &Times, asked: f64) {
        let before = self.deadline.get_untracked();
        if let Some(deadline) = Deadline::read(times, asked, before) {
            self.deadline.set(Some(deadline));
            self.tick();
        }
    }

    fn extended(self, times: &Times, asked: f64) {
        self.throttle.update_value(|throttle| throttle.record(asked));
        self.learn(times, asked);
    }
}

#[cfg(all(test, target_arch = "wasm32"))]
mod tests;

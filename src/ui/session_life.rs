//! The life of the session on a page: when it ends, who keeps it alive, and
//! what happens when it has ended.
//!
//! | file | what is in it |
//! |---|---|
//! | [`clock`] | when it ends, by a clock that nobody can set |
//! | [`activity`] | only people keep it alive |
//! | [`hearing`] | what is heard of it, from the server and from other tabs |
//! | [`asking`] | what the server is asked about it |
//! | [`live`] | the server's events |
//! | [`leader`] | which tab hears them for all |
//! | [`watch`] | the page looks at its session: each second, when it is looked at again, when somebody is back |
//! | [`remedy`] | what the page does before a refused call is repeated |

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
use self::leader::Part;
use self::remedy::Waiting;
use crate::model::live::NewSignIn;
use crate::model::seed::Who;
use crate::model::session::Revocation;
use crate::ui::auth_store::AuthStore;
use crate::ui::pulse;

/// The handle that components hold.
#[derive(Clone, Copy)]
pub struct SessionLife {
    pub store: AuthStore,
    pub deadline: RwSignal<Option<Deadline>>,
    /// Set in the last minute, second by second.
    pub warning: RwSignal<Option<Warning>>,
    /// A call waits for the password.
    pub proving: RwSignal<bool>,
    /// Somebody signed in elsewhere, and nobody has looked at it yet.
    pub news: RwSignal<Option<NewSignIn>>,
    /// The email that the person signs in with since it was changed elsewhere, until somebody has looked at it.
    pub new_email: RwSignal<Option<String>>,
    /// Who ended the session, if somebody did and the server said so.
    pub revoked: RwSignal<Option<Revocation>>,
    /// The sign-ins that were told, by their handles: a tab that stood still tells
    /// them again.
    told: StoredValue<Vec<String>>,
    part: Part,
    throttle: StoredValue<Throttle>,
    /// The server is being asked.
    asking: StoredValue<bool>,
    waiting: StoredValue<Waiting>,
}

/// The life of the page's session.
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
            new_email: RwSignal::new(None),
            revoked: RwSignal::new(None),
            told: StoredValue::new(Vec::new()),
            part: Part::new(),
            throttle: StoredValue::new(Throttle::default()),
            asking: StoredValue::new(false),
            waiting: StoredValue::new(Waiting::default()),
        }
    }

    /// Puts the life of this session into context and ties it to the browser,
    /// in effects.
    pub fn provide(store: AuthStore, who: &Who) -> SessionLife {
        let life = SessionLife::new(store);
        provide_context(life);
        let said = match who {
            Who::SignedIn { session, .. } => Some(Times::from(session)),
            Who::Nobody | Who::Unknown => None,
        };
        Effect::new(move |_| {
            if let Some(times) = &said {
                // Asked for when the page was: at zero on its clock.
                life.learn(times, 0.0);
            }
            life.attach();
        });
        life
    }

    fn attach(self) {
        pulse::beat();
        self.help_calls();
        activity::listen(self);
        self.hear_tabs();
        live::listen(self);
        self.count();
        self.look_again();
        self.come_back();
        self.tell_later();
    }

    /// Takes the server's word on when the session ends; `asked` on the page's clock.
    pub fn learn(self, times: &Times, asked: f64) {
        let before = self.deadline.get_untracked();
        if let Some(deadline) = Deadline::read(times, asked, before) {
            self.deadline.set(Some(deadline));
            self.tick();
        }
    }

    fn extended(self, times: &Times, asked: f64) {
        self.throttle.update_value(|throttle| throttle.noted(asked));
        self.learn(times, asked);
    }
}

#[cfg(all(test, target_arch = "wasm32"))]
mod tests;

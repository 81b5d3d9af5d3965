//! The life of the session on a page: when it ends, who keeps it alive, and
//! what happens when it has ended.
//!
//! | file | what is in it |
//! |---|---|
//! | [`clock`] | when it ends, by a clock that nobody can set |
//! | [`activity`] | only people keep it alive |
//! | [`live`] | the server's events |
//! | [`leader`] | which tab hears them for all |
//! | [`watch`] | the page looks at its session: each second, when it is looked at again, when somebody is back |
//! | [`remedy`] | what the page does before a refused call is repeated |

pub mod activity;
pub mod clock;
pub mod leader;
pub mod live;
pub mod remedy;
mod watch;

use std::time::Duration;

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::task::spawn_local;
use serde::Deserialize;

use self::activity::Throttle;
use self::clock::{Deadline, Times, Warning};
use self::leader::Part;
use self::remedy::Waiting;
use crate::api::{auth, client};
use crate::model::code::Code;
use crate::model::failure::Failure;
use crate::model::seed::Who;
use crate::model::session::{EndReason, Revocation, SessionStatus};
use crate::model::user::User;
use crate::ui::auth_store::AuthStore;
use crate::ui::browser::{self, Departure};
use crate::ui::in_place;
use crate::ui::{pulse, tabs};

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

/// A sign-in on another device.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct NewSignIn {
    pub handle: String,
    pub device: String,
    pub address: String,
}

/// The data of `session-ended`.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Ended {
    reason: Option<EndReason>,
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
    /// in effects: so after hydration and never on the server.
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

    /// Hears what other tabs say, as long as the current owner lives.
    fn hear_tabs(self) {
        tabs::listen(move |name, json| {
            if !self.part.hear(name, self.store.alive()) && self.believes(name) {
                self.hear(name, json);
            }
        });
    }

    /// Takes the server's word on when the session ends; `asked` on the page's clock.
    pub fn learn(self, times: &Times, asked: f64) {
        let before = self.deadline.get_untracked();
        if let Some(deadline) = Deadline::read(times, asked, before) {
            self.deadline.set(Some(deadline));
            self.tick();
        }
    }

    /// One event, heard from the server, another tab, or a test.
    pub fn hear(self, name: &str, json: &str) {
        match name {
            "session-extended" => {
                if let Ok(times) = serde_json::from_str(json) {
                    self.extended(&times, browser::now());
                }
            }
            "session-ended" => {
                let reason = serde_json::from_str::<Ended>(json).unwrap_or_default().reason;
                spawn_local(self.lost(reason));
            }
            "session-revoked" => self.revoked.set(serde_json::from_str(json).ok()),
            "user-changed" => spawn_local(self.user_changed()),
            "signed-in" => {
                self.tell(serde_json::from_str(json).ok());
                in_place::refresh(name, None);
            }
            "signed-in-here" => {
                self.store.other_tab(serde_json::from_str(json).ok());
                spawn_local(self.check());
            }
            "news-seen" => self.news.set(None),
            _ => {}
        }
    }

    /// Reads the person anew, and says so if they sign in with another email now.
    async fn user_changed(self) {
        if self.store.refresh().await {
            let email = self.store.state().with_untracked(|s| s.user.as_ref().map(User::shown_email));
            self.new_email.try_set(email);
        }
        let version = self.store.state().with_untracked(|s| s.user.as_ref().map(|user| user.updated_at.clone()));
        in_place::refresh("user-changed", version);
    }

    /// Whether what is heard now is to be believed. A page that stood still asks
    /// the server instead, which knows what has become of it; a sign-in somewhere
    /// stays true.
    fn believes(self, name: &str) -> bool {
        let stays_true = ["signed-in", "news-seen"].contains(&name);
        if stays_true || !self.store.alive() || !pulse::is_late() {
            return true;
        }
        spawn_local(self.catch_up());
        false
    }

    fn tell(self, news: Option<NewSignIn>) {
        let handle = news.as_ref().map(|news| news.handle.clone()).unwrap_or_default();
        let again = self.told.try_update_value(|told| {
            let again = told.contains(&handle);
            told.push(handle);
            again
        });
        if again == Some(false) {
            self.news.set(news);
        }
    }

    fn extended(self, times: &Times, asked: f64) {
        self.throttle.update_value(|throttle| throttle.noted(asked));
        self.learn(times, asked);
    }

    /// Says that somebody is here, and tells the other tabs.
    ///
    /// # Errors
    /// What the server refused; without a session, the page is covered by then.
    pub async fn extend(self) -> Result<(), Failure> {
        let asked = browser::now();
        let answer = client::send(&client::json(auth::Extend::PATH, &())).await;
        match answer.and_then(|answer| client::data::<SessionStatus>(&answer)) {
            Ok(status) => {
                self.extended(&Times::from(&status), asked);
                tabs::say("session-extended", &serde_json::to_string(&status).unwrap_or_default());
                Ok(())
            }
            Err(failure) => {
                if failure.code == Code::Unauthenticated {
                    self.lost(failure.reason).await;
                }
                Err(failure)
            }
        }
    }

    /// Asks the server whether the session still lives, and until when. This
    /// extends nothing.
    pub async fn check(self) {
        if !self.store.alive() || self.asking.get_value() {
            return;
        }
        self.asking.set_value(true);
        let asked = browser::now();
        let answer = client::session().await;
        if self.asking.try_set_value(false).is_some() {
            // The page is gone.
            return;
        }
        match answer {
            Ok(status) if self.store.is(&status.user_id) => self.learn(&Times::from(&status), asked),
            // Somebody else is signed in in this browser by now.
            Ok(_) => self.store.leave(Departure::Reload),
            Err(failure) if failure.code == Code::Unauthenticated => self.lost(failure.reason).await,
            // Without an answer the page ends on its own when it is time.
            Err(_) => {
                if let Some(deadline) = self.deadline.get_untracked().filter(|end| end.left(browser::now()) <= 0.0) {
                    self.store.end(Some(deadline.limit.reason()));
                }
            }
        }
    }

    /// What was missed while nobody listened.
    async fn catch_up(self) {
        if self.asking.get_value() {
            return;
        }
        self.check().await;
        self.store.refresh().await;
    }

    /// Hears that the session is gone, and believes it where it is true of this
    /// browser and not only of an id that another tab has replaced.
    pub async fn lost(self, mut reason: Option<EndReason>) {
        if !self.store.vouches() {
            return;
        }
        if matches!(reason, None | Some(EndReason::Replaced)) {
            match self.ask_once_more(reason).await {
                Ok(()) => return,
                Err(better) => reason = better,
            }
        }
        match reason {
            Some(EndReason::Logout) => self.store.signed_out_elsewhere(),
            _ => self.store.end(reason),
        }
    }

    /// `Err` with the reason if there really is no session.
    async fn ask_once_more(self, reason: Option<EndReason>) -> Result<(), Option<EndReason>> {
        // The answer with the new cookie may still be on its way.
        if reason.is_some() {
            browser::pause(Duration::from_millis(500)).await;
        }
        let asked = browser::now();
        match client::session().await {
            Ok(status) => {
                if self.store.is(&status.user_id) {
                    self.learn(&Times::from(&status), asked);
                } else {
                    self.store.leave(Departure::Reload);
                }
                Ok(())
            }
            Err(failure) if failure.code == Code::Unauthenticated => Err(failure.reason.or(reason)),
            // No word is no "signed out".
            Err(_) => Ok(()),
        }
    }
}

#[cfg(all(test, target_arch = "wasm32"))]
mod tests;

//! How the store keeps in step with its mirror and with other tabs.

use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use web_sys::{PageTransitionEvent, StorageEvent};

use super::AuthStore;
use crate::model::redirect::SafePath;
use crate::model::session::EndReason;
use crate::ui::browser::{Departure, depart};
use crate::ui::storage::{self, Mirror};
use crate::ui::{leaving, pulse, tabs};

/// The key that says for a moment why the session ended.
const ENDED: &str = "session-ended";

/// What tells another mirror where storage is blocked.
const MIRROR: &str = "mirror";

impl AuthStore {
    /// Ties the store to the browser: in effects, which run in
    /// their order. It matters: restored first, mirrored then.
    pub fn attach(self) {
        Effect::new(move |_| self.initialize());
        Effect::new(move |before: Option<Option<Option<Mirror>>>| {
            let image = self.state.with(|s| s.is_initialized.then(|| s.user.as_ref().map(Mirror::of)));
            if before.as_ref() != Some(&image) {
                match &image {
                    Some(Some(mirror)) if !storage::write(mirror) => tell(Some(mirror)),
                    Some(None) if !storage::remove() => tell(None),
                    _ => {}
                }
            }
            image
        });
        Effect::new(move |_| {
            self.follow_storage();
            self.follow_tabs();
            never_revive();
        });
    }

    /// The mirror's own event, which a browser fires in all tabs but the writer's.
    /// Its events come in the order things were written: [`say_ended`] before the
    /// mirror goes, and so it is no sign-out.
    fn follow_storage(self) {
        let listener = window_event_listener(ev::storage, move |event: StorageEvent| {
            let said = event.new_value();
            match event.key().as_deref() {
                Some(ENDED | storage::KEY) | None if self.asks_instead() => {}
                Some(ENDED) => {
                    if let Some(reason) = said {
                        self.end(EndReason::from_name(&reason));
                    }
                }
                // Without a key, the whole storage was cleared.
                Some(storage::KEY) | None => self.other_mirror(said.and_then(|json| Mirror::parse(&json))),
                Some(_) => {}
            }
        });
        on_cleanup(move || listener.remove());
    }

    fn follow_tabs(self) {
        tabs::listen(move |name, json| {
            if name == MIRROR && !self.asks_instead() {
                self.other_mirror(Mirror::parse(json));
            }
        });
    }

    /// A page that stood still hears late what was written meanwhile, and would undo
    /// what has become of it since: it asks the server.
    fn asks_instead(self) -> bool {
        let late = pulse::is_late() && self.alive();
        if late {
            spawn_local(self.ask_again());
        }
        late
    }

    /// Settles who is there: where the server had no word, the mirror shows a
    /// name. After a sign-out that the server has not heard of, nobody is.
    pub fn initialize(self) {
        if leaving::pending() {
            return self.leave_first();
        }
        if !self.state.with_untracked(|s| s.is_initialized) {
            let restored = storage::read().map(Mirror::into_user);
            self.state.update(|s| (s.user, s.is_initialized) = (restored, true));
        }
    }

    /// Follows what another tab has mirrored: the same person as they are now,
    /// or somebody else.
    pub fn other_mirror(self, theirs: Option<Mirror>) {
        let mine = self.state.with_untracked(|s| s.user.as_ref().map(Mirror::of));
        match theirs {
            Some(theirs) if mine.as_ref().is_some_and(|mine| mine.user_id == theirs.user_id) => {
                // Only what differs is news: the tabs would talk for ever otherwise.
                if mine.as_ref() != Some(&theirs) {
                    self.state.update(|s| {
                        if let Some(user) = &mut s.user {
                            theirs.show_in(user);
                        }
                    });
                }
            }
            theirs => self.other_tab(theirs.map(|theirs| theirs.user_id)),
        }
    }

    /// Follows another tab, where now this user is signed in, or nobody.
    ///
    /// With somebody else there, nothing is emptied first: that would remove
    /// the mirror the other tab has just written.
    /// A covered page goes on when its own user is back.
    pub fn other_tab(self, theirs: Option<String>) {
        if let Some(ended) = self.ended.get_untracked() {
            return match theirs {
                Some(id) if id == ended.user_id => spawn_local(self.resume()),
                Some(_) => self.leave(Departure::To(SafePath::home())),
                None => {}
            };
        }
        let mine = self.state.with_untracked(|s| s.user.as_ref().map(|u| u.id.clone()));
        match theirs {
            same if same == mine => {}
            Some(_) => self.leave(Departure::Reload),
            // The browser has a page for that, and it is not the login page.
            None if leaving::pending() || leaving::offline() => self.sign_out_untold(),
            None => {
                self.forget();
                self.leave(Departure::Login);
            }
        }
    }
}

/// Tells the other tabs who is signed in, where storage is blocked and so cannot
/// tell them.
pub(super) fn tell(mirror: Option<&Mirror>) {
    tabs::say(MIRROR, &mirror.map_or_else(|| "null".to_owned(), Mirror::to_json));
}

/// Tells the other tabs that the session ended, before the mirror is removed: by
/// that alone they would take it for a sign-out. Nothing stays behind.
pub(super) fn say_ended(reason: Option<EndReason>) {
    let name = reason.map_or("", EndReason::name);
    if !storage::signal(ENDED, name) {
        let reason = if name.is_empty() { "null".to_owned() } else { format!("\"{name}\"") };
        tabs::say(ENDED, &format!("{{\"reason\":{reason}}}"));
    }
}

/// A page that "back" brings out of the browser's memory knows nothing of a
/// sign-out since: it asks the server again.
fn never_revive() {
    let listener = window_event_listener_untyped("pageshow", |event| {
        if event.dyn_ref::<PageTransitionEvent>().is_some_and(PageTransitionEvent::persisted) {
            depart(Departure::Reload);
        }
    });
    on_cleanup(move || listener.remove());
}

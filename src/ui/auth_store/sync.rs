//! Synchronises the store with its mirror and with other tabs.

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

/// The key that briefly holds the reason for the session's end.
const ENDED: &str = "session-ended";

/// The message that replaces the mirror where storage is blocked.
const MIRROR: &str = "mirror";

impl AuthStore {
    /// Connects the store to the browser in effects, which run in order: the mirror is restored
    /// before it is written.
    pub fn attach(self) {
        Effect::new(move |_| self.initialize());
        Effect::new(move |before: Option<Option<Option<Mirror>>>| {
            let image = self.state.with(|s| s.is_initialized.then(|| s.user.as_ref().map(Mirror::of)));
            if before.as_ref() != Some(&image) {
                match &image {
                    Some(Some(mirror)) if !storage::write(mirror) => send_mirror(Some(mirror)),
                    Some(None) if !storage::remove() => send_mirror(None),
                    _ => {}
                }
            }
            image
        });
        Effect::new(move |_| {
            self.follow_storage();
            self.follow_tabs();
            check_restored_page();
        });
    }

    /// Follows the `storage` event, which fires in all tabs except the writer's. Events arrive in
    /// the order of the writes: [`announce_end`] precedes the removal of the mirror, which would
    /// otherwise look like a sign-out.
    fn follow_storage(self) {
        let listener = window_event_listener(ev::storage, move |event: StorageEvent| {
            let value = event.new_value();
            match event.key().as_deref() {
                Some(ENDED | storage::KEY) | None if self.asks_server_if_late() => {}
                Some(ENDED) => {
                    if let Some(reason) = value {
                        self.end(EndReason::from_name(&reason));
                    }
                }
                // The key is `null` when the whole storage was cleared.
                Some(storage::KEY) | None => self.follow_mirror(value.and_then(|json| Mirror::parse(&json))),
                Some(_) => {}
            }
        });
        on_cleanup(move || listener.remove());
    }

    fn follow_tabs(self) {
        tabs::listen(move |name, json| {
            if name == MIRROR && !self.asks_server_if_late() {
                self.follow_mirror(Mirror::parse(json));
            }
        });
    }

    /// Asks the server instead of trusting a message that may be outdated, after this page stood
    /// still. Returns whether it did.
    fn asks_server_if_late(self) -> bool {
        let late = pulse::is_late() && self.alive();
        if late {
            spawn_local(self.ask_again());
        }
        late
    }

    /// Completes the start: without the server's data, the user's name comes from the mirror. While
    /// a sign-out is pending, no user is shown.
    pub fn initialize(self) {
        if leaving::pending() {
            return self.handle_pending_sign_out();
        }
        if !self.state.with_untracked(|s| s.is_initialized) {
            let restored = storage::read().map(Mirror::into_user);
            self.state.update(|s| (s.user, s.is_initialized) = (restored, true));
        }
    }

    /// Follows a mirror that another tab wrote: for the same user, or for another one.
    pub fn follow_mirror(self, theirs: Option<Mirror>) {
        let mine = self.state.with_untracked(|s| s.user.as_ref().map(Mirror::of));
        match theirs {
            Some(theirs) if mine.as_ref().is_some_and(|mine| mine.user_id == theirs.user_id) => {
                // Writes only differences; otherwise the tabs would answer each other for ever.
                if mine.as_ref() != Some(&theirs) {
                    self.state.update(|s| {
                        if let Some(user) = &mut s.user {
                            theirs.show_in(user);
                        }
                    });
                }
            }
            theirs => self.follow_user(theirs.map(|theirs| theirs.user_id)),
        }
    }

    /// Follows another tab in which this user is signed in now, or no user.
    ///
    /// A page for another user does not remove the mirror, because the other tab has just written
    /// it. A covered page continues when its own user is back.
    pub fn follow_user(self, theirs: Option<String>) {
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
            // The login page can't be loaded offline, and the sign-out is still pending.
            None if leaving::pending() || leaving::offline() => self.cover_pending_sign_out(),
            None => {
                self.forget();
                self.leave(Departure::Login);
            }
        }
    }
}

/// Sends the mirror to the other tabs where storage is blocked.
pub(super) fn send_mirror(mirror: Option<&Mirror>) {
    tabs::send(MIRROR, &mirror.map_or_else(|| "null".to_owned(), Mirror::to_json));
}

/// Tells the other tabs that the session ended, before the mirror is removed: otherwise they would
/// take the removal for a sign-out. The item is removed at once.
pub(super) fn announce_end(reason: Option<EndReason>) {
    let name = reason.map_or("", EndReason::name);
    if !storage::signal(ENDED, name) {
        let reason = if name.is_empty() { "null".to_owned() } else { format!("\"{name}\"") };
        tabs::send(ENDED, &format!("{{\"reason\":{reason}}}"));
    }
}

/// Checks the session when "back" restores this page from the back/forward cache, because the user
/// may have signed out since.
fn check_restored_page() {
    let listener = window_event_listener_untyped("pageshow", |event| {
        if event.dyn_ref::<PageTransitionEvent>().is_some_and(PageTransitionEvent::persisted) {
            depart(Departure::Reload);
        }
    });
    on_cleanup(move || listener.remove());
}

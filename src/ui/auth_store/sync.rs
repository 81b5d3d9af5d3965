//! How the store keeps in step with its mirror and with other tabs.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::AuthStore;
use crate::model::redirect::SafePath;
use crate::ui::browser::Departure;
use crate::ui::storage::{self, Mirror};
use crate::ui::{leaving, other_tabs};

impl AuthStore {
    /// Ties the store to the browser: in effects, so after hydration and never
    /// on the server. The order matters: restored first, mirrored then.
    pub fn attach(self) {
        Effect::new(move |_| self.initialize());
        Effect::new(move |before: Option<Option<Option<Mirror>>>| {
            let image = self.state.with(|s| s.is_initialized.then(|| s.user.as_ref().map(Mirror::of)));
            if before.as_ref() != Some(&image) {
                match &image {
                    Some(Some(mirror)) if !storage::write(mirror) => other_tabs::tell(Some(mirror)),
                    Some(None) if !storage::remove() => other_tabs::tell(None),
                    _ => {}
                }
            }
            image
        });
        other_tabs::follow(self);
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
                self.empty();
                self.leave(Departure::Login);
            }
        }
    }
}

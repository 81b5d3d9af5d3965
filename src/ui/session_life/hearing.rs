//! Handles the server's events and the messages of other tabs.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::SessionLife;
use crate::model::live::{LiveEvent, NewSignIn};
use crate::model::user::User;
use crate::ui::{browser, in_place, pulse, tabs};

impl SessionLife {
    /// Listens to other tabs as long as the current owner lives.
    pub(super) fn hear_tabs(self) {
        tabs::listen(move |name, json| {
            if !self.election.hear(name, self.store.alive()) && self.trusts(name) {
                self.hear(name, json);
            }
        });
    }

    /// Handles an event from the server, another tab or a test.
    pub fn hear(self, name: &str, json: &str) {
        match LiveEvent::read(name, json) {
            Some(LiveEvent::SessionExtended(times)) => self.extended(&times.into(), browser::now()),
            Some(LiveEvent::SessionEnded(ended)) => spawn_local(self.lost(Some(ended.reason))),
            Some(LiveEvent::SessionRevoked(by)) => self.revoked.set(Some(by)),
            Some(LiveEvent::UserChanged(_)) => spawn_local(self.user_changed()),
            Some(LiveEvent::SignedIn(news)) => {
                self.show_sign_in(news);
                in_place::refresh(name, None);
            }
            Some(LiveEvent::AdministratorChanged(change)) => self.administrators.set(Some(change)),
            Some(LiveEvent::DeskChanged(change)) => in_place::refresh(change.what.name(), None),
            None => self.hear_tab(name, json),
        }
    }

    /// Handles messages that only tabs send.
    fn hear_tab(self, name: &str, json: &str) {
        match name {
            // The other tab may not know the reason.
            "session-ended" => spawn_local(self.lost(None)),
            "signed-in-here" => {
                self.store.follow_user(serde_json::from_str(json).ok());
                spawn_local(self.check());
            }
            "news-seen" => self.news.set(None),
            _ => {}
        }
    }

    /// Reloads the user, and shows a notice if their email has changed.
    async fn user_changed(self) {
        if self.store.refresh().await {
            let email = self.store.state().with_untracked(|s| s.user.as_ref().map(User::shown_email));
            self.new_email.try_set(email);
        }
        let version = self.store.state().with_untracked(|s| s.user.as_ref().map(|user| user.updated_at.clone()));
        in_place::refresh("user-changed", version);
    }

    /// Whether a message is trusted. After a standstill the page asks the server instead, because
    /// messages may be outdated. A sign-in somewhere else stays true.
    pub(super) fn trusts(self, name: &str) -> bool {
        let stays_true = ["signed-in", "news-seen"].contains(&name);
        if stays_true || !self.store.alive() || !pulse::is_late() {
            return true;
        }
        spawn_local(self.catch_up());
        false
    }

    fn show_sign_in(self, news: NewSignIn) {
        let repeated = self.told.try_update_value(|told| {
            let repeated = told.contains(&news.handle);
            told.push(news.handle.clone());
            repeated
        });
        if repeated == Some(false) {
            self.news.set(Some(news));
        }
    }
}

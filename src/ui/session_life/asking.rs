//! Requests about the session: check it and extend it.

use std::time::Duration;

use leptos::prelude::*;

use super::SessionLife;
use super::clock::Times;
use crate::api::client;
use crate::model::code::Code;
use crate::model::failure::Failure;
use crate::model::forms;
use crate::model::session::{EndReason, SessionStatus};
use crate::ui::browser::{self, Departure};
use crate::ui::tabs;

impl SessionLife {
    /// Reports activity and tells the other tabs the new expiry.
    ///
    /// # Errors
    /// The server's refusal. Without a session, the page is covered by then.
    pub async fn extend(self) -> Result<(), Failure> {
        let asked = browser::now();
        let answer = client::send(&client::json(forms::EXTEND.action, &())).await;
        match answer.and_then(|answer| client::data::<SessionStatus>(&answer)) {
            Ok(status) => {
                self.extended(&Times::from(&status), asked);
                tabs::send("session-extended", &serde_json::to_string(&status).unwrap_or_default());
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

    /// Asks the server whether the session is alive, and for its expiry. Does not extend the
    /// session.
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
            // Another user has signed in in this browser.
            Ok(_) => self.store.leave(Departure::Reload),
            Err(failure) if failure.code == Code::Unauthenticated => self.lost(failure.reason).await,
            // Without an answer, the page ends the session at its known expiry.
            Err(_) => {
                if let Some(deadline) = self.deadline.get_untracked().filter(|end| end.left(browser::now()) <= 0.0) {
                    self.store.end(Some(deadline.limit.reason()));
                }
            }
        }
    }

    /// Catches up on events that this tab missed.
    pub(super) async fn catch_up(self) {
        if self.asking.get_value() {
            return;
        }
        self.check().await;
        self.store.refresh().await;
    }

    /// Handles a report that the session is gone. Ends it only if the server confirms that, because
    /// the report may concern a session id that another tab has replaced.
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

    /// Fails with the reason if the server confirms that there is no session.
    async fn ask_once_more(self, reason: Option<EndReason>) -> Result<(), Option<EndReason>> {
        // The response with the new cookie may not have arrived yet.
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
            // A failed request does not mean "signed out".
            Err(_) => Ok(()),
        }
    }
}

//! Watches the session: each second, when the tab becomes visible, and after a new sign-in.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::SessionLife;
use crate::ui::auth_store::CoverReason;
use crate::ui::{browser, pulse};

impl SessionLife {
    /// Checks the clock each second. If the system clock and the page's clock have drifted apart,
    /// the computer slept, so the server is asked.
    pub(super) fn check_each_second(self) {
        let drift = || js_sys::Date::now() - browser::now();
        let before = StoredValue::new(drift());
        let second = move || {
            pulse::beat();
            let drift = drift();
            if (drift - before.get_value()).abs() > 5_000.0 {
                before.set_value(drift);
                spawn_local(self.check());
            }
            self.tick();
        };
        if let Ok(timer) = set_interval_with_handle(second, Duration::from_secs(1)) {
            on_cleanup(move || timer.clear());
        }
    }

    pub(super) fn tick(self) {
        let now = browser::now();
        let deadline = self.deadline.get_untracked().filter(|_| self.store.alive());
        let warning = deadline.and_then(|deadline| deadline.warning(now));
        if self.warning.get_untracked() != warning {
            self.warning.set(warning);
        }
        if deadline.is_some_and(|deadline| deadline.left(now) <= 0.0) {
            spawn_local(self.check());
        }
    }

    /// Checks the session when the tab becomes visible, because it may have missed the end.
    pub(super) fn check_when_visible(self) {
        let listener = window_event_listener_untyped("visibilitychange", move |_| {
            if !document().hidden() {
                spawn_local(self.check());
            }
        });
        on_cleanup(move || listener.remove());
    }

    /// Retries a pending sign-out: every 15 seconds, and when the browser is online again.
    pub(super) fn retry_sign_out(self) {
        let pending = Memo::new(move |_| {
            self.store.ended().with(|e| e.as_ref().is_some_and(|e| e.why == CoverReason::SignedOut))
        });
        let retry = move || spawn_local(self.store.finish_sign_out());
        Effect::new(move |_| {
            if pending.get() {
                let online = window_event_listener_untyped("online", move |_| retry());
                let timer = set_interval_with_handle(retry, Duration::from_secs(15));
                on_cleanup(move || {
                    online.remove();
                    timer.iter().for_each(|timer| timer.clear());
                });
            }
        });
    }

    /// Resumes the page after the user signed in on the cover.
    pub(super) fn resume_after_sign_in(self) {
        Effect::new(move |covered: Option<bool>| {
            let now = self.store.ended().with(Option::is_some);
            self.tick();
            if covered == Some(true) && !now {
                self.resume_calls(true);
                self.revoked.set(None);
                spawn_local(self.check());
            }
            now
        });
    }
}

//! User activity extends the session: input events send at most one heartbeat a minute. The page's
//! own actions are not activity.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::SessionLife;
use crate::ui::browser;

/// The minimum between heartbeats, in milliseconds. The server records activity at most once a
/// minute and adds that minute to the idle limit, so more heartbeats have no effect.
const HEARTBEAT_INTERVAL: f64 = 60_000.0;

/// The events that count as activity. Mouse movement does not, because it can be accidental.
const ACTIVITY_EVENTS: [&str; 5] = ["pointerdown", "keydown", "touchstart", "scroll", "wheel"];

/// Limits heartbeats to one a minute. Times are on the page's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct Throttle {
    last: f64,
}

impl Throttle {
    /// Records that the server has noted activity at this time, from any tab.
    pub fn record(&mut self, now: f64) {
        self.last = self.last.max(now);
    }

    /// Whether activity at this time should send a heartbeat; if so, records it.
    pub fn beats(&mut self, now: f64) -> bool {
        let due = now - self.last >= HEARTBEAT_INTERVAL;
        if due {
            self.last = now;
        }
        due
    }
}

/// Listens as long as the current owner lives.
pub fn listen(life: SessionLife) {
    for name in ACTIVITY_EVENTS {
        let listener = window_event_listener_untyped(name, move |event| {
            if event.is_trusted() {
                on_activity(life);
            }
        });
        on_cleanup(move || listener.remove());
    }
}

/// Handles activity. During the expiry warning, only its button extends the session.
fn on_activity(life: SessionLife) {
    let now = browser::now();
    let counts =
        life.store.alive() && life.deadline.get_untracked().is_some_and(|end| end.idles && end.warning(now).is_none());
    if counts && life.throttle.try_update_value(|throttle| throttle.beats(now)) == Some(true) {
        spawn_local(async move {
            // Without a session, the page is covered by now. Offline, the next activity retries.
            life.extend().await.ok();
        });
    }
}

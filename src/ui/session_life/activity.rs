//! Only people keep a session alive: a heartbeat at most once a minute, raised
//! by hands. Whatever a page does by itself is no activity.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::SessionLife;
use crate::ui::browser;

/// The server notes activity at most once a minute, and adds that minute to the
/// idle limit; so more often would change nothing.
const PAUSE: f64 = 60_000.0;

/// What people do. A mouse that only moves may have been pushed by a cat.
const DEEDS: [&str; 5] = ["pointerdown", "keydown", "touchstart", "scroll", "wheel"];

/// At most one heartbeat a minute. Times are on the page's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct Throttle {
    last: f64,
}

impl Throttle {
    /// The server has noted activity at this time, from whichever tab.
    pub fn noted(&mut self, now: f64) {
        self.last = self.last.max(now);
    }

    /// Whether a deed at this time is worth a heartbeat; if so, it is the last one.
    pub fn beats(&mut self, now: f64) -> bool {
        let due = now - self.last >= PAUSE;
        if due {
            self.last = now;
        }
        due
    }
}

/// Listens as long as the current owner lives.
pub fn listen(life: SessionLife) {
    for deed in DEEDS {
        let listener = window_event_listener_untyped(deed, move |event| {
            if event.is_trusted() {
                deed_done(life);
            }
        });
        on_cleanup(move || listener.remove());
    }
}

/// Somebody did something. Once the warning is up, only its button counts.
fn deed_done(life: SessionLife) {
    let now = browser::now();
    let counts =
        life.store.alive() && life.deadline.get_untracked().is_some_and(|end| end.idles && end.warning(now).is_none());
    if counts && life.throttle.try_update_value(|throttle| throttle.beats(now)) == Some(true) {
        spawn_local(async move {
            // Refused for want of a session, the page is covered by now; offline,
            // the next deed tries again.
            life.extend().await.ok();
        });
    }
}

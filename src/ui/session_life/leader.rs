//! Elects the tab that opens the event stream: one per browser, because over HTTP/1.1 six streams
//! would use up all connections.
//!
//! A visible tab also checks that the leader works. If no tab answers its question for some time,
//! it opens a stream itself until one does. A hidden tab asks the server when it becomes visible.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};

use super::SessionLife;
use crate::ui::{browser, pulse, tabs};

/// The Web Lock that the leader holds until it is closed. The browser then grants it to the next
/// tab.
const LOCK: &str = "session-events";

/// The question of a tab, and the leader's answer. The leader reacts to messages and needs no
/// timer, because browsers throttle timers of hidden tabs.
const ASK: &str = "who-listens";
const ANSWER: &str = "listening";

/// How often a tab asks.
const ASK_EVERY: Duration = Duration::from_secs(2);

/// An answer younger than this, in milliseconds, is fresh: another tab has just asked.
const FRESH: f64 = 1_500.0;

/// Without an answer for this time, in milliseconds, no leader works.
const SILENCE: f64 = 4_000.0;

/// A tab's role in the election.
#[derive(Clone, Copy)]
pub struct Election {
    /// Whether this tab is the leader: it holds the lock.
    pub leads: RwSignal<bool>,
    /// Whether this tab replaces a leader that does not answer.
    pub replaces_leader: RwSignal<bool>,
    /// When a leader last answered, on the page's clock.
    heard: StoredValue<f64>,
}

impl Election {
    pub(super) fn new() -> Election {
        Election { leads: RwSignal::new(false), replaces_leader: RwSignal::new(false), heard: StoredValue::new(0.0) }
    }

    /// Whether this tab opens the stream.
    pub fn listens(self) -> bool {
        self.leads.get() || self.replaces_leader.get()
    }

    /// Handles the election's messages; `false` for others.
    pub fn hear(self, message: &str, alive: bool) -> bool {
        match message {
            ASK => {
                pulse::beat();
                if alive && self.leads.get_untracked() {
                    tabs::send(ANSWER, "");
                }
            }
            ANSWER => self.answered(),
            _ => return false,
        }
        true
    }

    fn answered(self) {
        self.heard.set_value(browser::now());
        if self.replaces_leader.get_untracked() {
            self.replaces_leader.set(false);
        }
    }

    /// Whether the leader has been silent for too long. A tab that stood still has not read the
    /// answers yet, so its wait starts again.
    pub fn is_silent(self, now: f64, late: bool) -> bool {
        if late {
            self.heard.set_value(now);
        }
        now - self.heard.get_value() > SILENCE
    }
}

/// Takes part in the election. Without Web Locks (no secure context, an old browser), each visible
/// tab is a leader.
pub fn join_election(life: SessionLife) {
    match ask_for_lock(life.election.leads) {
        true => watch_leader(life),
        false => lead_while_visible(life.election.leads),
    }
}

/// Requests the lock; `false` if the browser has no Web Locks.
///
/// Uses reflection, because `web-sys` marks its Web Locks bindings as unstable and requires a
/// compiler flag for them.
fn ask_for_lock(leads: RwSignal<bool>) -> bool {
    let get = |from: &JsValue, name: &str| js_sys::Reflect::get(from, &name.into()).ok();
    let Some(locks) = get(&window().navigator(), "locks").filter(JsValue::is_object) else { return false };
    let Some(request) = get(&locks, "request").and_then(|f| f.dyn_into::<js_sys::Function>().ok()) else {
        return false;
    };
    // The lock is held while this promise is pending: until the tab is closed.
    let granted = Closure::once_into_js(move |_: JsValue| {
        leads.try_set(true);
        js_sys::Promise::new(&mut |_, _| {})
    });
    request.call2(&locks, &LOCK.into(), &granted).is_ok()
}

fn lead_while_visible(leads: RwSignal<bool>) {
    leads.set(!document().hidden());
    let listener = window_event_listener_untyped("visibilitychange", move |_| {
        leads.try_set(!document().hidden());
    });
    on_cleanup(move || listener.remove());
}

/// Asks for the leader while this tab is visible and not the leader.
fn watch_leader(life: SessionLife) {
    life.election.answered();
    let timer = set_interval_with_handle(move || ask(life), ASK_EVERY);
    let seen = window_event_listener_untyped("visibilitychange", move |_| {
        // The hidden tab did not ask, so the wait starts again.
        life.election.answered();
        ask(life);
    });
    on_cleanup(move || {
        timer.iter().for_each(|timer| timer.clear());
        seen.remove();
    });
}

fn ask(life: SessionLife) {
    let (election, now) = (life.election, browser::now());
    if election.leads.get_untracked() || document().hidden() || !life.store.alive() {
        return election.answered();
    }
    if election.is_silent(now, pulse::is_late()) && !election.replaces_leader.get_untracked() {
        election.replaces_leader.set(true);
        // No tab read the events meanwhile.
        spawn_local(life.catch_up());
    }
    if now - election.heard.get_value() > FRESH {
        tabs::send(ASK, "");
    }
}

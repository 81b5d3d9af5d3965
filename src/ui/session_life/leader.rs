//! Which tab listens to the server: one a browser. Over HTTP/1.1 six streams
//! would leave the seventh tab without a connection.
//!
//! A tab that can be seen does not rely on it, though: it asks who listens, and
//! where nobody answers for a while, it listens for itself until somebody does.
//! A tab that is hidden asks the server when it is looked at again.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};

use super::SessionLife;
use crate::ui::{browser, pulse, tabs};

/// The lock that the listening tab holds until it is gone; the browser then
/// gives it to the next one.
const LOCK: &str = "session-events";

/// What a tab asks the others, and what the one that listens says to that. Both
/// are messages, and no timers: browsers slow a hidden tab's timers down.
const ASK: &str = "who-listens";
const ANSWER: &str = "listening";

/// How often a tab asks.
const ASK_EVERY: Duration = Duration::from_secs(2);

/// An answer that is so young, in milliseconds, need not be asked for again:
/// another tab has.
const FRESH: f64 = 1_500.0;

/// Nobody listens who has not said so for so long, in milliseconds.
const SILENCE: f64 = 4_000.0;

/// A tab's part in listening.
#[derive(Clone, Copy)]
pub struct Part {
    /// It holds the lock.
    pub leads: RwSignal<bool>,
    /// It listens for one that does not answer.
    pub stands_in: RwSignal<bool>,
    /// When one that listens was last heard, on the page's clock.
    heard: StoredValue<f64>,
}

impl Part {
    pub(super) fn new() -> Part {
        Part { leads: RwSignal::new(false), stands_in: RwSignal::new(false), heard: StoredValue::new(0.0) }
    }

    /// Whether this tab listens.
    pub fn listens(self) -> bool {
        self.leads.get() || self.stands_in.get()
    }

    /// What other tabs say of listening; `false` for everything else.
    pub fn hear(self, said: &str, alive: bool) -> bool {
        match said {
            ASK => {
                pulse::beat();
                if alive && self.leads.get_untracked() {
                    tabs::say(ANSWER, "");
                }
            }
            ANSWER => self.answered(),
            _ => return false,
        }
        true
    }

    fn answered(self) {
        self.heard.set_value(browser::now());
        if self.stands_in.get_untracked() {
            self.stands_in.set(false);
        }
    }

    /// Whether nobody has said for too long that they listen. A tab that stood
    /// still itself has not read the answers yet.
    pub fn is_silent(self, now: f64, late: bool) -> bool {
        if late {
            self.heard.set_value(now);
        }
        now - self.heard.get_value() > SILENCE
    }
}

/// Stands for the part. Without Web Locks (no secure context, an old browser) it
/// falls to whichever tab can be seen.
pub fn stand(life: SessionLife) {
    match ask_for_lock(life.part.leads) {
        true => look_after(life),
        false => while_visible(life.part.leads),
    }
}

/// Asks for the lock; `false` where there are none.
///
/// By reflection: the bindings for Web Locks are still called unstable, and
/// would need a compiler flag.
fn ask_for_lock(leads: RwSignal<bool>) -> bool {
    let get = |from: &JsValue, name: &str| js_sys::Reflect::get(from, &name.into()).ok();
    let Some(locks) = get(&window().navigator(), "locks").filter(JsValue::is_object) else { return false };
    let Some(request) = get(&locks, "request").and_then(|f| f.dyn_into::<js_sys::Function>().ok()) else {
        return false;
    };
    // The lock is held for as long as this promise is open: for ever.
    let granted = Closure::once_into_js(move |_: JsValue| {
        leads.try_set(true);
        js_sys::Promise::new(&mut |_, _| {})
    });
    request.call2(&locks, &LOCK.into(), &granted).is_ok()
}

fn while_visible(leads: RwSignal<bool>) {
    leads.set(!document().hidden());
    let listener = window_event_listener_untyped("visibilitychange", move |_| {
        leads.try_set(!document().hidden());
    });
    on_cleanup(move || listener.remove());
}

/// Asks who listens, for as long as this tab can be seen and does not lead.
fn look_after(life: SessionLife) {
    life.part.answered();
    let timer = set_interval_with_handle(move || ask(life), ASK_EVERY);
    let seen = window_event_listener_untyped("visibilitychange", move |_| {
        // Nobody was asked while this tab was hidden.
        life.part.answered();
        ask(life);
    });
    on_cleanup(move || {
        timer.iter().for_each(|timer| timer.clear());
        seen.remove();
    });
}

fn ask(life: SessionLife) {
    let (part, now) = (life.part, browser::now());
    if part.leads.get_untracked() || document().hidden() || !life.store.alive() {
        return part.answered();
    }
    if part.is_silent(now, pulse::is_late()) && !part.stands_in.get_untracked() {
        part.stands_in.set(true);
        // What was said while nobody listened.
        spawn_local(life.catch_up());
    }
    if now - part.heard.get_value() > FRESH {
        tabs::say(ASK, "");
    }
}

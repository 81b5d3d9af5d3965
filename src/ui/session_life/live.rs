//! The server's event stream: `GET /api/auth/events`, opened by one tab for all.
//!
//! The stream is not activity, and the page works without it: it learns the same at its next
//! request.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{EventSource, MessageEvent};

use super::{SessionLife, leader};
use crate::model::live::LiveEvent;
use crate::ui::tabs;

/// Requests `session-revoked`, which is opt-in.
const PATH: &str = "/api/auth/events?revocation=true";

/// The longest wait between two attempts, in milliseconds.
const MAX_WAIT: f64 = 30_000.0;

/// Keeps a stream open while this tab is the leader and the user is signed in, as long as the
/// current owner lives.
pub fn listen(life: SessionLife) {
    let listens = Memo::new(move |_| life.election.listens());
    // No stream while the login page navigates: it has no expiry yet, and the next page opens its
    // own. A sign-out closes the stream first: a new one would be refused.
    let alive =
        Memo::new(move |_| life.store.is_alive() && !life.store.is_busy() && life.deadline.with(Option::is_some));
    // The number of attempts since the stream was last open.
    let tries = RwSignal::new(0_u32);
    // The election outlives each run of the effect.
    let owner = Owner::current().unwrap_or_default();
    Effect::new(move |candidate: Option<bool>| {
        let mut candidate = candidate.unwrap_or_default();
        if alive.get() {
            // Joins the election once, and only with a session.
            if !candidate {
                owner.with(|| leader::join_election(life));
                candidate = true;
            }
            if listens.get() {
                stream(life, tries, tries.get());
            }
        }
        candidate
    });
}

/// Opens one stream, until the effect around it runs again.
fn stream(life: SessionLife, tries: RwSignal<u32>, tried: u32) {
    let Ok(source) = EventSource::new(PATH) else { return };
    let heard = LiveEvent::NAMES.map(|name| {
        let heard = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            let json = event.data().as_string().unwrap_or_default();
            if life.trusts(name) {
                tabs::send(name, &json);
                life.hear(name, &json);
            }
        });
        source.add_event_listener_with_callback(name, heard.as_ref().unchecked_ref()).ok();
        heard
    });
    let stands = StoredValue::new(tried == 0);
    let opened = Closure::<dyn Fn()>::new(move || {
        // Catches up on events missed while the stream was closed.
        if stands.try_get_value() == Some(false) {
            spawn_local(life.catch_up());
        }
        stands.try_set_value(true);
    });
    source.set_onopen(Some(opened.as_ref().unchecked_ref()));
    let broken = {
        let source = source.clone();
        // Reconnects here, because `EventSource` gives up after the first HTTP error.
        Closure::<dyn Fn()>::new(move || {
            source.close();
            let tried = if stands.try_get_value() == Some(true) { 0 } else { tried };
            try_again(life, tries, tried + 1);
        })
    };
    source.set_onerror(Some(broken.as_ref().unchecked_ref()));
    let kept = StoredValue::new_local((source, opened, broken, heard));
    on_cleanup(move || {
        kept.try_with_value(|(source, ..)| source.close());
    });
}

/// Checks the session before a new attempt: a refused stream would give no reason, and its response
/// would delete the cookie that is needed to ask.
fn try_again(life: SessionLife, tries: RwSignal<u32>, next: u32) {
    let again = move || {
        spawn_local(async move {
            life.check().await;
            // Setting the signal runs the effect again, even with the same number.
            tries.try_set(next);
        });
    };
    set_timeout(again, Duration::from_millis(pause(next, js_sys::Math::random()) as u64));
}

/// Returns the wait before an attempt in milliseconds: exponential backoff with jitter, because all
/// browsers lose a server at the same moment.
pub fn pause(tried: u32, random: f64) -> f64 {
    let doubled = 500.0 * f64::from(2_u32.saturating_pow(tried.min(10)));
    doubled.min(MAX_WAIT) * (0.5 + random)
}

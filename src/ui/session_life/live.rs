//! The server's events: `GET /api/auth/events`, heard by one tab for all.
//!
//! The stream itself is no activity, and nothing depends on it: without it the
//! page learns the same at its next request.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{EventSource, MessageEvent};

use super::{SessionLife, leader};
use crate::model::live::LiveEvent;
use crate::ui::tabs;

/// With the one event that the page has to ask for.
const PATH: &str = "/api/auth/events?revocation=true";

/// The longest wait between two tries, in milliseconds.
const PATIENCE: f64 = 30_000.0;

/// Listens while that is this tab's part and somebody is signed in, as long as
/// the current owner lives.
pub fn listen(life: SessionLife) {
    let listens = Memo::new(move |_| life.part.listens());
    // A page on its way from the login form to the one asked for knows of no end
    // yet: the stream is for the page that comes.
    // A sign-out closes it first: opened meanwhile, it would be refused.
    let alive =
        Memo::new(move |_| life.store.is_alive() && !life.store.is_busy() && life.deadline.with(Option::is_some));
    // How often it was tried since the stream last stood.
    let tries = RwSignal::new(0_u32);
    // The candidacy outlives each run of the effect.
    let owner = Owner::current().unwrap_or_default();
    Effect::new(move |candidate: Option<bool>| {
        let mut candidate = candidate.unwrap_or_default();
        if alive.get() {
            // Once, and only where there is something to listen to.
            if !candidate {
                owner.with(|| leader::stand(life));
                candidate = true;
            }
            if listens.get() {
                stream(life, tries, tries.get());
            }
        }
        candidate
    });
}

/// One stream, until the effect around it runs again.
fn stream(life: SessionLife, tries: RwSignal<u32>, tried: u32) {
    let Ok(source) = EventSource::new(PATH) else { return };
    let heard = LiveEvent::NAMES.map(|name| {
        let heard = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            let json = event.data().as_string().unwrap_or_default();
            if life.believes(name) {
                tabs::say(name, &json);
                life.hear(name, &json);
            }
        });
        source.add_event_listener_with_callback(name, heard.as_ref().unchecked_ref()).ok();
        heard
    });
    let stands = StoredValue::new(tried == 0);
    let opened = Closure::<dyn Fn()>::new(move || {
        // What was said while nobody listened is asked for.
        if stands.try_get_value() == Some(false) {
            spawn_local(life.catch_up());
        }
        stands.try_set_value(true);
    });
    source.set_onopen(Some(opened.as_ref().unchecked_ref()));
    let broken = {
        let source = source.clone();
        // Not left to the browser, which gives up at the first answer that is an error.
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

/// Asks first whether there is still a session to listen for: a refused stream
/// would not say why, and would take the cookie that could be asked about along.
fn try_again(life: SessionLife, tries: RwSignal<u32>, next: u32) {
    let again = move || {
        spawn_local(async move {
            life.check().await;
            // Writing it runs the effect again, also with the same number.
            tries.try_set(next);
        });
    };
    set_timeout(again, Duration::from_millis(pause(next, js_sys::Math::random()) as u64));
}

/// Milliseconds before a try: twice as long each time, and never all browsers
/// at once, since all lost the same server at the same moment.
pub fn pause(tried: u32, random: f64) -> f64 {
    let doubled = 500.0 * f64::from(2_u32.saturating_pow(tried.min(10)));
    doubled.min(PATIENCE) * (0.5 + random)
}

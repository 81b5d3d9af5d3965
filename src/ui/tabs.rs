//! The one channel between tabs of this browser: a name and its JSON.
//!
//! | said | by whom |
//! |---|---|
//! | the server's events | the tab that hears them for all |
//! | `session-extended`, `signed-in-here`, `news-seen` | where a person did it |
//! | `who-listens`, `listening` | tabs that look after the one that listens |
//! | `theme`, `language` | where it was chosen |
//! | `mirror`, `session-ended` | where storage, whose own event says it else, is blocked |
//!
//! Where a browser has no `BroadcastChannel`, an item in storage says it, and is gone at once.

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{BroadcastChannel, MessageEvent};

use super::storage;

/// The channel's name, and the key of the item that stands in for it.
const CHANNEL: &str = "panel";

/// Tells the other tabs.
pub fn say(name: &str, json: &str) {
    let said = format!("{name} {json}");
    match BroadcastChannel::new(CHANNEL) {
        Ok(channel) => {
            // Fails only on values that cannot be copied; texts can.
            channel.post_message(&said.into()).ok();
            channel.close();
        }
        // Without storage either, the tabs find out for themselves, only later.
        Err(_) => _ = storage::signal(CHANNEL, &said),
    }
}

/// Listens as long as the current owner lives.
pub fn listen(hear: impl Fn(&str, &str) + 'static) {
    let Ok(channel) = BroadcastChannel::new(CHANNEL) else { return listen_to_storage(hear) };
    let heard = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
        pass_on(&event.data().as_string().unwrap_or_default(), &hear);
    });
    channel.set_onmessage(Some(heard.as_ref().unchecked_ref()));
    let kept = StoredValue::new_local((channel, heard));
    on_cleanup(move || {
        kept.try_with_value(|(channel, _)| channel.close());
    });
}

fn listen_to_storage(hear: impl Fn(&str, &str) + 'static) {
    let listener = window_event_listener(ev::storage, move |event| {
        if event.key().as_deref() == Some(CHANNEL)
            && let Some(said) = event.new_value()
        {
            pass_on(&said, &hear);
        }
    });
    on_cleanup(move || listener.remove());
}

fn pass_on(said: &str, hear: &dyn Fn(&str, &str)) {
    if let Some((name, json)) = said.split_once(' ') {
        hear(name, json);
    }
}

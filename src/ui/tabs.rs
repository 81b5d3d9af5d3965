//! The channel between this browser's tabs. A message is a name and JSON.
//!
//! | message | sender |
//! |---|---|
//! | the server's events | the tab with the event stream |
//! | `session-extended`, `signed-in-here`, `news-seen` | the tab in which the user did it |
//! | `who-listens`, `listening` | tabs that check whether a tab has the stream |
//! | `theme`, `language` | the tab in which it was chosen |
//! | `mirror`, `session-ended` | any tab, where storage is blocked and so fires no event |
//!
//! Without `BroadcastChannel`, a storage item that is removed at once carries the message.

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{BroadcastChannel, MessageEvent};

use super::storage;

/// The channel's name, and the key of the item that replaces it.
const CHANNEL: &str = "panel";

/// Sends a message to the other tabs.
pub fn send(name: &str, json: &str) {
    let message = format!("{name} {json}");
    match BroadcastChannel::new(CHANNEL) {
        Ok(channel) => {
            // Fails only on values that can't be cloned; strings can.
            channel.post_message(&message.into()).ok();
            channel.close();
        }
        // Without storage too, tabs learn of changes at their next request.
        Err(_) => _ = storage::signal(CHANNEL, &message),
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
            && let Some(message) = event.new_value()
        {
            pass_on(&message, &hear);
        }
    });
    on_cleanup(move || listener.remove());
}

fn pass_on(message: &str, hear: &dyn Fn(&str, &str)) {
    if let Some((name, json)) = message.split_once(' ') {
        hear(name, json);
    }
}

//! What tabs tell each other about their session: the server's events, which
//! one tab hears for all, and what a person did in one of them.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{BroadcastChannel, MessageEvent};

use super::SessionLife;

const CHANNEL: &str = "session-life";

/// Tells the other tabs: an event's name and its JSON.
pub fn say(name: &str, json: &str) {
    // Without a channel the tabs find out for themselves, only later.
    if let Ok(channel) = BroadcastChannel::new(CHANNEL) {
        channel.post_message(&format!("{name} {json}").into()).ok();
        channel.close();
    }
}

/// Listens as long as the current owner lives.
pub fn listen(life: SessionLife) {
    let Ok(channel) = BroadcastChannel::new(CHANNEL) else { return };
    let heard = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
        let said = event.data().as_string().unwrap_or_default();
        if let Some((name, json)) = said.split_once(' ')
            && !life.part.hear(name, life.store.alive())
            && life.believes(name)
        {
            life.hear(name, json);
        }
    });
    channel.set_onmessage(Some(heard.as_ref().unchecked_ref()));
    let kept = StoredValue::new_local((channel, heard));
    on_cleanup(move || {
        kept.try_with_value(|(channel, _)| channel.close());
    });
}

//! How tabs agree on who is signed in, and how a page from the past does not
//! show what has ended since.

use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{BroadcastChannel, MessageEvent, PageTransitionEvent};

use crate::model::session::EndReason;
use crate::ui::auth_store::AuthStore;
use crate::ui::browser::{Departure, depart};
use crate::ui::session_life::{pulse, tabs};
use crate::ui::storage::{self, Mirror};

/// The key that says for a moment why the session ended.
const ENDED: &str = "session-ended";

/// Listens as long as the current owner lives.
///
/// Listeners are made in an effect: JS values made on the server's threads
/// could not be dropped there.
pub fn follow(store: AuthStore) {
    Effect::new(move |_| {
        follow_mirror(store);
        follow_channel(store);
        never_revive();
    });
}

/// The mirror's own event, which a browser fires in all tabs but the writer's.
/// Its events come in the order things were written: [`say_ended`] before the
/// mirror goes, and so it is no sign-out.
fn follow_mirror(store: AuthStore) {
    let listener = window_event_listener(ev::storage, move |event| {
        if asks_instead(store) {
            return;
        }
        if let Some(said) = event.new_value().filter(|_| event.key().as_deref() == Some(ENDED)) {
            store.end(EndReason::from_name(&said));
        }
        // Without a key, the whole storage was cleared.
        if event.key().is_none_or(|key| key == storage::KEY) {
            store.other_mirror(event.new_value().and_then(|json| Mirror::parse(&json)));
        }
    });
    on_cleanup(move || listener.remove());
}

/// A page that stood still hears late what was written meanwhile, and would undo
/// what has become of it since: it asks the server.
fn asks_instead(store: AuthStore) -> bool {
    let late = pulse::is_late() && store.alive();
    if late {
        spawn_local(store.ask_again());
    }
    late
}

/// Tells the other tabs who is signed in, where storage is blocked and so
/// cannot tell them.
pub fn tell(mirror: Option<&Mirror>) {
    if let Ok(channel) = BroadcastChannel::new(storage::KEY) {
        // Fails only on values that cannot be copied; these can.
        channel.post_message(&mirror.map(Mirror::to_json).into()).ok();
        channel.close();
    }
}

/// Tells the other tabs that the session ended, before the mirror is removed:
/// by that alone they would take it for a sign-out. Nothing stays behind.
pub fn say_ended(reason: Option<EndReason>) {
    let name = reason.map_or("", EndReason::name);
    if !storage::signal(ENDED, name) {
        tabs::say("session-ended", &serde_json::json!({ "reason": reason }).to_string());
    }
}

fn follow_channel(store: AuthStore) {
    let Ok(channel) = BroadcastChannel::new(storage::KEY) else { return };
    let heard = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
        if !asks_instead(store) {
            store.other_mirror(event.data().as_string().and_then(|json| Mirror::parse(&json)));
        }
    });
    channel.set_onmessage(Some(heard.as_ref().unchecked_ref()));
    let kept = StoredValue::new_local((channel, heard));
    on_cleanup(move || {
        kept.try_with_value(|(channel, _)| channel.close());
    });
}

/// A page that "back" brings out of the browser's memory knows nothing of a
/// sign-out since: it asks the server again.
fn never_revive() {
    let listener = window_event_listener_untyped("pageshow", |event| {
        if event.dyn_ref::<PageTransitionEvent>().is_some_and(PageTransitionEvent::persisted) {
            depart(Departure::Reload);
        }
    });
    on_cleanup(move || listener.remove());
}

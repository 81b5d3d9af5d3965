//! Which tab listens to the server: one a browser. Over HTTP/1.1 six streams
//! would leave the seventh tab without a connection.

use leptos::prelude::*;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};

/// The lock that the listening tab holds until it is gone; the browser then
/// gives it to the next one.
const LOCK: &str = "session-events";

/// Stands for the part; `leading` says when this tab has it. Without Web Locks
/// (no secure context, an old browser) it falls to whichever tab can be seen.
pub fn stand(leading: RwSignal<bool>) {
    if !ask_for_lock(leading) {
        while_visible(leading);
    }
}

/// Asks for the lock; `false` where there are none.
///
/// By reflection: the bindings for Web Locks are still called unstable, and
/// would need a compiler flag.
fn ask_for_lock(leading: RwSignal<bool>) -> bool {
    let get = |from: &JsValue, name: &str| js_sys::Reflect::get(from, &name.into()).ok();
    let Some(locks) = get(&window().navigator(), "locks").filter(JsValue::is_object) else { return false };
    let Some(request) = get(&locks, "request").and_then(|f| f.dyn_into::<js_sys::Function>().ok()) else {
        return false;
    };
    // The lock is held for as long as this promise is open: for ever.
    let granted = Closure::once_into_js(move |_: JsValue| {
        leading.try_set(true);
        js_sys::Promise::new(&mut |_, _| {})
    });
    request.call2(&locks, &LOCK.into(), &granted).is_ok()
}

fn while_visible(leading: RwSignal<bool>) {
    leading.set(!document().hidden());
    let listener = window_event_listener_untyped("visibilitychange", move |_| {
        leading.try_set(!document().hidden());
    });
    on_cleanup(move || listener.remove());
}

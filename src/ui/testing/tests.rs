//! Browser tests: `cargo test --target wasm32-unknown-unknown`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop there")]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use leptos::prelude::on_cleanup;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

use super::*;

wasm_bindgen_test_configure!(run_in_browser);

/// Simulates a panic, which drops nothing.
#[wasm_bindgen_test]
async fn fresh_reverts_the_changes_of_earlier_tests() {
    fresh();
    let before =
        run("return [Date.now, window.fetch, window.BroadcastChannel, navigator.locks, Storage.prototype.setItem]");
    let lives = Arc::new(AtomicBool::new(true));
    let (page, ()) = mounted({
        let lives = lives.clone();
        move || on_cleanup(move || lives.store(false, Relaxed))
    })
    .await;
    let (markup, element) = shown();
    local_storage().set_item("left", "behind").unwrap();
    record_departure(Departure::Login);
    let changes =
        [skew_clock(5), skew_clock(7), fill_storage(), remove_locks(), block_storage("return null"), page, markup];
    std::mem::forget((changes, Server::away(), Server::answering(200, "{}"), Channels::watched()));

    fresh();
    let after =
        run("return [Date.now, window.fetch, window.BroadcastChannel, navigator.locks, Storage.prototype.setItem]");
    for (before, after) in js_sys::Array::from(&before).iter().zip(js_sys::Array::from(&after).iter()) {
        assert!(js_sys::Object::is(&before, &after), "{before:?} is back");
    }
    assert_eq!((lives.load(Relaxed), element.is_connected(), departures()), (false, false, vec![]));
    assert_eq!(local_storage().get_item("left").unwrap(), None);
}

#[wasm_bindgen_test]
#[should_panic(expected = "timed out")]
async fn waiting_times_out_with_a_panic() {
    fresh();
    let hours_later = Changed::property(
        "performance",
        "now",
        "writable: true, value: () => (window.__hour = (window.__hour ?? 0) + 3600000)",
    );
    until(|| false).await;
    drop(hours_later);
}

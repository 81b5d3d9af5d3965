//! Browser tests: `cargo test --target wasm32-unknown-unknown`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop there")]

mod calls;

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

use super::clock::Limit;
use super::pulse::Pulse;
use super::*;
use crate::api::client;
use crate::model::account::Credentials;
use crate::model::session::EndReason;
use crate::ui::auth_store::CoverReason;
use crate::ui::browser::{self, Departure};
use crate::ui::tabs;
use crate::ui::testing::{
    Changed, Server, departures, fresh, mounted, person, record_departure, remove_locks, signed_in, skew_clock, turn,
    until,
};

wasm_bindgen_test_configure!(run_in_browser);

const AWAY: &str = r#"{"success":false,"error":"x","code":"unauthenticated","reason":"idle"}"#;
const NO_REASON: &str = r#"{"success":false,"error":"x","code":"unauthenticated"}"#;
const PROVE: &str = r#"{"success":false,"error":"x","code":"reauth_required"}"#;
/// A session with 31 minutes until the idle limit, and a day until the absolute limit.
const LIVES: &str = r#"{"success":true,"data":{"userId":"u1","expiresAt":"2026-11-25T10:00:00.000Z","idleExpiresAt":"2026-11-24T10:31:00.000Z","serverTime":"2026-11-24T10:00:00.000Z"}}"#;

/// Creates a page that watches its session, without a stream, until it is dropped.
async fn page() -> (Changed, SessionLife) {
    departures();
    mounted(|| {
        let store = AuthStore::new(&signed_in("u1"), record_departure);
        store.attach();
        let life = SessionLife::new(store);
        life.install_remedy();
        life.resume_after_sign_in();
        life
    })
    .await
}

fn times(idle: Option<&str>, absolute: &str) -> Times {
    Times {
        expires_at: format!("2026-11-24T{absolute}.000Z"),
        idle_expires_at: idle.map(|at| format!("2026-11-24T{at}.000Z")),
        server_time: "2026-11-24T10:00:00.000Z".to_owned(),
    }
}

#[wasm_bindgen_test]
fn the_nearer_limit_counts_and_the_last_minute_warns() {
    fresh();
    let deadline = Deadline::read(&times(Some("10:31:00"), "18:00:00"), 1_000.0, None).unwrap();
    let end = 1_000.0 + 31.0 * 60_000.0;
    assert_eq!((deadline.limit, deadline.idles, deadline.left(0.0)), (Limit::Idle, true, end));
    assert_eq!(deadline.warning(end - 60_001.0), None);
    assert_eq!(deadline.warning(end - 60_000.0), Some(Warning { left: 60, limit: Limit::Idle }));
    assert_eq!(deadline.warning(end - 200.0).unwrap().left, 1);
    assert_eq!(deadline.warning(end + 5_000.0).unwrap().left, 0);

    let absolute = Deadline::read(&times(Some("10:31:00"), "10:20:00"), 0.0, None).unwrap();
    assert_eq!((absolute.limit, absolute.idles), (Limit::Absolute, true));
    assert_eq!(Deadline::read(&times(None, "10:20:00"), 0.0, None).unwrap().limit, Limit::Absolute);
    assert_eq!(Deadline::read(&Times::default(), 0.0, None), None);
}

#[wasm_bindgen_test]
fn a_short_timeout_warns_in_its_second_half() {
    fresh();
    let early = Deadline::read(&times(Some("10:01:20"), "18:00:00"), 0.0, None).unwrap();
    assert_eq!(early.warning(39_000.0), None);
    assert_eq!(early.warning(40_000.0).unwrap().left, 40);
    // With half a minute left, the recorded timeout stays the same.
    let late = Deadline::read(&times(Some("10:00:30"), "18:00:00"), 0.0, Some(early)).unwrap();
    assert_eq!(late.warning(0.0).unwrap().left, 30);
}

#[wasm_bindgen_test]
async fn a_wrong_system_clock_does_not_matter() {
    fresh();
    for skew in [-600_000, 0, 600_000] {
        let _skewed = skew_clock(skew);
        let (_owner, life) = page().await;
        life.learn(&times(Some("10:01:30"), "18:00:00"), browser::now());
        assert_eq!(life.warning.get_untracked(), None, "{skew}");
        life.learn(&times(Some("10:00:40"), "18:00:00"), browser::now());
        assert_eq!(life.warning.get_untracked(), Some(Warning { left: 40, limit: Limit::Idle }), "{skew}");
    }
}

#[wasm_bindgen_test]
fn heartbeats_are_sent_at_most_once_a_minute() {
    fresh();
    let mut throttle = Throttle::default();
    let beats: Vec<f64> = (0..600).map(|s| f64::from(s) * 500.0).filter(|now| throttle.beats(*now)).collect();
    assert_eq!(beats, [60_000.0, 120_000.0, 180_000.0, 240_000.0]);
    // Activity reported by another tab counts too.
    throttle.record(290_000.0);
    assert!(!throttle.beats(349_999.0) && throttle.beats(350_000.0));
}

#[wasm_bindgen_test]
async fn events_made_by_scripts_are_no_activity() {
    fresh();
    let server = Server::answering(200, LIVES);
    let (_owner, life) = page().await;
    life.learn(&times(Some("10:31:00"), "18:00:00"), browser::now());
    let owner = Owner::new();
    owner.with(|| activity::listen(life));
    life.throttle.update_value(|t| *t = Throttle::default());
    for deed in ["pointerdown", "keydown", "scroll", "mousemove"] {
        let script = format!("dispatchEvent(new Event('{deed}', {{ bubbles: true }}))");
        js_sys::Function::new_no_args(&script).call0(&wasm_bindgen::JsValue::NULL).unwrap();
    }
    turn().await;
    assert_eq!(server.requests(), Vec::<String>::new());
    owner.cleanup();
}

#[wasm_bindgen_test]
fn reconnects_back_off_exponentially_within_bounds() {
    fresh();
    let pauses: Vec<f64> = (1..9).map(|tried| live::pause(tried, 0.5)).collect();
    assert_eq!(pauses, [1_000.0, 2_000.0, 4_000.0, 8_000.0, 16_000.0, 30_000.0, 30_000.0, 30_000.0]);
    assert!(live::pause(u32::MAX, 1.0) <= 45_000.0 && live::pause(1, 0.0) >= 500.0);
}

#[wasm_bindgen_test]
async fn one_tab_leads_and_without_locks_every_visible_one() {
    fresh();
    {
        let _without = remove_locks();
        let (_owner, life) = page().await;
        let owner = Owner::new();
        owner.with(|| leader::join_election(life));
        assert_eq!(life.election.leads.get_untracked(), !document().hidden());
    }
    let ((_first, first), (_second, second)) = (page().await, page().await);
    let owner = Owner::new();
    owner.with(|| leader::join_election(first));
    until(|| first.election.leads.get_untracked()).await;
    owner.with(|| leader::join_election(second));
    browser::pause(Duration::from_millis(100)).await;
    assert!(untrack(|| first.election.listens() && !second.election.listens()));

    // The leader answers, so no other tab replaces it.
    owner.with(|| [first, second].map(SessionLife::hear_tabs));
    second.election.replaces_leader.set(true);
    tabs::send("who-listens", "");
    until(|| !second.election.replaces_leader.get_untracked()).await;
    // After its session has ended, the tab no longer answers.
    assert!(first.election.hear("who-listens", false) && !first.election.hear("signed-in", true));
    owner.cleanup();
}

#[wasm_bindgen_test]
async fn a_leader_counts_as_gone_after_seconds_of_silence() {
    fresh();
    let (_owner, life) = page().await;
    let now = browser::now();
    life.election.hear("listening", true);
    assert!(!life.election.is_silent(now + 3_900.0, false) && life.election.is_silent(now + 4_100.0, false));
    // A tab that stood still starts its wait again.
    assert!(!life.election.is_silent(now + 60_000.0, true) && !life.election.is_silent(now + 63_000.0, false));
    assert!(life.election.is_silent(now + 64_100.0, false));
}

#[wasm_bindgen_test]
fn a_page_detects_its_standstill() {
    fresh();
    let mut pulse = Pulse::new(10_000.0);
    assert!(!pulse.is_late(10_000.0));
    pulse.beat(13_000.0);
    assert!(!pulse.is_late(13_100.0) && !pulse.is_late(16_900.0));
    // Late before its first beat, and for a moment after it.
    assert!(pulse.is_late(17_100.0));
    pulse.beat(20_000.0);
    assert!(pulse.is_late(20_100.0));
    pulse.beat(21_000.0);
    assert!(pulse.is_late(21_900.0) && !pulse.is_late(22_100.0));
}

#[wasm_bindgen_test]
async fn a_repeated_sign_in_event_is_shown_once() {
    fresh();
    let (_owner, life) = page().await;
    let told = |handle: &str| {
        life.hear("signed-in", &format!(r#"{{"handle":"{handle}","device":"Firefox","address":"192.0.2.1"}}"#));
        life.news.get_untracked().map(|news| news.handle)
    };
    assert_eq!(told("sid_1").as_deref(), Some("sid_1"));
    life.hear("news-seen", "null");
    assert_eq!(told("sid_1"), None);
    assert_eq!(told("sid_2").as_deref(), Some("sid_2"));
}

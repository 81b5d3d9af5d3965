//! In a real browser: `cargo test --target wasm32-unknown-unknown`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop there")]

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::task::spawn_local;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

use super::clock::Limit;
use super::pulse::Pulse;
use super::*;
use crate::api::{auth, client};
use crate::model::account::Credentials;
use crate::model::session::EndReason;
use crate::ui::auth_store::Why;
use crate::ui::browser::{self, Departure};
use crate::ui::tabs;
use crate::ui::testing::{
    Changed, Server, fresh, mounted, note, noted, person, remove_locks, signed_in, skew_clock, turn, until,
};

wasm_bindgen_test_configure!(run_in_browser);

const AWAY: &str = r#"{"success":false,"error":"x","code":"unauthenticated","reason":"idle"}"#;
const NO_REASON: &str = r#"{"success":false,"error":"x","code":"unauthenticated"}"#;
const PROVE: &str = r#"{"success":false,"error":"x","code":"reauth_required"}"#;
/// Half an hour and a minute are left until idle, a day in all.
const LIVES: &str = r#"{"success":true,"data":{"userId":"u1","expiresAt":"2026-11-25T10:00:00.000Z","idleExpiresAt":"2026-11-24T10:31:00.000Z","serverTime":"2026-11-24T10:00:00.000Z"}}"#;

/// A page whose session somebody watches, but without a stream, until dropped.
async fn page() -> (Changed, SessionLife) {
    noted();
    mounted(|| {
        let store = AuthStore::new(&signed_in("u1"), note);
        store.attach();
        let life = SessionLife::new(store);
        life.help_calls();
        life.come_back();
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
fn the_nearer_limit_counts_and_the_last_minute_is_told() {
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
fn a_short_timeout_is_told_at_its_half_also_when_asked_late() {
    fresh();
    let early = Deadline::read(&times(Some("10:01:20"), "18:00:00"), 0.0, None).unwrap();
    assert_eq!(early.warning(39_000.0), None);
    assert_eq!(early.warning(40_000.0).unwrap().left, 40);
    // Asked with half a minute left, the timeout is still as long as it was.
    let late = Deadline::read(&times(Some("10:00:30"), "18:00:00"), 0.0, Some(early)).unwrap();
    assert_eq!(late.warning(0.0).unwrap().left, 30);
}

#[wasm_bindgen_test]
async fn a_clock_that_is_ten_minutes_off_changes_nothing() {
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
fn a_heartbeat_goes_out_at_most_once_a_minute() {
    fresh();
    let mut throttle = Throttle::default();
    let beats: Vec<f64> = (0..600).map(|s| f64::from(s) * 500.0).filter(|now| throttle.beats(*now)).collect();
    assert_eq!(beats, [60_000.0, 120_000.0, 180_000.0, 240_000.0]);
    // What another tab has told the server counts too.
    throttle.noted(290_000.0);
    assert!(!throttle.beats(349_999.0) && throttle.beats(350_000.0));
}

#[wasm_bindgen_test]
async fn only_what_a_person_does_is_activity() {
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
    assert_eq!(server.asked(), Vec::<String>::new());
    owner.cleanup();
}

#[wasm_bindgen_test]
fn tries_grow_apart_and_stay_within_bounds() {
    fresh();
    let pauses: Vec<f64> = (1..9).map(|tried| live::pause(tried, 0.5)).collect();
    assert_eq!(pauses, [1_000.0, 2_000.0, 4_000.0, 8_000.0, 16_000.0, 30_000.0, 30_000.0, 30_000.0]);
    assert!(live::pause(u32::MAX, 1.0) <= 45_000.0 && live::pause(1, 0.0) >= 500.0);
}

#[wasm_bindgen_test]
async fn one_tab_leads_and_without_locks_the_visible_one() {
    fresh();
    {
        let _without = remove_locks();
        let (_owner, life) = page().await;
        let owner = Owner::new();
        owner.with(|| leader::stand(life));
        assert_eq!(life.part.leads.get_untracked(), !document().hidden());
    }
    let ((_first, first), (_second, second)) = (page().await, page().await);
    let owner = Owner::new();
    owner.with(|| leader::stand(first));
    until(|| first.part.leads.get_untracked()).await;
    owner.with(|| leader::stand(second));
    browser::pause(Duration::from_millis(100)).await;
    assert!(untrack(|| first.part.listens() && !second.part.listens()));

    // The one that leads answers, and so nobody stands in for it.
    owner.with(|| [first, second].map(SessionLife::hear_tabs));
    second.part.stands_in.set(true);
    tabs::say("who-listens", "");
    until(|| !second.part.stands_in.get_untracked()).await;
    // Where its session has ended, it does not listen any more.
    assert!(first.part.hear("who-listens", false) && !first.part.hear("signed-in", true));
    owner.cleanup();
}

#[wasm_bindgen_test]
async fn a_leader_that_is_silent_for_seconds_is_none() {
    fresh();
    let (_owner, life) = page().await;
    let now = browser::now();
    life.part.hear("listening", true);
    assert!(!life.part.is_silent(now + 3_900.0, false) && life.part.is_silent(now + 4_100.0, false));
    // Who stood still has heard nobody, and begins to listen anew.
    assert!(!life.part.is_silent(now + 60_000.0, true) && !life.part.is_silent(now + 63_000.0, false));
    assert!(life.part.is_silent(now + 64_100.0, false));
}

#[wasm_bindgen_test]
fn a_page_knows_that_it_stood_still() {
    fresh();
    let mut pulse = Pulse::new(10_000.0);
    assert!(!pulse.is_late(10_000.0));
    pulse.beat(13_000.0);
    assert!(!pulse.is_late(13_100.0) && !pulse.is_late(16_900.0));
    // Late before the first beat after it, and for a moment after that.
    assert!(pulse.is_late(17_100.0));
    pulse.beat(20_000.0);
    assert!(pulse.is_late(20_100.0));
    pulse.beat(21_000.0);
    assert!(pulse.is_late(21_900.0) && !pulse.is_late(22_100.0));
}

#[wasm_bindgen_test]
async fn a_sign_in_is_told_once_however_often_it_is_heard() {
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

#[wasm_bindgen_test]
async fn a_call_refused_for_want_of_a_session_is_done_once_after_the_sign_in() {
    fresh();
    let user = serde_json::to_string(&person("u1")).unwrap();
    let signed_in = format!(
        r#"{{"success":true,"data":{{"user":{user},"session":{{"userId":"u1","expire":"2026-12-01T00:00:00.000Z"}}}}}}"#
    );
    let server = Server::in_turn(&[(401, AWAY), (200, "{}"), (200, &signed_in), (200, LIVES), (200, LIVES)]);
    let (_owner, life) = page().await;
    let answer = Rc::new(Cell::new(None));
    spawn_local({
        let answer = answer.clone();
        async move { answer.set(Some(client::call(&client::json(auth::Extend::PATH, &())).await.is_ok())) }
    });
    until(|| life.store.ended().with_untracked(Option::is_some)).await;
    assert_eq!(life.store.ended().get_untracked().map(|e| e.why), Some(Why::Ended(Some(EndReason::Idle))));
    assert_eq!((answer.get(), noted()), (None, vec![]));

    life.store.sign_in_again(Credentials::default()).await.unwrap();
    until(|| answer.get().is_some()).await;
    assert_eq!(answer.get(), Some(true));
    let mut asked = server.asked();
    assert_eq!(asked.remove(0), "/api/auth/extend");
    assert_eq!(asked.remove(0), "/api/csrf");
    assert_eq!(asked.remove(0), "/api/auth/login");
    asked.sort();
    assert_eq!(asked, ["/api/auth/extend", "/api/auth/session"]);
}

#[wasm_bindgen_test]
async fn the_late_answer_of_an_old_id_ends_nothing() {
    fresh();
    let server = Server::in_turn(&[(401, NO_REASON), (200, LIVES), (200, LIVES)]);
    let (_owner, life) = page().await;
    assert!(client::call(&client::json(auth::Extend::PATH, &())).await.is_ok());
    assert_eq!((life.store.alive(), noted()), (true, vec![]));
    assert_eq!(server.asked(), ["/api/auth/extend", "/api/auth/session", "/api/auth/extend"]);
}

#[wasm_bindgen_test]
async fn a_server_that_is_away_ends_nothing_either() {
    fresh();
    let _server = Server::in_turn(&[(401, NO_REASON), (503, "")]);
    let (_owner, life) = page().await;
    assert!(client::call(&client::json(auth::Extend::PATH, &())).await.is_err());
    life.check().await;
    assert!(life.store.alive());
}

#[wasm_bindgen_test]
async fn a_call_that_needs_a_recent_sign_in_waits_for_the_password() {
    fresh();
    let server = Server::in_turn(&[(403, PROVE), (200, LIVES), (403, PROVE)]);
    let (_owner, life) = page().await;
    let answers = Rc::new(RefCell::new(Vec::new()));
    let ask = || {
        let answers = answers.clone();
        spawn_local(async move {
            let ok = client::call(&client::json(auth::Extend::PATH, &())).await.is_ok();
            answers.borrow_mut().push(ok);
        });
    };
    ask();
    until(|| life.proving.get_untracked()).await;
    life.helped(true);
    until(|| *answers.borrow() == [true]).await;
    assert_eq!(server.asked().len(), 2);
    ask();
    until(|| life.proving.get_untracked()).await;
    life.helped(false);
    until(|| *answers.borrow() == [true, false]).await;
    assert!(life.store.alive());
}

#[wasm_bindgen_test]
async fn events_end_extend_and_tell() {
    fresh();
    let (_owner, life) = page().await;
    let extended = |idle: &str| {
        format!(
            r#"{{"expiresAt":"2026-11-25T10:00:00.000Z","idleExpiresAt":"2026-11-24T{idle}.000Z","serverTime":"2026-11-24T10:00:00.000Z"}}"#
        )
    };
    life.hear("session-extended", &extended("10:31:00"));
    assert_eq!(life.warning.get_untracked(), None);
    life.hear("session-extended", &extended("10:00:30"));
    assert_eq!(life.warning.get_untracked().map(|w| w.left), Some(30));
    life.hear("session-extended", &extended("10:31:00"));
    assert_eq!(life.warning.get_untracked(), None);

    life.hear("signed-in", r#"{"handle":"sid_1","device":"Firefox","address":"192.0.2.1"}"#);
    assert_eq!(life.news.get_untracked().map(|n| n.handle).as_deref(), Some("sid_1"));
    for odd in ["", "null", "{", "[]"] {
        life.hear("session-extended", odd);
        life.hear("nothing-known", odd);
    }
    assert!(life.store.alive());

    let who = r#"{"byYou":true,"at":"2026-11-24T10:00:00.000Z","device":"Firefox 145 · Linux"}"#;
    life.hear("session-revoked", who);
    assert_eq!(
        life.revoked.get_untracked().map(|by| (by.by_you, by.device)),
        Some((true, "Firefox 145 · Linux".to_owned()))
    );

    life.hear("session-ended", r#"{"reason":"password_changed"}"#);
    until(|| !life.store.alive()).await;
    let why = life.store.ended().get_untracked().map(|ended| ended.why);
    assert_eq!((why, noted()), (Some(Why::Ended(Some(EndReason::PasswordChanged))), vec![]));
}

#[wasm_bindgen_test]
async fn a_sign_out_elsewhere_in_this_browser_leaves() {
    fresh();
    let (_owner, life) = page().await;
    life.hear("session-ended", r#"{"reason":"logout"}"#);
    until(|| !life.store.vouches()).await;
    assert_eq!((life.store.ended().get_untracked(), noted()), (None, vec![Departure::Login]));
}

//! A clock that was ahead, and is put right: what restricts lasts at most its
//! policy from when it is next met.

use serde_json::json;

use super::{WRONG, fail, lock};
use crate::support::{DAY, HOUR, LOGIN, MINUTE, SECOND, TestApp};

both![
    a_lock_lasts_its_policy_from_when_it_is_next_met,
    failures_count_for_their_window_from_when_they_are_next_met,
    an_address_is_limited_for_its_window_from_when_it_is_next_met,
    an_own_browsers_lock_lasts_no_longer_either,
    what_nobody_meets_is_swept_all_the_same,
    a_clock_that_was_behind_locks_nobody_out,
];

async fn a_lock_lasts_its_policy_from_when_it_is_next_met(app: TestApp) {
    let ayse = app.person("ayse").await;
    for (email, ahead) in [(ayse.email.as_str(), 400 * DAY), ("nobody@example.org", HOUR)] {
        let now = app.now();
        app.pass(ahead);
        lock(&app, email).await;
        app.clock.set(now);
        assert_eq!(fail(&app, email).await.refused(429, "account_locked")["remainingSeconds"], 1800, "{email}");
        app.pass(10 * MINUTE);
        assert_eq!(fail(&app, email).await.refused(429, "account_locked")["remainingSeconds"], 1200, "{email}");
        app.pass(20 * MINUTE);
        assert_eq!(fail(&app, email).await.refused(401, "invalid_credentials")["remainingAttempts"], 4, "{email}");
    }
}

async fn failures_count_for_their_window_from_when_they_are_next_met(app: TestApp) {
    let now = app.now();
    app.pass(400 * DAY);
    for _ in 0..3 {
        fail(&app, "ayse@example.org").await.expect(401);
    }
    app.clock.set(now);
    let left =
        async || fail(&app, "ayse@example.org").await.refused(401, "invalid_credentials")["remainingAttempts"].clone();
    assert_eq!(left().await, 1);
    app.pass(15 * MINUTE + SECOND);
    assert_eq!(left().await, 4);
}

async fn an_address_is_limited_for_its_window_from_when_it_is_next_met(app: TestApp) {
    let ayse = app.person("ayse").await;
    app.set_policy("addressLimit", "10").await;
    let now = app.now();
    app.pass(400 * DAY);
    for number in 0..10 {
        fail(&app, &format!("guess{number}@example.org")).await.expect(401);
    }
    app.clock.set(now);
    let limited = fail(&app, "somebody@example.org").await.refused(429, "too_many_requests");
    assert_eq!(limited["remainingSeconds"], 900);
    app.pass(10 * MINUTE);
    let limited = fail(&app, "somebody@example.org").await.refused(429, "too_many_requests");
    assert_eq!(limited["remainingSeconds"], 300);
    app.pass(5 * MINUTE + SECOND);
    app.browser().sign_in(&ayse).await;
}

async fn an_own_browsers_lock_lasts_no_longer_either(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    browser.sign_out().await.expect(200);
    let now = app.now();
    app.pass(3 * HOUR);
    for _ in 0..5 {
        browser.post(LOGIN, json!({ "email": ayse.email, "password": WRONG })).await.expect(401);
    }
    app.clock.set(now);
    let locked = browser.try_password(&ayse.email, &ayse.password).await.refused(429, "account_locked");
    assert_eq!(locked["remainingSeconds"], 1800);
    app.pass(30 * MINUTE);
    browser.sign_in(&ayse).await;
}

async fn what_nobody_meets_is_swept_all_the_same(app: TestApp) {
    let now = app.now();
    app.pass(400 * DAY);
    lock(&app, "ayse@example.org").await;
    app.clock.set(now);
    app.sweep().await;
    app.pass(HOUR);
    app.sweep().await;
    for table in ["buckets", "attempts"] {
        assert_eq!(app.database.number(&format!("SELECT count(*) FROM {table}")).await, 0, "{table}");
    }
}

async fn a_clock_that_was_behind_locks_nobody_out(app: TestApp) {
    let ayse = app.person("ayse").await;
    let now = app.now();
    app.clock.set(now - 86_400_000 * 400);
    lock(&app, &ayse.email).await;
    app.clock.set(now);
    app.browser().sign_in(&ayse).await;
}

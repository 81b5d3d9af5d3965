//! A clock that was ahead and is corrected. A restriction lasts at most its policy's time
//! from the next request.

use serde_json::json;

use super::{WRONG, fail, lock};
use crate::support::{DAY, HOUR, LOGIN, MINUTE, SECOND, TestApp};

both![
    a_lockout_lasts_its_policys_time_from_the_next_attempt,
    failures_count_for_one_window_from_the_next_attempt,
    an_address_is_limited_for_one_window_from_the_next_attempt,
    a_lockout_of_the_owners_browser_lasts_no_longer_either,
    the_sweep_deletes_lockouts_from_the_future,
    a_clock_that_was_behind_keeps_no_lockout,
];

async fn a_lockout_lasts_its_policys_time_from_the_next_attempt(app: TestApp) {
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

async fn failures_count_for_one_window_from_the_next_attempt(app: TestApp) {
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

async fn an_address_is_limited_for_one_window_from_the_next_attempt(app: TestApp) {
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

async fn a_lockout_of_the_owners_browser_lasts_no_longer_either(app: TestApp) {
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

async fn the_sweep_deletes_lockouts_from_the_future(app: TestApp) {
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

async fn a_clock_that_was_behind_keeps_no_lockout(app: TestApp) {
    let ayse = app.person("ayse").await;
    let now = app.now();
    app.clock.set(now - 86_400_000 * 400);
    lock(&app, &ayse.email).await;
    app.clock.set(now);
    app.browser().sign_in(&ayse).await;
}

//! The rate limit of mutations per session, which is higher than manual use needs.

use futures::future::join_all;
use serde_json::json;

use crate::support::{Browser, DAY, LOGOUT, MINUTE, SESSION, TestApp, mutations};

both![
    a_session_is_limited_to_six_hundred_mutations_in_five_minutes,
    concurrent_mutations_do_not_exceed_the_limit,
    signing_out_and_reading_are_not_limited,
    every_mutation_is_limited,
    a_window_in_the_future_restarts_now,
    every_session_has_its_own_limit,
];

const EXTEND: &str = "/api/auth/extend";

async fn signed_in(app: &TestApp) -> Browser {
    let ayse = app.person("ayse").await;
    app.signed_in_without_hashing(&ayse).await
}

/// Sets the session's counter and the start of its window.
async fn set_counter(app: &TestApp, mutations: i64, since: i64) {
    let sql = format!("UPDATE sessions SET mutations = {mutations}, mutations_since = {since}");
    app.database.execute(&sql).await;
}

async fn a_session_is_limited_to_six_hundred_mutations_in_five_minutes(app: TestApp) {
    let mut browser = signed_in(&app).await;
    for _ in 0..3 {
        browser.post(EXTEND, json!({})).await.expect(200);
    }
    assert_eq!(app.database.number("SELECT mutations FROM sessions").await, 3);
    set_counter(&app, 598, app.now()).await;
    app.pass(2 * MINUTE);
    for _ in 0..2 {
        browser.post(EXTEND, json!({})).await.expect(200);
    }
    for _ in 0..3 {
        let refused = browser.post(EXTEND, json!({})).await.refused(429, "too_many_requests");
        assert_eq!(refused["remainingSeconds"], 180);
    }
    assert_eq!(browser.submit("/account", EXTEND, &[]).await.see_other(), "/account?error=too_many_requests");
    app.pass(3 * MINUTE);
    browser.post(EXTEND, json!({})).await.expect(200);
    assert_eq!(app.database.number("SELECT mutations FROM sessions").await, 1);
}

async fn concurrent_mutations_do_not_exceed_the_limit(app: TestApp) {
    let browser = signed_in(&app).await;
    set_counter(&app, 590, app.now()).await;
    let all = (0..30).map(|_| {
        let mut browser = browser.clone();
        async move { browser.post(EXTEND, json!({})).await.status }
    });
    let passed = join_all(all).await.into_iter().filter(|status| *status == 200).count();
    assert_eq!(passed, 10);
}

async fn signing_out_and_reading_are_not_limited(app: TestApp) {
    let mut browser = signed_in(&app).await;
    set_counter(&app, 601, app.now()).await;
    browser.get(SESSION).await.expect(200);
    browser.navigate("/account").await.expect(200);
    // Requests without the session don't count.
    app.browser().post("/api/preferences", json!({ "theme": "dark" })).await.expect(200);
    browser.post(LOGOUT, json!({})).await.expect(200);
    assert_eq!(app.live_sessions().await, 0);
}

async fn every_mutation_is_limited(app: TestApp) {
    let mut browser = signed_in(&app).await;
    set_counter(&app, 601, app.now()).await;
    let before = app.database.dump().await;
    for path in mutations().into_iter().chain(["/api/account/picture", "/api/nothing"]).filter(|path| *path != LOGOUT) {
        let ask = browser.fetch("POST", path).with_token();
        let ask = match path {
            "/api/account/picture" => ask.body("multipart/form-data; boundary=x", "--x--"),
            _ => ask.json(&json!({})),
        };
        ask.send().await.refused(429, "too_many_requests");
    }
    // A request without the CSRF token is refused before it is counted.
    browser.fetch("POST", EXTEND).send().await.refused(403, "csrf_failed");
    assert_eq!(app.database.dump().await, before, "a refused request writes nothing");
}

async fn a_window_in_the_future_restarts_now(app: TestApp) {
    let mut browser = signed_in(&app).await;
    let ahead = app.now() + 400 * DAY.as_millis() as i64;
    set_counter(&app, 3, ahead).await;
    browser.post(EXTEND, json!({})).await.expect(200);
    set_counter(&app, 601, ahead).await;
    let refused = browser.post(EXTEND, json!({})).await.refused(429, "too_many_requests");
    assert_eq!(refused["remainingSeconds"], 300);
    app.pass(5 * MINUTE);
    browser.post(EXTEND, json!({})).await.expect(200);
}

async fn every_session_has_its_own_limit(app: TestApp) {
    let mut one = signed_in(&app).await;
    set_counter(&app, 601, app.now()).await;
    let ayse = app.existing_person("ayse").await;
    let mut other = app.signed_in_without_hashing(&ayse).await;
    one.post(EXTEND, json!({})).await.refused(429, "too_many_requests");
    other.post(EXTEND, json!({})).await.expect(200);
}

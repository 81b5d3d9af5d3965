//! Concurrent attempts are evaluated in turn, and refused ones cost others nothing.

use futures::future::join_all;
use serde_json::json;

use super::{WRONG, fail, lock};
use crate::support::{Answer, Browser, LOGIN, TestApp};

both![
    twelve_concurrent_right_sign_ins_all_succeed,
    concurrent_right_confirmations_all_succeed,
    concurrent_right_and_wrong_attempts_are_counted_in_turn,
    a_locked_out_attempt_needs_no_place_in_the_hashing_pool,
    a_limited_address_needs_no_place_in_the_hashing_pool,
    failed_attempts_follow_the_user_to_a_new_email,
    a_user_who_takes_an_email_does_not_inherit_its_failures,
];

async fn ready(app: &TestApp, count: usize) -> Vec<Browser> {
    let mut browsers: Vec<Browser> = (0..count).map(|_| app.browser()).collect();
    for browser in &mut browsers {
        browser.ensure_token().await;
    }
    browsers
}

async fn twelve_concurrent_right_sign_ins_all_succeed(app: TestApp) {
    let ayse = app.person("ayse").await;
    for _ in 0..3 {
        let mut browsers = ready(&app, 12).await;
        let answers = join_all(browsers.iter_mut().map(|browser| browser.try_password(&ayse.email, &ayse.password)));
        expect_all_right(answers.await);
    }
    assert_eq!(app.database.number("SELECT count(*) FROM attempts").await, 0, "a success leaves no attempt behind");
}

async fn concurrent_right_confirmations_all_succeed(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browsers = Vec::new();
    for _ in 0..12 {
        browsers.push(app.signed_in_without_hashing(&ayse).await);
    }
    let body = json!({ "password": ayse.password });
    expect_all_right(
        join_all(browsers.iter_mut().map(|browser| browser.post("/api/auth/confirm", body.clone()))).await,
    );
}

/// Asserts that no right attempt is refused because of the others. On a machine whose hash
/// takes seconds, the last attempts may time out.
fn expect_all_right(answers: Vec<Answer>) {
    let waited = answers.iter().filter(|answer| answer.status == 503).count();
    assert!(answers.iter().all(|answer| [200, 503].contains(&answer.status)), "{answers:?}");
    assert!(waited < answers.len() / 2, "{answers:?}");
}

async fn concurrent_right_and_wrong_attempts_are_counted_in_turn(app: TestApp) {
    let ayse = app.person("ayse").await;
    for _ in 0..5 {
        let passwords = [WRONG, WRONG, &ayse.password, WRONG, WRONG, &ayse.password, WRONG, WRONG];
        let mut browsers = ready(&app, passwords.len()).await;
        let sent =
            browsers.iter_mut().zip(passwords).map(|(browser, password)| browser.try_password(&ayse.email, password));
        let answers = join_all(sent).await;
        for (answer, password) in answers.iter().zip(passwords) {
            // A right attempt among the six wrong ones clears the counter, so a lockout needs five wrong ones in a row.
            assert!([200, 401, 429].contains(&answer.status), "{answer}");
            assert!(password == WRONG || answer.status != 401, "{answer}");
        }
        app.lift_lockout(&ayse.email).await;
    }
}

/// All places of the hashing pool are taken, so an attempt that hashes gets `unavailable`.
async fn a_locked_out_attempt_needs_no_place_in_the_hashing_pool(app: TestApp) {
    let (ayse, mehmet) = (app.person("ayse").await, app.person("mehmet").await);
    let mut browser = app.signed_in(&ayse).await;
    lock(&app, &ayse.email).await;
    lock(&app, "nobody@example.org").await;
    for _ in 0..5 {
        browser.post("/api/auth/confirm", json!({ "password": WRONG })).await.expect(422);
    }
    let places: Vec<_> = std::iter::from_fn(|| app.state.hasher.reserve().ok()).collect();
    fail(&app, &mehmet.email).await.refused(503, "unavailable");
    for email in [ayse.email.as_str(), "nobody@example.org"] {
        fail(&app, email).await.refused(429, "account_locked");
        app.browser().try_password(email, &ayse.password).await.refused(429, "account_locked");
    }
    let change = json!({ "currentPassword": WRONG, "newPassword": "bozkırda sessiz bir tren 12 vagon" });
    browser.post("/api/auth/confirm", json!({ "password": WRONG })).await.refused(429, "account_locked");
    browser.post("/api/account/password", change).await.refused(429, "account_locked");
    drop(places);
    app.browser().sign_in(&mehmet).await;
}

async fn a_limited_address_needs_no_place_in_the_hashing_pool(app: TestApp) {
    let ayse = app.person("ayse").await;
    app.set_policy("addressLimit", "10").await;
    for number in 0..10 {
        let guess = format!("guess{number}@example.org");
        app.browser().at_address("192.0.2.1").try_password(&guess, WRONG).await.expect(401);
    }
    let places: Vec<_> = std::iter::from_fn(|| app.state.hasher.reserve().ok()).collect();
    for email in [ayse.email.as_str(), "nobody@example.org", "guess0@example.org"] {
        app.browser().at_address("192.0.2.1").try_password(email, WRONG).await.refused(429, "too_many_requests");
        app.browser().at_address("192.0.2.2").try_password(email, WRONG).await.refused(503, "unavailable");
    }
    drop(places);
    let mut browsers = ready(&app, 10).await;
    let sent = browsers.iter_mut().map(|browser| browser.try_password(&ayse.email, &ayse.password));
    assert!(join_all(sent).await.iter().all(|answer| answer.status == 200));
}

async fn failed_attempts_follow_the_user_to_a_new_email(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    browser.jar.remove("device");
    let mut guess = async |left: Option<u32>| {
        let answer = browser.post("/api/auth/confirm", json!({ "password": WRONG })).await;
        match left {
            Some(left) => assert_eq!(answer.refused(422, "validation_failed")["remainingAttempts"], left),
            None => drop(answer.refused(429, "account_locked")),
        }
    };
    for left in [4, 3] {
        guess(Some(left)).await;
    }
    let mut other = app.signed_in(&ayse).await;
    for left in [4, 3, 2] {
        guess(Some(left)).await;
    }
    other.post("/api/account/profile", json!({ "email": "yeni@example.org" })).await.expect(200);
    for left in [1, 0] {
        guess(Some(left)).await;
    }
    guess(None).await;
    other.post("/api/account/profile", json!({ "email": "daha.yeni@example.org" })).await.expect(200);
    guess(None).await;
    fail(&app, "daha.yeni@example.org").await.refused(429, "account_locked");
    // The old email has no account now, so its counter starts anew.
    assert_eq!(fail(&app, &ayse.email).await.refused(401, "invalid_credentials")["remainingAttempts"], 4);
}

async fn a_user_who_takes_an_email_does_not_inherit_its_failures(app: TestApp) {
    let ayse = app.person("ayse").await;
    lock(&app, "wanted@example.org").await;
    let mut browser = app.signed_in(&ayse).await;
    browser.post("/api/account/profile", json!({ "email": "wanted@example.org" })).await.expect(200);
    app.browser().post(LOGIN, json!({ "email": "wanted@example.org", "password": ayse.password })).await.expect(200);
}

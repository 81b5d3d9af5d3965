//! Attempts that come at once take turns, and who is refused takes nothing from others.

use futures::future::join_all;
use serde_json::json;

use super::{WRONG, fail, lock};
use crate::support::{Answer, Browser, LOGIN, TestApp};

both![
    twelve_right_sign_ins_at_once_all_succeed,
    right_confirmations_at_once_all_succeed,
    right_and_wrong_ones_at_once_are_counted_one_after_the_other,
    who_is_locked_out_needs_no_place_at_the_hash,
    an_address_at_its_limit_needs_no_place_at_the_hash,
    guesses_are_the_persons_whatever_their_email,
    a_person_who_takes_an_email_does_not_take_over_its_count,
];

async fn ready(app: &TestApp, count: usize) -> Vec<Browser> {
    let mut browsers: Vec<Browser> = (0..count).map(|_| app.browser()).collect();
    for browser in &mut browsers {
        browser.ready().await;
    }
    browsers
}

async fn twelve_right_sign_ins_at_once_all_succeed(app: TestApp) {
    let ayse = app.person("ayse").await;
    for _ in 0..3 {
        let mut browsers = ready(&app, 12).await;
        let answers = join_all(browsers.iter_mut().map(|browser| browser.try_password(&ayse.email, &ayse.password)));
        all_right(answers.await);
    }
    assert_eq!(app.database.number("SELECT count(*) FROM attempts").await, 0, "nothing is left of a success");
}

async fn right_confirmations_at_once_all_succeed(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browsers = Vec::new();
    for _ in 0..12 {
        browsers.push(app.let_in(&ayse).await);
    }
    let body = json!({ "password": ayse.password });
    all_right(join_all(browsers.iter_mut().map(|browser| browser.post("/api/auth/confirm", body.clone()))).await);
}

/// Nobody is refused for those beside them. (A machine that takes seconds for a
/// hash makes the last ones wait for longer than anybody does.)
fn all_right(answers: Vec<Answer>) {
    let waited = answers.iter().filter(|answer| answer.status == 503).count();
    assert!(answers.iter().all(|answer| [200, 503].contains(&answer.status)), "{answers:?}");
    assert!(waited < answers.len() / 2, "{answers:?}");
}

async fn right_and_wrong_ones_at_once_are_counted_one_after_the_other(app: TestApp) {
    let ayse = app.person("ayse").await;
    for _ in 0..5 {
        let passwords = [WRONG, WRONG, &ayse.password, WRONG, WRONG, &ayse.password, WRONG, WRONG];
        let mut browsers = ready(&app, passwords.len()).await;
        let sent =
            browsers.iter_mut().zip(passwords).map(|(browser, password)| browser.try_password(&ayse.email, password));
        let answers = join_all(sent).await;
        for (answer, password) in answers.iter().zip(passwords) {
            // Six wrong ones with a right one between at most five: nobody meets a lock before the fifth in a row.
            assert!([200, 401, 429].contains(&answer.status), "{answer}");
            assert!(password == WRONG || answer.status != 401, "{answer}");
        }
        app.lift(&ayse.email).await;
    }
}

/// Every place at the hash is taken: who needs one is told `unavailable`.
async fn who_is_locked_out_needs_no_place_at_the_hash(app: TestApp) {
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

async fn an_address_at_its_limit_needs_no_place_at_the_hash(app: TestApp) {
    let ayse = app.person("ayse").await;
    app.set_policy("addressLimit", "10").await;
    for number in 0..10 {
        let guess = format!("guess{number}@example.org");
        app.browser().at("192.0.2.1").try_password(&guess, WRONG).await.expect(401);
    }
    let places: Vec<_> = std::iter::from_fn(|| app.state.hasher.reserve().ok()).collect();
    for email in [ayse.email.as_str(), "nobody@example.org", "guess0@example.org"] {
        app.browser().at("192.0.2.1").try_password(email, WRONG).await.refused(429, "too_many_requests");
        app.browser().at("192.0.2.2").try_password(email, WRONG).await.refused(503, "unavailable");
    }
    drop(places);
    let mut browsers = ready(&app, 10).await;
    let sent = browsers.iter_mut().map(|browser| browser.try_password(&ayse.email, &ayse.password));
    assert!(join_all(sent).await.iter().all(|answer| answer.status == 200));
}

async fn guesses_are_the_persons_whatever_their_email(app: TestApp) {
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
    // The old address is nobody's now.
    assert_eq!(fail(&app, &ayse.email).await.refused(401, "invalid_credentials")["remainingAttempts"], 4);
}

async fn a_person_who_takes_an_email_does_not_take_over_its_count(app: TestApp) {
    let ayse = app.person("ayse").await;
    lock(&app, "wanted@example.org").await;
    let mut browser = app.signed_in(&ayse).await;
    browser.post("/api/account/profile", json!({ "email": "wanted@example.org" })).await.expect(200);
    app.browser().post(LOGIN, json!({ "email": "wanted@example.org", "password": ayse.password })).await.expect(200);
}

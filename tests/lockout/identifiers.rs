//! The limit of wrong passwords per identifier, whether it exists or not.

use futures::future::join_all;
use serde_json::Value;

use super::{WRONG, fail, lock};
use crate::support::{Answer, HOUR, LOGIN, MINUTE, SECOND, TestApp};

both![
    the_fifth_failure_is_401_and_the_sixth_is_locked,
    an_unknown_email_is_locked_out_with_the_same_responses,
    a_locked_identifier_refuses_the_right_password,
    attempts_during_a_lockout_do_not_extend_it,
    a_lockout_ends_by_itself_and_the_counter_restarts,
    a_success_clears_the_counter,
    failures_count_in_a_sliding_window,
    every_spelling_of_an_email_is_one_identifier,
    a_lockout_affects_one_identifier,
    a_lockout_ends_no_session,
    the_policy_sets_attempts_window_and_duration,
    a_lockout_survives_a_restart,
    concurrent_guesses_use_exactly_the_allowed_attempts,
    a_right_guess_among_wrong_ones_never_allows_a_sixth,
    a_form_shows_the_lockout,
    the_sweep_deletes_expired_counters,
];

async fn the_fifth_failure_is_401_and_the_sixth_is_locked(app: TestApp) {
    let ayse = app.person("ayse").await;
    lock(&app, &ayse.email).await;
    let answer = fail(&app, &ayse.email).await.expect(429);
    assert_eq!(
        answer.text(),
        r#"{"success":false,"error":"Too many failed attempts. Signing in is locked for a while.","code":"account_locked","remainingSeconds":1800}"#
    );
    assert_eq!(answer.header("retry-after"), Some("1800"));
}

async fn an_unknown_email_is_locked_out_with_the_same_responses(app: TestApp) {
    app.person("ayse").await;
    app.disable(&app.person("zeynep").await).await;
    app.invited("irmak").await;
    let mut wanted = Vec::new();
    for email in ["ayse@example.org", "nobody@example.org", "zeynep@example.org", "irmak@example.org"] {
        let mut answers = Vec::new();
        for _ in 0..7 {
            answers.push(fail(&app, email).await.fingerprint());
        }
        if wanted.is_empty() {
            wanted.clone_from(&answers);
        }
        assert_eq!(answers, wanted, "{email}");
    }
}

async fn a_locked_identifier_refuses_the_right_password(app: TestApp) {
    let ayse = app.person("ayse").await;
    lock(&app, &ayse.email).await;
    let wrong = fail(&app, &ayse.email).await;
    let right = app.browser().try_password(&ayse.email, &ayse.password).await;
    right.refused(429, "account_locked");
    assert_eq!(right.fingerprint(), wrong.fingerprint());
    assert_eq!(app.database.number("SELECT count(*) FROM sessions").await, 0);
}

async fn attempts_during_a_lockout_do_not_extend_it(app: TestApp) {
    let ayse = app.person("ayse").await;
    lock(&app, &ayse.email).await;
    for minute in 1..=29 {
        app.pass(MINUTE);
        let body = fail(&app, &ayse.email).await.refused(429, "account_locked");
        assert_eq!(body["remainingSeconds"], 1800 - 60 * minute);
    }
    app.pass(MINUTE - SECOND / 2);
    assert_eq!(fail(&app, &ayse.email).await.refused(429, "account_locked")["remainingSeconds"], 1, "rounded up");
    app.pass(SECOND);
    app.browser().sign_in(&ayse).await;
}

async fn a_lockout_ends_by_itself_and_the_counter_restarts(app: TestApp) {
    let ayse = app.person("ayse").await;
    lock(&app, &ayse.email).await;
    app.pass(30 * MINUTE + SECOND);
    lock(&app, &ayse.email).await;
    fail(&app, &ayse.email).await.refused(429, "account_locked");
}

async fn a_success_clears_the_counter(app: TestApp) {
    let ayse = app.person("ayse").await;
    for _ in 0..3 {
        for left in [4, 3, 2, 1] {
            assert_eq!(fail(&app, &ayse.email).await.refused(401, "invalid_credentials")["remainingAttempts"], left);
        }
        app.browser().sign_in(&ayse).await;
    }
}

async fn failures_count_in_a_sliding_window(app: TestApp) {
    let ayse = app.person("ayse").await;
    let left =
        || async { fail(&app, &ayse.email).await.refused(401, "invalid_credentials")["remainingAttempts"].clone() };
    for wanted in [4, 3, 2] {
        assert_eq!(left().await, wanted);
    }
    app.pass(10 * MINUTE);
    assert_eq!(left().await, 1);
    app.pass(5 * MINUTE + SECOND);
    // The window slides: the first three failures have left it, the fourth has not.
    for wanted in [3, 2, 1, 0] {
        assert_eq!(left().await, wanted);
    }
    fail(&app, &ayse.email).await.refused(429, "account_locked");
}

async fn every_spelling_of_an_email_is_one_identifier(app: TestApp) {
    app.person("irmak").await;
    for (spelling, left) in [
        ("irmak@example.org", 4),
        ("IRMAK@EXAMPLE.ORG", 3),
        (" irmak@example.org ", 2),
        ("irmak＠example.org", 1),
        ("ｉrmak@example.org", 0),
    ] {
        assert_eq!(
            fail(&app, spelling).await.refused(401, "invalid_credentials")["remainingAttempts"],
            left,
            "{spelling}"
        );
    }
    fail(&app, "Irmak@Example.Org").await.refused(429, "account_locked");
}

async fn a_lockout_affects_one_identifier(app: TestApp) {
    let mehmet = app.person("mehmet").await;
    lock(&app, "ayse@example.org").await;
    app.browser().sign_in(&mehmet).await;
    assert_eq!(fail(&app, "ayse2@example.org").await.refused(401, "invalid_credentials")["remainingAttempts"], 4);
}

async fn a_lockout_ends_no_session(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    lock(&app, &ayse.email).await;
    assert!(browser.is_signed_in().await);
    browser.navigate("/").await.expect(200);
}

async fn the_policy_sets_attempts_window_and_duration(app: TestApp) {
    let ayse = app.person("ayse").await;
    for (key, value) in [("maxAttempts", "3"), ("attemptWindowMinutes", "1"), ("lockoutMinutes", "2")] {
        app.set_policy(key, value).await;
    }
    let left =
        || async { fail(&app, &ayse.email).await.refused(401, "invalid_credentials")["remainingAttempts"].clone() };
    assert_eq!((left().await, left().await), (Value::from(2), Value::from(1)));
    app.pass(MINUTE + SECOND);
    assert_eq!((left().await, left().await, left().await), (Value::from(2), Value::from(1), Value::from(0)));
    assert_eq!(fail(&app, &ayse.email).await.refused(429, "account_locked")["remainingSeconds"], 120);
    app.pass(2 * MINUTE + SECOND);
    app.set_policy("maxAttempts", "10").await;
    for wanted in (0..10).rev() {
        assert_eq!(left().await, wanted);
    }
    fail(&app, &ayse.email).await.refused(429, "account_locked");
}

async fn a_lockout_survives_a_restart(app: TestApp) {
    let ayse = app.person("ayse").await;
    for _ in 0..4 {
        fail(&app, &ayse.email).await;
    }
    let app = app.restarted().await;
    assert_eq!(fail(&app, &ayse.email).await.refused(401, "invalid_credentials")["remainingAttempts"], 0);
    let app = app.restarted().await;
    fail(&app, &ayse.email).await.refused(429, "account_locked");
}

/// Sends one guess per password concurrently, from browsers that hold a CSRF token.
async fn all_at_once(app: &TestApp, email: &str, passwords: &[&str]) -> Vec<Answer> {
    let mut browsers = Vec::new();
    for _ in passwords {
        let mut browser = app.browser();
        browser.ensure_token().await;
        browsers.push(browser);
    }
    let guesses = browsers.into_iter().zip(passwords).map(|(mut browser, password)| {
        let (email, password) = (email.to_owned(), (*password).to_owned());
        tokio::spawn(async move { browser.try_password(&email, &password).await })
    });
    join_all(guesses).await.into_iter().map(|guess| guess.expect("an answer")).collect()
}

async fn concurrent_guesses_use_exactly_the_allowed_attempts(app: TestApp) {
    for email in ["ayse@example.org", "nobody@example.org"] {
        if email.starts_with("ayse") {
            app.person("ayse").await;
        }
        let mut answers = all_at_once(&app, email, &[WRONG; 20]).await;
        // Guesses that the queue refused or that timed out were not counted, so the rest follows here.
        while answers.last().is_none_or(|answer| answer.status != 429) {
            answers.push(fail(&app, email).await);
        }
        let evaluated = answers.iter().filter(|a| a.status == 401);
        let mut left: Vec<i64> =
            evaluated.map(|a| a.refused(401, "invalid_credentials")["remainingAttempts"].as_i64().unwrap()).collect();
        left.sort_unstable();
        assert_eq!(left, [0, 1, 2, 3, 4], "{email}");
        for other in answers.iter().filter(|a| a.status != 401) {
            match other.status {
                503 => other.refused(503, "unavailable"),
                _ => other.refused(429, "account_locked"),
            };
        }
    }
}

async fn a_right_guess_among_wrong_ones_never_allows_a_sixth(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut passwords = vec![WRONG; 11];
    passwords.push(&ayse.password);
    let answers = all_at_once(&app, &ayse.email, &passwords).await;
    let right = answers.last().unwrap();
    assert!([200, 429].contains(&right.status), "{right}");
    let evaluated = answers.iter().filter(|a| a.status == 401).count();
    match right.status {
        // The right guess used one of the five attempts and cleared the counter, so one more round could follow.
        200 => assert!(evaluated <= 4 + 5, "{evaluated} wrong guesses were evaluated"),
        _ => assert_eq!(evaluated, 5),
    }
}

async fn a_form_shows_the_lockout(app: TestApp) {
    lock(&app, "ayse@example.org").await;
    let mut browser = app.browser();
    let answer = browser.submit("/login", LOGIN, &[("email", "ayse@example.org"), ("password", WRONG)]).await;
    assert_eq!(answer.see_other(), "/login?error=account_locked");
    let page = browser.navigate("/login?error=account_locked").await.expect(200);
    assert!(page.text().contains("Signing in is locked"), "{page}");
}

async fn the_sweep_deletes_expired_counters(app: TestApp) {
    lock(&app, "ayse@example.org").await;
    fail(&app, "mehmet@example.org").await;
    app.sweep().await;
    assert_eq!(app.database.number("SELECT count(*) FROM buckets").await, 3, "the counters are still in force");
    fail(&app, "ayse@example.org").await.refused(429, "account_locked");
    app.pass(HOUR);
    app.sweep().await;
    assert_eq!(app.database.number("SELECT count(*) FROM buckets").await, 0);
    assert_eq!(app.database.number("SELECT count(*) FROM attempts").await, 0);
}

//! Changing the password needs the current one and ends all other sessions.

use futures::future::join_all;
use serde_json::{Value, json};

use crate::support::{Answer, Browser, HOUR, MINUTE, PASSWORD, SESSION, TestApp};

both![
    the_new_password_counts_and_the_old_one_does_not,
    all_other_sessions_end_with_their_reason,
    this_session_continues_with_a_new_id,
    the_old_id_is_refused_at_once_and_the_session_lives_on,
    the_cookie_keeps_its_remaining_time,
    a_wrong_current_password_counts_towards_lockout,
    a_locked_user_cannot_change_the_password,
    a_success_clears_the_failed_attempts,
    failures_count_for_the_address_limit_too,
    a_refused_new_password_counts_no_attempt,
    the_current_password_is_verified_before_the_new_one_is_checked,
    missing_fields_are_named,
    unknown_and_mistyped_fields_are_refused,
    open_links_of_the_user_are_invalidated,
    device_cookies_of_other_browsers_are_invalidated,
    one_of_several_concurrent_changes_succeeds,
    a_concurrent_sign_in_with_the_old_password_is_ended,
    an_ended_session_changes_nothing,
    other_users_are_unaffected,
    the_audit_log_records_the_change_without_passwords,
    the_account_page_lists_the_change_among_the_sign_ins,
    it_works_without_wasm,
    the_wrong_field_is_named_without_wasm,
];

const CHANGE: &str = "/api/account/password";
const NEW: &str = "bozkırda sessiz bir tren 12 vagon";
const WRONG: &str = "bu parola hiç doğru değil";

async fn change(browser: &mut Browser, current: &str, new: &str) -> Answer {
    browser.post(CHANGE, json!({ "currentPassword": current, "newPassword": new })).await
}

/// Asserts that this field is the only invalid one, and returns its message.
#[track_caller]
fn field(answer: &Answer, name: &str) -> String {
    let body = answer.refused(422, "validation_failed");
    let fields = body["fields"].as_object().expect("fields");
    assert_eq!(fields.keys().collect::<Vec<_>>(), [name], "{answer}");
    fields[name].as_str().expect("a text").to_owned()
}

async fn the_new_password_counts_and_the_old_one_does_not(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    assert_eq!(change(&mut browser, PASSWORD, NEW).await.text(), r#"{"success":true,"data":{"ended":0}}"#);
    app.browser().try_password(&ayse.email, PASSWORD).await.refused(401, "invalid_credentials");
    app.browser().try_password(&ayse.email, NEW).await.expect(200);
}

async fn all_other_sessions_end_with_their_reason(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut others = [app.signed_in(&ayse).await, app.remembered(&ayse).await];
    let mut browser = app.signed_in(&ayse).await;
    assert_eq!(change(&mut browser, PASSWORD, NEW).await.data()["ended"], 2);
    for other in &mut others {
        assert_eq!(other.get(SESSION).await.refused(401, "unauthenticated")["reason"], "password_changed");
    }
    assert!(browser.is_signed_in().await);
    let by = app.database.texts("SELECT DISTINCT ended_by FROM sessions WHERE ended_at IS NOT NULL").await;
    assert_eq!(by, [[ayse.id]]);
}

async fn this_session_continues_with_a_new_id(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    let (before, token) = (browser.session().unwrap(), browser.token());
    let answer = change(&mut browser, PASSWORD, NEW).await;
    assert_eq!(answer.cookies().iter().filter(|c| c.name == "auth-session").count(), 1, "{answer}");
    let (old, new) = (app.open_session(&before), app.open_session(&browser.session().unwrap()));
    assert_ne!(old.session_id, new.session_id);
    assert_eq!((old.user_id, old.expire), (new.user_id, new.expire));
    assert_eq!(app.database.number("SELECT count(*) FROM sessions").await, 1, "the session is the same");
    assert_eq!(browser.token(), token, "the session's CSRF token is still valid");
    assert_eq!(change(&mut browser, NEW, PASSWORD).await.status, 200);
}

async fn the_old_id_is_refused_at_once_and_the_session_lives_on(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    let mut copy = browser.clone();
    change(&mut browser, PASSWORD, NEW).await.expect(200);
    copy.get(SESSION).await.refused(401, "unauthenticated");
    app.pass(MINUTE);
    copy.get(SESSION).await.refused(401, "unauthenticated");
    assert!(browser.is_signed_in().await);
    let retired = "SELECT count(*) FROM retired_ids WHERE harmless";
    assert_eq!(app.database.number(retired).await, 1);
}

async fn the_cookie_keeps_its_remaining_time(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.remembered(&ayse).await;
    app.pass(HOUR);
    let answer = change(&mut browser, PASSWORD, NEW).await.expect(200);
    assert_eq!(answer.cookie("auth-session").unwrap().max_age(), Some(30 * 86_400 - 3600));
}

async fn a_wrong_current_password_counts_towards_lockout(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    for left in (0..5).rev() {
        let answer = change(&mut browser, WRONG, NEW).await;
        assert_eq!(field(&answer, "currentPassword"), "That is not your password.");
        assert_eq!(answer.json()["remainingAttempts"], left);
    }
    let locked = change(&mut browser, WRONG, NEW).await.refused(429, "account_locked");
    assert_eq!(locked["remainingSeconds"], 1800);
    assert!(browser.is_signed_in().await, "a lockout ends no session");
    browser.try_password(&ayse.email, PASSWORD).await.refused(429, "account_locked");
    assert_eq!(app.audited("locked").await, 1);
}

async fn a_locked_user_cannot_change_the_password(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    for _ in 0..5 {
        change(&mut browser, WRONG, NEW).await.expect(422);
    }
    change(&mut browser, PASSWORD, NEW).await.refused(429, "account_locked");
    app.pass(30 * MINUTE);
    change(&mut browser, PASSWORD, NEW).await.expect(200);
}

async fn a_success_clears_the_failed_attempts(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    for _ in 0..4 {
        change(&mut browser, WRONG, NEW).await.expect(422);
    }
    change(&mut browser, PASSWORD, NEW).await.expect(200);
    assert_eq!(change(&mut browser, WRONG, PASSWORD).await.json()["remainingAttempts"], 4);
}

async fn failures_count_for_the_address_limit_too(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    // Without the device cookie, the owner's browser counts like any other.
    browser.jar.remove("device");
    app.set_policy("addressLimit", "10").await;
    for number in 0..9 {
        app.browser().try_password(&format!("nobody{number}@example.org"), WRONG).await.expect(401);
    }
    change(&mut browser, WRONG, NEW).await.expect(422);
    change(&mut browser, PASSWORD, NEW).await.refused(429, "too_many_requests");
}

async fn a_refused_new_password_counts_no_attempt(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    for (bad, text) in [
        ("", "Use at least 15 characters."),
        ("on dört harfli", "Use at least 15 characters."),
        ("passwordpassword", "This password is too easy to guess. Several unrelated words work well."),
        ("Yılmaz ve uzun bir yol hikayesi", "The password must not contain your name or email."),
        (PASSWORD, "Choose a password that differs from the current one."),
    ] {
        assert_eq!(field(&change(&mut browser, PASSWORD, bad).await, "newPassword"), text);
    }
    let long = "uzun bir yolda ".repeat(9);
    assert_eq!(field(&change(&mut browser, PASSWORD, &long).await, "newPassword"), "Use at most 128 characters.");
    // The same password in other code points is the same password.
    let decomposed = PASSWORD.replace('ç', "c\u{327}");
    assert_ne!(decomposed, PASSWORD);
    field(&change(&mut browser, PASSWORD, &decomposed).await, "newPassword");
    assert_eq!(app.database.number("SELECT count(*) FROM attempts WHERE bucket NOT LIKE 'address:%'").await, 0);
    app.set_policy("passwordMinLength", "40").await;
    assert_eq!(field(&change(&mut browser, PASSWORD, NEW).await, "newPassword"), "Use at least 40 characters.");
}

/// Checking a new password takes time on the pool that also hashes passwords. Only a
/// caller whose attempt was counted may use it.
async fn the_current_password_is_verified_before_the_new_one_is_checked(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    let costly = "4@8({[<3691!|70$5+%2".repeat(5);
    for (new, left) in [("passwordpassword", 4), (&costly, 3), (&"qwertyuiop".repeat(12), 2)] {
        let answer = change(&mut browser, WRONG, new).await;
        assert_eq!(field(&answer, "currentPassword"), "That is not your password.");
        assert_eq!(answer.json()["remainingAttempts"], left);
    }
    let places: Vec<_> = std::iter::from_fn(|| app.state.hasher.reserve().ok()).collect();
    for new in ["passwordpassword", &costly] {
        change(&mut browser, PASSWORD, new).await.refused(503, "unavailable");
    }
    drop(places);
    // The right current password clears the failed attempts, even when the new password is refused.
    field(&change(&mut browser, PASSWORD, "passwordpassword").await, "newPassword");
    assert_eq!(change(&mut browser, WRONG, NEW).await.json()["remainingAttempts"], 4);
    change(&mut browser, PASSWORD, &costly).await.expect(200);
}

async fn missing_fields_are_named(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    for blank in [json!({}), json!({ "newPassword": NEW }), json!({ "currentPassword": "", "newPassword": NEW })] {
        assert_eq!(field(&browser.post(CHANGE, blank).await, "currentPassword"), "Enter your current password.");
    }
    field(&browser.post(CHANGE, json!({ "currentPassword": PASSWORD })).await, "newPassword");
    let long = "x".repeat(129);
    field(&change(&mut browser, &long, NEW).await, "currentPassword");
}

async fn unknown_and_mistyped_fields_are_refused(app: TestApp) {
    let (ayse, mehmet) = (app.person("ayse").await, app.person("mehmet").await);
    let mut browser = app.signed_in(&ayse).await;
    for bad in [
        json!({ "currentPassword": PASSWORD, "newPassword": NEW, "userId": mehmet.id }),
        json!({ "currentPassword": PASSWORD, "newPassword": null }),
        json!({ "currentPassword": 1, "newPassword": NEW }),
        json!([PASSWORD, NEW]),
    ] {
        browser.post(CHANGE, bad).await.refused(400, "invalid_request");
    }
    app.browser().try_password(&ayse.email, PASSWORD).await.expect(200);
}

async fn open_links_of_the_user_are_invalidated(app: TestApp) {
    let ayse = app.person("ayse").await;
    app.invited_again("ayse").await;
    let open = "SELECT count(*) FROM links WHERE used_at IS NULL";
    assert_eq!(app.database.number(open).await, 1);
    app.invited("irmak").await;
    change(&mut app.signed_in(&ayse).await, PASSWORD, NEW).await.expect(200);
    assert_eq!(app.database.number(open).await, 1, "another user's link stays");
}

async fn device_cookies_of_other_browsers_are_invalidated(app: TestApp) {
    let ayse = app.person("ayse").await;
    app.person("mehmet").await;
    let epochs = "SELECT CAST(device_epoch AS TEXT) FROM users ORDER BY email";
    assert_eq!(app.database.texts(epochs).await, [["0"], ["0"]]);
    let mut browser = app.signed_in(&ayse).await;
    let before = browser.jar.get("device").cloned();
    let answer = change(&mut browser, PASSWORD, NEW).await.expect(200);
    assert_eq!(app.database.texts(epochs).await, [["1"], ["0"]]);
    assert!(answer.cookie("device").is_some_and(|cookie| Some(cookie.value) != before), "this browser gets a new one");
    // The new device cookie has the new epoch: this browser signs in although strangers locked the identifier.
    for _ in 0..5 {
        app.browser().at_address("203.0.113.66").try_password(&ayse.email, WRONG).await.expect(401);
    }
    browser.try_password(&ayse.email, NEW).await.expect(200);
}

async fn one_of_several_concurrent_changes_succeeds(app: TestApp) {
    let ayse = app.person("ayse").await;
    let browser = app.signed_in(&ayse).await;
    let changes = (0..4).map(|number| {
        let mut browser = browser.clone();
        async move { change(&mut browser, PASSWORD, &format!("{NEW} {number}")).await.status }
    });
    let statuses = join_all(changes).await;
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| [200, 401, 409, 422].contains(status)), "{statuses:?}");
    assert_eq!(app.database.number("SELECT device_epoch FROM users").await, 1);
    assert_eq!(app.database.number("SELECT count(*) FROM sessions WHERE ended_at IS NULL").await, 1);
}

async fn a_concurrent_sign_in_with_the_old_password_is_ended(app: TestApp) {
    let ayse = app.person("ayse").await;
    let (mut old, mut new) = (PASSWORD.to_owned(), format!("{NEW} 0"));
    let mut browser = app.signed_in(&ayse).await;
    for number in 1..=8 {
        let mut thief = app.browser().at_address("203.0.113.66");
        thief.ensure_token().await;
        let (changed, _) = tokio::join!(change(&mut browser, &old, &new), thief.try_password(&ayse.email, &old));
        changed.expect(200);
        assert!(!thief.is_signed_in().await, "round {number}");
        (old, new) = (new, format!("{NEW} {number}"));
    }
}

async fn an_ended_session_changes_nothing(app: TestApp) {
    let ayse = app.person("ayse").await;
    let (mut one, mut two) = (app.signed_in(&ayse).await, app.signed_in(&ayse).await);
    two.post("/api/account/sessions/end-others", json!({})).await.expect(200);
    change(&mut one, PASSWORD, NEW).await.refused(401, "unauthenticated");
    app.browser().try_password(&ayse.email, PASSWORD).await.expect(200);
}

async fn other_users_are_unaffected(app: TestApp) {
    let (ayse, mehmet) = (app.person("ayse").await, app.person("mehmet").await);
    let mut his = app.signed_in(&mehmet).await;
    change(&mut app.signed_in(&ayse).await, PASSWORD, NEW).await.expect(200);
    assert!(his.is_signed_in().await);
    app.browser().try_password(&mehmet.email, PASSWORD).await.expect(200);
}

async fn the_audit_log_records_the_change_without_passwords(app: TestApp) {
    let ayse = app.person("ayse").await;
    app.signed_in(&ayse).await;
    let mut browser = app.signed_in(&ayse).await;
    change(&mut browser, WRONG, NEW).await.expect(422);
    change(&mut browser, PASSWORD, NEW).await.expect(200);
    let rows = app
        .database
        .texts("SELECT actor, target, result, details FROM audit WHERE action = 'password_changed' ORDER BY id")
        .await;
    let id = ayse.id;
    let row = |result: &str, details: &str| [&id, &id, result, details].map(str::to_owned);
    assert_eq!(rows, [row("success", r#"{"ended":1}"#)]);
    let ended = app.database.texts("SELECT details FROM audit WHERE action = 'session_ended'").await;
    assert_eq!(ended, [[r#"{"reason":"password_changed"}"#]]);
    let dump = app.database.dump().await;
    for secret in [PASSWORD, NEW, WRONG] {
        assert!(!dump.contains(secret));
    }
}

async fn the_account_page_lists_the_change_among_the_sign_ins(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    change(&mut browser, WRONG, NEW).await.expect(422);
    change(&mut browser, PASSWORD, NEW).await.expect(200);
    let page = browser.navigate("/account").await.expect(200);
    assert!(page.text().contains("Failed attempt") && page.text().contains("Password changed"), "{page}");
}

async fn it_works_without_wasm(app: TestApp) {
    let ayse = app.person("ayse").await;
    app.signed_in(&ayse).await;
    let mut browser = app.signed_in(&ayse).await;
    let done = "/account?done=password#password";
    let fields = [("currentPassword", PASSWORD), ("newPassword", NEW), ("redirect", done)];
    let answer = browser.submit("/account", CHANGE, &fields).await;
    assert_eq!(answer.see_other(), done);
    assert_eq!(answer.cookies().iter().filter(|c| c.name == "flash").count(), 1, "{answer}");
    let page = browser.navigate("/account?done=password").await.expect(200);
    assert!(page.text().contains("Your password was changed. One session was ended."), "{page}");
}

async fn the_wrong_field_is_named_without_wasm(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    let fields = [("currentPassword", WRONG), ("newPassword", NEW), ("redirect", "/account")];
    let answer = browser.submit("/account", CHANGE, &fields).await;
    assert_eq!(answer.see_other(), "/account?error=validation_failed");
    let page = browser.navigate("/account?error=validation_failed").await.expect(200);
    let html = page.text();
    assert!(html.contains(r#"id="currentPassword-error""#), "{page}");
    assert!(html.contains("That is not your password."), "{page}");
    assert!(!html.contains(WRONG) && !html.contains(NEW), "no password is in the page");
    let value: Value = answer.header("location").into();
    assert!(!value.to_string().contains("vagon"));
}

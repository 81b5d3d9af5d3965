//! Reauthentication: confirming the password renews the recent sign-in. Also extends sessions.

use serde_json::{Value, json};

use crate::support::{Answer, Browser, HOUR, MINUTE, PASSWORD, SECOND, SESSION, TestApp};

both![
    the_right_password_renews_the_recent_sign_in_and_the_id,
    the_previous_id_is_refused_at_once_and_the_session_lives_on,
    a_previous_id_in_its_grace_period_is_refused_but_is_not_theft,
    a_wrong_password_is_an_error_of_its_field,
    wrong_confirmations_count_as_failed_sign_ins,
    a_locked_user_cannot_confirm_with_the_right_password,
    confirming_and_extending_need_a_session,
    extending_returns_the_same_data_as_the_session_check,
    extending_resets_the_idle_timeout,
    an_ended_session_is_not_extended,
    without_scripts_a_page_asks_and_leads_back,
    without_scripts_the_act_goes_on_after_the_password,
    a_waiting_form_belongs_to_its_session_and_is_submitted_once,
];

const CONFIRM: &str = "/api/auth/confirm";
const EXTEND: &str = "/api/auth/extend";

async fn signed_in(app: &TestApp) -> Browser {
    let ayse = app.person("ayse").await;
    app.signed_in(&ayse).await
}

async fn confirm(browser: &mut Browser, password: &str) -> Answer {
    browser.post(CONFIRM, json!({ "password": password })).await
}

async fn the_right_password_renews_the_recent_sign_in_and_the_id(app: TestApp) {
    let mut browser = signed_in(&app).await;
    let (before, started) = (app.open_session(&browser.session().unwrap()), app.now());
    app.pass(14 * MINUTE);
    let answer = confirm(&mut browser, PASSWORD).await.expect(200);
    assert_eq!(answer.text(), r#"{"success":true,"data":null}"#);
    assert_eq!(answer.cookie("auth-session").unwrap().max_age(), Some(86_400 - 14 * 60));
    let after = app.open_session(&browser.session().unwrap());
    assert!(after.session_id != before.session_id && after.expire == before.expire);
    let proved = app.database.number("SELECT proved_at FROM sessions").await;
    assert_eq!(proved - started, 14 * 60_000);
    browser.get(SESSION).await.expect(200);
    assert_eq!(app.audited("confirmed").await, 1);
    assert_eq!(
        app.database.number("SELECT count(*) FROM attempts WHERE bucket NOT LIKE 'address:%'").await,
        0,
        "a success clears its bucket"
    );
}

async fn the_previous_id_is_refused_at_once_and_the_session_lives_on(app: TestApp) {
    let mut browser = signed_in(&app).await;
    let mut old = browser.clone();
    confirm(&mut browser, PASSWORD).await.expect(200);
    for late in [SECOND, 28 * SECOND, 10 * MINUTE] {
        app.pass(late);
        for path in [SESSION, "/api/auth/user", "/api/auth/events"] {
            assert_refused_as_outdated(&old.get(path).await);
        }
        assert_refused_as_outdated(&old.post(EXTEND, json!({})).await);
        assert_refused_as_outdated(&confirm(&mut old, PASSWORD).await);
        let page = old.navigate("/account").await;
        assert_eq!(page.see_other(), "/login?redirect=%2Faccount");
        assert!(page.cookie("auth-session").is_none(), "{page}");
    }
    assert!(browser.is_signed_in().await);
    assert_eq!(app.live_sessions().await, 1);
}

/// Asserts a refusal that neither ends the session nor touches the browser's newer cookie.
fn assert_refused_as_outdated(answer: &Answer) {
    assert_eq!(answer.refused(401, "unauthenticated")["reason"], Value::Null);
    assert!(answer.cookies().is_empty(), "{answer}");
}

async fn a_previous_id_in_its_grace_period_is_refused_but_is_not_theft(app: TestApp) {
    let mut browser = signed_in(&app).await;
    app.pass(15 * MINUTE);
    let mut slow = browser.clone();
    browser.navigate("/").await.expect(200);
    confirm(&mut browser, PASSWORD).await.expect(200);
    app.pass(MINUTE);
    slow.get(SESSION).await.refused(401, "unauthenticated");
    assert!(browser.is_signed_in().await);
}

async fn a_wrong_password_is_an_error_of_its_field(app: TestApp) {
    let mut browser = signed_in(&app).await;
    let before = browser.session();
    for wrong in ["not the password", ""] {
        let refused = confirm(&mut browser, wrong).await.refused(422, "validation_failed");
        assert_eq!(refused["fields"], json!({ "password": "That is not your password." }));
    }
    assert_eq!(browser.session(), before);
    assert!(browser.is_signed_in().await);
    assert_eq!(app.audited("sign_in_failed").await, 1, "an empty password is no attempt");
}

async fn wrong_confirmations_count_as_failed_sign_ins(app: TestApp) {
    let mut browser = signed_in(&app).await;
    for left in (1..5).rev() {
        let refused = confirm(&mut browser, "not the password").await.refused(422, "validation_failed");
        assert_eq!(refused["remainingAttempts"], left);
    }
    // A sign-in from the same browser counts in the same bucket, the device's.
    let refused = browser.clone().try_password("ayse@example.org", "no").await.refused(401, "invalid_credentials");
    assert_eq!(refused["remainingAttempts"], 0);
    let refused = confirm(&mut browser, "not the password").await.refused(429, "account_locked");
    assert_eq!(refused["remainingSeconds"], 1800);
    assert!(browser.is_signed_in().await, "a lockout ends no session");
}

async fn a_locked_user_cannot_confirm_with_the_right_password(app: TestApp) {
    let mut browser = signed_in(&app).await;
    for _ in 0..5 {
        confirm(&mut browser, "not the password").await.refused(422, "validation_failed");
    }
    confirm(&mut browser, PASSWORD).await.refused(429, "account_locked");
    app.pass(30 * MINUTE + SECOND);
    browser.navigate("/").await.expect(200);
    confirm(&mut browser, PASSWORD).await.expect(200);
}

async fn confirming_and_extending_need_a_session(app: TestApp) {
    app.person("ayse").await;
    confirm(&mut app.browser(), PASSWORD).await.refused(401, "unauthenticated");
    app.browser().post(EXTEND, json!({})).await.refused(401, "unauthenticated");
}

async fn extending_returns_the_same_data_as_the_session_check(app: TestApp) {
    let mut browser = signed_in(&app).await;
    app.pass(5 * MINUTE);
    let extended = browser.post(EXTEND, json!({})).await.data();
    assert_eq!(extended, browser.get(SESSION).await.data());
    browser.fetch("POST", EXTEND).with_token().send().await.expect(200);
}

async fn extending_resets_the_idle_timeout(app: TestApp) {
    let mut browser = signed_in(&app).await;
    for _ in 0..4 {
        app.pass(30 * MINUTE);
        browser.post(EXTEND, json!({})).await.expect(200);
    }
    app.pass(HOUR);
    assert_eq!(browser.get(SESSION).await.refused(401, "unauthenticated")["reason"], "idle");
}

async fn an_ended_session_is_not_extended(app: TestApp) {
    let mut browser = signed_in(&app).await;
    let mut copy = browser.clone();
    browser.sign_out().await.expect(200);
    let refused = copy.fetch("POST", EXTEND).with_token().send().await.refused(401, "unauthenticated");
    assert_eq!(refused["reason"], "logout");
}

async fn without_scripts_a_page_asks_and_leads_back(app: TestApp) {
    let admin = app.person_with("yonetici", "admin", PASSWORD).await;
    let mut browser = app.signed_in(&admin).await;
    app.pass(15 * MINUTE);
    let ids = [("ids", admin.id.as_str()), ("redirect", "/users")];
    let refused = browser.submit("/users", "/api/users/reset-link", &ids).await;
    assert!(refused.see_other().ends_with("/users?error=reauth_required"), "{refused}");
    let person = browser.submit(&format!("/users/{}", admin.id), "/api/users/reset-link", &ids).await;
    let page = browser.navigate(person.see_other()).await.expect(200);
    let path = format!("/confirm?redirect=/users/{}", admin.id);
    assert!(page.text().contains(&format!("href=\"{path}\"")), "{page}");
    let asked = browser.navigate(&path).await.expect(200);
    assert!(asked.text().contains("action=\"/api/auth/confirm\""), "{asked}");
    let back = format!("/users/{}", admin.id);
    let wrong = browser.submit(&path, CONFIRM, &[("password", "wrong wrong wrong"), ("redirect", &back)]).await;
    assert!(wrong.see_other().starts_with(&path), "{wrong}");
    let right = browser.submit(&path, CONFIRM, &[("password", PASSWORD), ("redirect", &back)]).await;
    // The act that was refused is done in the same request, and leads to its own page.
    assert_eq!(right.see_other(), "/users");
    assert_eq!(app.audited("reset_link_made").await, 1);
    let elsewhere = browser.navigate("/confirm?redirect=https://evil.example/").await.expect(200);
    assert!(!elsewhere.text().contains("evil.example\""), "{elsewhere}");
}

async fn without_scripts_the_act_goes_on_after_the_password(app: TestApp) {
    let admin = app.person_with("yonetici", "admin", PASSWORD).await;
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&admin).await;
    app.pass(15 * MINUTE);
    let asked = browser.navigate("/confirm").await.expect(200);
    assert!(!asked.text().contains("what you began is done"), "{asked}");
    let fields = [("ids", ayse.id.as_str()), ("reason", "left & gone"), ("redirect", "/users?q=ay%C5%9Fe#people")];
    browser.submit("/users?q=x", "/api/users/disable", &fields).await.see_other();
    let asked = browser.navigate("/confirm").await.expect(200);
    assert!(asked.text().contains("what you began is done: Disable."), "{asked}");
    let before = browser.session();
    browser.submit("/confirm", CONFIRM, &[("password", "wrong wrong wrong")]).await.see_other();
    assert_eq!(app.audited("user_disabled").await, 0);
    let done = browser.submit("/confirm", CONFIRM, &[("password", PASSWORD), ("redirect", "/users")]).await;
    assert!(done.see_other().starts_with("/users?q=ay"), "{done}");
    assert_ne!(browser.session(), before, "the proof has given a new id");
    let page = browser.navigate("/users").await.expect(200);
    assert!(page.text().contains("Done for 1 person."), "{page}");
    let reasons = app.database.texts("SELECT details FROM audit WHERE action = 'user_disabled'").await;
    assert_eq!(reasons, [[r#"{"reason":"left & gone"}"#]]);
    // A refusal leads back to the page of the act.
    app.pass(15 * MINUTE);
    let change = [("id", ayse.id.as_str()), ("version", "1"), ("name", "B"), ("redirect", "/users/x")];
    browser.submit("/users", "/api/users/update", &change).await.see_other();
    let refused = browser.submit("/confirm", CONFIRM, &[("password", PASSWORD)]).await;
    assert!(refused.see_other().starts_with("/users/x?error=conflict"), "{refused}");
}

async fn a_waiting_form_belongs_to_its_session_and_is_submitted_once(app: TestApp) {
    let admin = app.person_with("yonetici", "admin", PASSWORD).await;
    let ayse = app.person("ayse").await;
    let (mut browser, mut elsewhere) = (app.signed_in(&admin).await, app.signed_in(&admin).await);
    app.pass(15 * MINUTE);
    let ids = [("ids", ayse.id.as_str()), ("redirect", "/users")];
    let confirm = [("password", PASSWORD), ("redirect", "/account")];
    browser.submit("/users", "/api/users/reset-link", &ids).await.see_other();
    assert_eq!(elsewhere.submit("/confirm", CONFIRM, &confirm).await.see_other(), "/account");
    assert_eq!(app.audited("reset_link_made").await, 0);
    assert_eq!(browser.submit("/confirm", CONFIRM, &confirm).await.see_other(), "/users");
    assert_eq!(browser.submit("/confirm", CONFIRM, &confirm).await.see_other(), "/account");
    assert_eq!(app.audited("reset_link_made").await, 1);
    // After ten minutes it is forgotten.
    app.pass(15 * MINUTE);
    browser.submit("/users", "/api/users/reset-link", &ids).await.see_other();
    app.pass(10 * MINUTE + SECOND);
    assert_eq!(browser.submit("/confirm", CONFIRM, &confirm).await.see_other(), "/account");
    // Programs repeat their requests themselves.
    app.pass(15 * MINUTE);
    browser.post("/api/users/reset-link", json!({"ids": [ayse.id]})).await.refused(403, "reauth_required");
    assert_eq!(browser.submit("/confirm", CONFIRM, &confirm).await.see_other(), "/account");
    assert_eq!(app.audited("reset_link_made").await, 1);
}

//! A clock that was ahead, and is put right: what grants counts as absent, and a
//! session ends at most its lifetime after it is next met. (Lockouts: `lockout/clock`.)

use serde_json::json;

use crate::support::{Browser, DAY, HOUR, MINUTE, PASSWORD, Person, SECOND, SESSION, TestApp, at};

both![
    a_session_of_a_time_to_come_lasts_its_lifetime_from_now,
    a_remembered_one_too,
    activity_of_a_time_to_come_keeps_nobody_signed_in,
    a_session_nobody_comes_with_is_brought_back_by_the_sweep,
    a_proof_of_a_time_to_come_is_none,
    a_link_of_a_time_to_come_is_none,
    a_device_cookie_of_a_time_to_come_is_none,
    a_ticket_of_a_time_to_come_is_none,
    an_id_rotated_in_a_time_to_come_has_no_grace_and_is_changed_again,
    clocks_that_differ_a_little_change_nothing,
    a_stricter_policy_is_no_clock,
];

/// Signs in while the clock is ahead, and puts it right.
async fn signed_in_ahead(app: &TestApp, person: &Person, remembered: bool) -> Browser {
    let now = app.now();
    app.pass(400 * DAY);
    let browser = if remembered { app.remembered(person).await } else { app.signed_in(person).await };
    app.clock.set(now);
    browser
}

async fn a_session_of_a_time_to_come_lasts_its_lifetime_from_now(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = signed_in_ahead(&app, &ayse, false).await;
    let begun = app.now();
    let status = browser.get(SESSION).await.data();
    assert_eq!(status["expiresAt"], at(begun + 86_400_000));
    assert_eq!(status["idleExpiresAt"], at(begun + 31 * 60_000));
    // Kept alive by activity, it ends a day after it was met and not later.
    for _ in 0..23 * 3 + 2 {
        app.pass(20 * MINUTE);
        browser.navigate("/").await.expect(200);
    }
    assert_eq!(browser.get(SESSION).await.data()["expiresAt"], at(begun + 86_400_000));
    app.pass(20 * MINUTE);
    assert_eq!(browser.get(SESSION).await.refused(401, "unauthenticated")["reason"], "expired");
}

async fn a_remembered_one_too(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = signed_in_ahead(&app, &ayse, true).await;
    assert!(browser.is_signed_in().await);
    app.pass(30 * DAY - SECOND);
    assert!(browser.is_signed_in().await);
    app.pass(SECOND);
    assert_eq!(browser.get(SESSION).await.refused(401, "unauthenticated")["reason"], "expired");
}

async fn activity_of_a_time_to_come_keeps_nobody_signed_in(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    let now = app.now();
    app.pass(HOUR / 3);
    browser.navigate("/").await.expect(200);
    app.pass(HOUR / 3);
    browser.navigate("/").await.expect(200);
    app.clock.set(now);
    assert!(browser.is_signed_in().await);
    app.pass(31 * MINUTE - SECOND);
    assert!(browser.is_signed_in().await, "its idle time begins when it is met");
    app.pass(SECOND);
    assert_eq!(browser.get(SESSION).await.refused(401, "unauthenticated")["reason"], "idle");
}

async fn a_session_nobody_comes_with_is_brought_back_by_the_sweep(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = signed_in_ahead(&app, &ayse, false).await;
    let mut remembered = signed_in_ahead(&app, &ayse, true).await;
    app.sweep().await;
    app.pass(DAY);
    app.sweep().await;
    assert_eq!(app.live_sessions().await, 1);
    assert!(!browser.is_signed_in().await && remembered.is_signed_in().await);
    app.pass(29 * DAY);
    app.sweep().await;
    assert_eq!(app.live_sessions().await, 0);
}

async fn a_proof_of_a_time_to_come_is_none(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    let change = |email: &str| json!({ "email": email });
    let now = app.now();
    app.pass(HOUR / 3);
    browser.post("/api/auth/confirm", json!({ "password": PASSWORD })).await.expect(200);
    app.clock.set(now + 60_000);
    browser.post("/api/account/profile", change("a@example.org")).await.refused(403, "reauth_required");
    app.pass(40 * MINUTE);
    let mut browser = app.signed_in(&ayse).await;
    browser.post("/api/account/profile", change("b@example.org")).await.expect(200);
}

async fn a_link_of_a_time_to_come_is_none(app: TestApp) {
    let now = app.now();
    app.pass(DAY);
    let (token, first) = (app.invited("irmak").await, app.set_up_token().await.expect("a link"));
    app.clock.set(now);
    let activate = json!({ "token": token, "password": PASSWORD });
    let set_up = json!({ "token": first, "name": "Ayşe", "email": "ayse@example.org", "password": PASSWORD });
    for (path, body) in [("/api/activate", activate), ("/api/setup", set_up)] {
        let refused = app.browser().post(path, body).await.refused(422, "validation_failed");
        assert!(refused["fields"]["token"].is_string(), "{refused}");
    }
    let page = app.browser().navigate(&format!("/activate?token={token}")).await;
    assert!(page.text().contains("This link no longer works"), "{page}");
    let again = app.invited_again("irmak").await;
    app.browser().post("/api/activate", json!({ "token": again, "password": PASSWORD })).await.expect(200);
}

async fn a_device_cookie_of_a_time_to_come_is_none(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = signed_in_ahead(&app, &ayse, false).await;
    for _ in 0..5 {
        app.browser().try_password(&ayse.email, "not the password at all").await.expect(401);
    }
    browser.try_password(&ayse.email, &ayse.password).await.refused(429, "account_locked");
    // By now it counts, and for four hundred days.
    app.pass(31 * MINUTE);
    browser.sign_in(&ayse).await;
    for _ in 0..5 {
        app.browser().try_password(&ayse.email, "not the password at all").await.expect(401);
    }
    browser.sign_in(&ayse).await;
    app.pass(401 * DAY);
    for _ in 0..5 {
        app.browser().try_password(&ayse.email, "not the password at all").await.expect(401);
    }
    browser.try_password(&ayse.email, &ayse.password).await.refused(429, "account_locked");
}

async fn a_ticket_of_a_time_to_come_is_none(app: TestApp) {
    let ayse = app.person("ayse").await;
    app.set_policy("sessionLimit", "1").await;
    app.signed_in(&ayse).await;
    let now = app.now();
    app.pass(10 * MINUTE);
    let mut browser = app.browser();
    let body = json!({ "email": ayse.email, "password": ayse.password, "askAtLimit": true });
    let choice = browser.post("/api/auth/login", body).await.refused(409, "session_limit");
    app.clock.set(now);
    let chosen = json!({ "ticket": choice["ticket"], "handle": choice["sessions"][0]["handle"] });
    let refused = browser.post("/api/auth/login/choose", chosen).await.refused(422, "validation_failed");
    assert!(refused["fields"]["ticket"].is_string(), "{refused}");
}

async fn an_id_rotated_in_a_time_to_come_has_no_grace_and_is_changed_again(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.remembered(&ayse).await;
    let now = app.now();
    app.pass(HOUR);
    let mut before = browser.clone();
    browser.navigate("/").await.expect(200);
    browser.get(SESSION).await.expect(200);
    let rotated = browser.session();
    app.clock.set(now);
    // The id before is late without grace; its use accuses nobody.
    before.get(SESSION).await.refused(401, "unauthenticated");
    assert!(browser.is_signed_in().await);
    browser.navigate("/").await.expect(200);
    assert_ne!(browser.session(), rotated, "an id does not serve until that time has come");
    assert!(browser.is_signed_in().await);
}

async fn clocks_that_differ_a_little_change_nothing(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    app.clock.set(app.now() - 2000);
    let before = app.database.texts("SELECT CAST(expires_at AS TEXT), CAST(started_at AS TEXT) FROM sessions").await;
    browser.post("/api/account/profile", json!({ "email": "b@example.org" })).await.expect(200);
    assert!(browser.is_signed_in().await);
    let after = app.database.texts("SELECT CAST(expires_at AS TEXT), CAST(started_at AS TEXT) FROM sessions").await;
    assert_eq!(before, after);
}

/// What a policy shortens while it is in force is not shortened for good.
async fn a_stricter_policy_is_no_clock(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.remembered(&ayse).await;
    let begun = app.now();
    app.set_policy("rememberMe", "false").await;
    assert_eq!(browser.get(SESSION).await.data()["expiresAt"], at(begun + 86_400_000));
    app.sweep().await;
    app.set_policy("rememberMe", "true").await;
    assert_eq!(browser.get(SESSION).await.data()["expiresAt"], at(begun + 30 * 86_400_000));
}

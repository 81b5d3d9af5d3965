//! A clock that was ahead and is corrected. Grants with a future time are ignored. A session
//! lasts at most its lifetime from its next request. (Lockouts: `lockout/clock`.)

use serde_json::json;

use crate::support::{Browser, DAY, HOUR, MINUTE, PASSWORD, Person, SECOND, SESSION, TestApp, iso_time};

both![
    a_session_from_the_future_lasts_its_lifetime_from_now,
    a_remembered_session_from_the_future_lasts_its_lifetime_from_now,
    activity_from_the_future_does_not_extend_the_idle_timeout,
    the_sweep_corrects_an_unused_session_from_the_future,
    a_reauthentication_from_the_future_does_not_count,
    a_link_from_the_future_does_not_work,
    a_device_cookie_from_the_future_does_not_count,
    a_ticket_from_the_future_is_refused,
    an_id_rotated_in_the_future_has_no_grace_and_rotates_again,
    small_clock_differences_change_nothing,
    a_stricter_policy_does_not_shorten_sessions_for_good,
];

/// Signs in while the clock is ahead, and corrects the clock.
async fn signed_in_ahead(app: &TestApp, person: &Person, remembered: bool) -> Browser {
    let now = app.now();
    app.pass(400 * DAY);
    let browser = if remembered { app.remembered(person).await } else { app.signed_in(person).await };
    app.clock.set(now);
    browser
}

async fn a_session_from_the_future_lasts_its_lifetime_from_now(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = signed_in_ahead(&app, &ayse, false).await;
    let begun = app.now();
    let status = browser.get(SESSION).await.data();
    assert_eq!(status["expiresAt"], iso_time(begun + 86_400_000));
    assert_eq!(status["idleExpiresAt"], iso_time(begun + 31 * 60_000));
    // Activity does not move the absolute expiry, a day after the correction.
    for _ in 0..23 * 3 + 2 {
        app.pass(20 * MINUTE);
        browser.navigate("/").await.expect(200);
    }
    assert_eq!(browser.get(SESSION).await.data()["expiresAt"], iso_time(begun + 86_400_000));
    app.pass(20 * MINUTE);
    assert_eq!(browser.get(SESSION).await.refused(401, "unauthenticated")["reason"], "expired");
}

async fn a_remembered_session_from_the_future_lasts_its_lifetime_from_now(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = signed_in_ahead(&app, &ayse, true).await;
    assert!(browser.is_signed_in().await);
    app.pass(30 * DAY - SECOND);
    assert!(browser.is_signed_in().await);
    app.pass(SECOND);
    assert_eq!(browser.get(SESSION).await.refused(401, "unauthenticated")["reason"], "expired");
}

async fn activity_from_the_future_does_not_extend_the_idle_timeout(app: TestApp) {
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
    assert!(browser.is_signed_in().await, "its idle timeout begins at the first request");
    app.pass(SECOND);
    assert_eq!(browser.get(SESSION).await.refused(401, "unauthenticated")["reason"], "idle");
}

async fn the_sweep_corrects_an_unused_session_from_the_future(app: TestApp) {
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

async fn a_reauthentication_from_the_future_does_not_count(app: TestApp) {
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

async fn a_link_from_the_future_does_not_work(app: TestApp) {
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

async fn a_device_cookie_from_the_future_does_not_count(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = signed_in_ahead(&app, &ayse, false).await;
    for _ in 0..5 {
        app.browser().try_password(&ayse.email, "not the password at all").await.expect(401);
    }
    browser.try_password(&ayse.email, &ayse.password).await.refused(429, "account_locked");
    // From now on the cookie counts, for 400 days.
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

async fn a_ticket_from_the_future_is_refused(app: TestApp) {
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

async fn an_id_rotated_in_the_future_has_no_grace_and_rotates_again(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.remembered(&ayse).await;
    let now = app.now();
    app.pass(HOUR);
    let mut before = browser.clone();
    browser.navigate("/").await.expect(200);
    browser.get(SESSION).await.expect(200);
    let rotated = browser.session();
    app.clock.set(now);
    // The previous id is refused without grace, but its use is not treated as theft.
    before.get(SESSION).await.refused(401, "unauthenticated");
    assert!(browser.is_signed_in().await);
    browser.navigate("/").await.expect(200);
    assert_ne!(browser.session(), rotated, "the id rotates before the clock reaches that time");
    assert!(browser.is_signed_in().await);
}

async fn small_clock_differences_change_nothing(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    app.clock.set(app.now() - 2000);
    let before = app.database.texts("SELECT CAST(expires_at AS TEXT), CAST(started_at AS TEXT) FROM sessions").await;
    browser.post("/api/account/profile", json!({ "email": "b@example.org" })).await.expect(200);
    assert!(browser.is_signed_in().await);
    let after = app.database.texts("SELECT CAST(expires_at AS TEXT), CAST(started_at AS TEXT) FROM sessions").await;
    assert_eq!(before, after);
}

/// The old lifetime applies again when the policy is relaxed.
async fn a_stricter_policy_does_not_shorten_sessions_for_good(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.remembered(&ayse).await;
    let begun = app.now();
    app.set_policy("rememberMe", "false").await;
    assert_eq!(browser.get(SESSION).await.data()["expiresAt"], iso_time(begun + 86_400_000));
    app.sweep().await;
    app.set_policy("rememberMe", "true").await;
    assert_eq!(browser.get(SESSION).await.data()["expiresAt"], iso_time(begun + 30 * 86_400_000));
}

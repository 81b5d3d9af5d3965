//! The session id rotates while the session stays, and the use of an old id reveals theft.

use serde_json::json;

use crate::support::{Browser, DAY, HOUR, LOGOUT, MINUTE, SECOND, SESSION, TestApp};

both![
    the_id_rotates_after_fifteen_minutes_with_activity,
    reading_and_time_alone_do_not_rotate,
    a_mutation_rotates_too,
    a_change_of_permissions_rotates_at_once,
    rotation_does_not_extend_a_remembered_session,
    a_lost_new_id_is_sent_again,
    a_lost_new_id_is_sent_again_after_a_change_of_the_secret,
    the_old_id_works_for_thirty_seconds_after_the_new_ones_first_use,
    a_later_use_of_an_old_id_ends_the_session,
    every_earlier_id_of_the_session_is_remembered,
    an_ended_sessions_old_id_gets_the_reason_and_clears_no_cookie,
    signing_out_with_the_previous_id_ends_the_session,
    an_unwritten_sign_out_applies_to_the_new_id_too,
    retired_ids_are_deleted_with_their_session,
];

const DUE: std::time::Duration = MINUTE.saturating_mul(15);

async fn signed_in(app: &TestApp) -> Browser {
    let ayse = app.person("ayse").await;
    app.remembered(&ayse).await
}

/// Waits until the id is due and makes the browser rotate it.
async fn rotate(app: &TestApp, browser: &mut Browser) {
    browser.get(SESSION).await.expect(200);
    app.pass(DUE);
    let before = browser.session();
    browser.navigate("/").await.expect(200);
    assert_ne!(browser.session(), before, "a due id rotates");
}

async fn assert_reuse(app: &TestApp, thief: &mut Browser) {
    let answer = thief.get(SESSION).await;
    assert_eq!(answer.refused(401, "unauthenticated")["reason"], "token_reuse");
    assert!(answer.cookies().is_empty(), "the cookie of another tab must not be cleared: {answer}");
    assert_eq!(app.database.number("SELECT count(*) FROM sessions WHERE end_reason = 'token_reuse'").await, 1);
    assert_eq!(
        app.database
            .number("SELECT count(*) FROM audit WHERE action = 'session_ended' AND details LIKE '%token_reuse%'")
            .await,
        1
    );
}

async fn the_id_rotates_after_fifteen_minutes_with_activity(app: TestApp) {
    let mut browser = signed_in(&app).await;
    let (first, token) = (browser.session().unwrap(), browser.token());
    app.pass(DUE - SECOND);
    assert!(browser.navigate("/").await.expect(200).cookie("auth-session").is_none());
    app.pass(SECOND);
    let answer = browser.navigate("/").await.expect(200);
    let (old, new) = (app.open_session(&first), app.open_session(&browser.session().unwrap()));
    assert!(old.session_id != new.session_id && new.session_id.starts_with("session_") && new.session_id.len() == 51);
    assert_eq!((old.user_id, old.expire), (new.user_id, new.expire));
    assert_eq!(answer.cookie("auth-session").unwrap().max_age(), Some(30 * 86_400 - 15 * 60));
    assert_eq!(browser.token(), token, "the CSRF token belongs to the session, not to its id");
    browser.post("/api/auth/extend", json!({})).await.expect(200);
}

async fn reading_and_time_alone_do_not_rotate(app: TestApp) {
    let mut browser = signed_in(&app).await;
    app.pass(HOUR);
    for path in [SESSION, "/api/auth/user", "/api/csrf"] {
        assert!(browser.get(path).await.expect(200).cookie("auth-session").is_none(), "{path}");
    }
    let prefetch = browser.navigation("/").header("sec-purpose", "prefetch").send().await;
    assert!(prefetch.cookie("auth-session").is_none());
}

async fn a_mutation_rotates_too(app: TestApp) {
    let mut browser = signed_in(&app).await;
    app.pass(DUE);
    assert!(browser.post("/api/auth/extend", json!({})).await.expect(200).cookie("auth-session").is_some());
}

async fn a_change_of_permissions_rotates_at_once(app: TestApp) {
    let mut browser = signed_in(&app).await;
    app.database.execute("UPDATE users SET role = 'manager'").await;
    let before = browser.session();
    let user = browser.get("/api/auth/user").await.data();
    assert_eq!(user["role"], "manager");
    browser.navigate("/").await.expect(200);
    let after = browser.session();
    assert_ne!(after, before);
    browser.navigate("/").await.expect(200);
    assert_eq!(browser.session(), after, "once");
}

async fn rotation_does_not_extend_a_remembered_session(app: TestApp) {
    let mut browser = signed_in(&app).await;
    for _ in 0..3 {
        app.pass(9 * DAY);
        browser.navigate("/").await.expect(200);
    }
    app.pass(3 * DAY);
    assert_eq!(browser.get(SESSION).await.refused(401, "unauthenticated")["reason"], "expired");
}

async fn a_lost_new_id_is_sent_again(app: TestApp) {
    let mut browser = signed_in(&app).await;
    let mut cut_off = browser.clone();
    rotate(&app, &mut cut_off).await;
    app.pass(HOUR);
    // The browser never received the response, so its next requests get the new id again.
    for path in [SESSION, "/api/auth/user"] {
        let mut again = browser.clone();
        again.get(path).await.expect(200);
        assert_eq!(
            app.open_session(&again.session().unwrap()).session_id,
            app.open_session(&cut_off.session().unwrap()).session_id
        );
    }
    browser.get(SESSION).await.expect(200);
    browser.get(SESSION).await.expect(200);
    assert_eq!(app.database.number("SELECT count(*) FROM retired_ids").await, 1);
}

async fn a_lost_new_id_is_sent_again_after_a_change_of_the_secret(app: TestApp) {
    let browser = signed_in(&app).await;
    rotate(&app, &mut browser.clone()).await;
    let app = app.restarted_with_secrets(&["a newer secret that is also long enough", crate::support::SECRET]).await;
    let mut browser = browser.connected_to(&app);
    browser.get(SESSION).await.expect(200);
    browser.get(SESSION).await.expect(200);
    assert!(browser.is_signed_in().await);
}

async fn the_old_id_works_for_thirty_seconds_after_the_new_ones_first_use(app: TestApp) {
    let mut browser = signed_in(&app).await;
    let mut slow = browser.clone();
    rotate(&app, &mut browser).await;
    browser.get(SESSION).await.expect(200);
    app.pass(30 * SECOND - SECOND);
    let answer = slow.get(SESSION).await.expect(200);
    assert!(answer.cookies().is_empty(), "the new id is in use and is not sent again");
    let answer = slow.navigate("/").await.expect(200);
    assert!(answer.cookie("auth-session").is_none());
    app.pass(SECOND);
    assert_reuse(&app, &mut slow).await;
}

async fn a_later_use_of_an_old_id_ends_the_session(app: TestApp) {
    let mut browser = signed_in(&app).await;
    let mut thief = browser.clone().at_address("203.0.113.9");
    rotate(&app, &mut browser).await;
    browser.get(SESSION).await.expect(200);
    app.pass(HOUR);
    assert_reuse(&app, &mut thief).await;
    let answer = browser.get(SESSION).await;
    assert_eq!(answer.refused(401, "unauthenticated")["reason"], "token_reuse");
    assert!(answer.clears("auth-session"), "{answer}");
    assert!(!thief.is_signed_in().await);
    // The audit log records the thief's address.
    let rows = app.database.texts("SELECT address FROM audit WHERE action = 'session_ended'").await;
    assert_eq!(rows, [["203.0.113.9"]]);
}

async fn every_earlier_id_of_the_session_is_remembered(app: TestApp) {
    let mut browser = signed_in(&app).await;
    let mut thief = browser.clone();
    for _ in 0..4 {
        rotate(&app, &mut browser).await;
    }
    assert!(browser.is_signed_in().await);
    assert_reuse(&app, &mut thief).await;
    assert!(!browser.is_signed_in().await);
}

async fn an_ended_sessions_old_id_gets_the_reason_and_clears_no_cookie(app: TestApp) {
    let mut browser = signed_in(&app).await;
    let mut slow = browser.clone();
    rotate(&app, &mut browser).await;
    browser.sign_out().await.expect(200);
    let answer = slow.get(SESSION).await;
    assert_eq!(answer.refused(401, "unauthenticated")["reason"], "logout");
    assert!(answer.cookies().is_empty());
}

async fn signing_out_with_the_previous_id_ends_the_session(app: TestApp) {
    let mut browser = signed_in(&app).await;
    let mut new = browser.clone();
    rotate(&app, &mut new).await;
    browser.sign_out().await.expect(200);
    assert!(!new.is_signed_in().await);
}

async fn an_unwritten_sign_out_applies_to_the_new_id_too(app: TestApp) {
    let mut browser = signed_in(&app).await;
    let mut new = browser.clone();
    rotate(&app, &mut new).await;
    app.database.move_away();
    let answer = browser.fetch("POST", LOGOUT).with_token().send().await;
    app.database.move_back();
    // The databases lose their connections differently; the sign-out is in force with both.
    assert!([200, 503].contains(&answer.status), "{answer}");
    assert!(!new.is_signed_in().await);
    app.write_pending().await;
    assert!(!new.is_signed_in().await);
    assert_eq!(app.database.number("SELECT count(*) FROM sessions WHERE end_reason = 'logout'").await, 1);
}

async fn retired_ids_are_deleted_with_their_session(app: TestApp) {
    let mut browser = signed_in(&app).await;
    rotate(&app, &mut browser).await;
    browser.sign_out().await.expect(200);
    app.pass(91 * DAY);
    app.sweep().await;
    assert_eq!(app.database.number("SELECT count(*) FROM retired_ids").await, 0);
}

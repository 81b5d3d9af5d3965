//! A user at the limit can choose which session ends, with a ticket instead of the password.

use kafkasder_panel::server::cookie;
use serde_json::{Value, json};

use super::{CHOOSE, asking, browsers, choose, ended, text, ticket};
use crate::support::{DAY, LOGIN, LOGOUT, MINUTE, SECOND, SESSION, TestApp, iso_time};

both![
    a_sign_in_that_asks_gets_the_list_of_sessions_and_no_session,
    the_chosen_session_ends_and_the_caller_is_signed_in,
    the_ticket_keeps_remember_me,
    a_ticket_expires_after_five_minutes,
    a_ticket_starts_only_one_session,
    a_ticket_is_invalid_after_a_password_change_or_for_a_disabled_user,
    a_forged_ticket_is_refused,
    a_ticket_survives_a_change_of_secrets,
    another_users_session_gets_the_same_response_as_an_unknown_one,
    a_choice_that_ended_meanwhile_is_asked_again_without_more_time,
];

async fn a_sign_in_that_asks_gets_the_list_of_sessions_and_no_session(app: TestApp) {
    let ayse = app.person("ayse").await;
    app.set_policy("sessionLimit", "2").await;
    let mehmet = app.person("mehmet").await;
    app.signed_in(&mehmet).await;
    browsers(&app, &ayse, 2).await;
    let now = app.now();
    let before = app.database.texts("SELECT CAST(last_login AS TEXT), email FROM users ORDER BY email").await;

    let mut browser = app.browser();
    let answer = asking(&mut browser, &ayse).await;
    let body = answer.refused(409, "session_limit");
    assert_eq!(body["error"], "You are signed in on as many devices as allowed.");
    assert!(answer.cookies().is_empty(), "neither a session cookie nor a device cookie: {answer}");
    assert_eq!((app.live_sessions().await, body.get("alsoEnding")), (3, None));
    assert_eq!(
        app.database.texts("SELECT CAST(last_login AS TEXT), email FROM users ORDER BY email").await,
        before,
        "it is not recorded as a sign-in"
    );
    assert_eq!(app.audited("session_limit_reached").await, 1);

    let sessions = body["sessions"].as_array().unwrap();
    assert_eq!(sessions.len(), 2, "only the user's own sessions");
    let minute = MINUTE.as_millis() as i64;
    let handles = app.database.texts("SELECT handle FROM sessions ORDER BY started_at, address").await;
    let (oldest, started) = (&sessions[0], now - 2 * minute);
    assert_eq!(
        *oldest,
        json!({
            "handle": handles[1][0], "current": false, "browser": "", "device": "", "address": "192.0.2.1",
            "remembered": false, "startedAt": iso_time(started), "lastActiveAt": iso_time(started),
            "expiresAt": iso_time(started + DAY.as_millis() as i64), "idleExpiresAt": iso_time(started + 31 * minute),
            "endedAt": null, "endReason": null, "endedBy": null,
        })
    );

    let keys = app.state.keys.all().iter().map(|keys| &keys.login_ticket);
    let (inside, _) = cookie::open::<Value>("login-ticket", keys, &text(&body["ticket"])).unwrap();
    let inside = inside.to_string();
    assert!(!inside.contains(&ayse.password) && !inside.contains("argon2"), "{inside}");
}

async fn the_chosen_session_ends_and_the_caller_is_signed_in(app: TestApp) {
    let ayse = app.person("ayse").await;
    app.set_policy("sessionLimit", "3").await;
    let mut browsers = browsers(&app, &ayse, 3).await;
    let mut browser = app.browser();
    let (ticket, handles) = ticket(&mut browser, &ayse).await;
    let answer = choose(&mut browser, &ticket, &handles[1]).await;

    let data = answer.data();
    assert_eq!((&data["user"]["id"], &data["session"]["userId"]), (&json!(ayse.id), &json!(ayse.id)));
    assert_eq!(answer.cookie("auth-session").unwrap().max_age(), Some(86_400));
    assert!(answer.cookie("csrf-token").is_some() && answer.cookie("device").is_some());
    assert!(browser.is_signed_in().await && browsers[0].is_signed_in().await && browsers[2].is_signed_in().await);
    assert_eq!(browsers[1].get(SESSION).await.refused(401, "unauthenticated")["reason"], "session_limit");
    assert_eq!(ended(&app).await, [["session_limit", ayse.id.as_str()]]);
    assert_eq!(app.audited("sign_in").await, 4);
    // Without a CSRF token the choice is refused.
    app.browser()
        .fetch("POST", CHOOSE)
        .json(&json!({ "ticket": ticket, "handle": handles[0] }))
        .send()
        .await
        .refused(403, "csrf_failed");
}

async fn the_ticket_keeps_remember_me(app: TestApp) {
    let ayse = app.person("ayse").await;
    app.set_policy("sessionLimit", "1").await;
    app.signed_in(&ayse).await;
    let mut browser = app.browser();
    let body = json!({ "email": ayse.email, "password": ayse.password, "rememberMe": true, "askAtLimit": true });
    let body = browser.post(LOGIN, body).await.refused(409, "session_limit");
    let answer = choose(&mut browser, &text(&body["ticket"]), &text(&body["sessions"][0]["handle"])).await;
    assert_eq!(answer.cookie("auth-session").unwrap().max_age(), Some(2_592_000));
}

async fn a_ticket_expires_after_five_minutes(app: TestApp) {
    let ayse = app.person("ayse").await;
    app.set_policy("sessionLimit", "1").await;
    app.signed_in(&ayse).await;
    let mut browser = app.browser();
    let (late, handles) = ticket(&mut browser, &ayse).await;
    app.pass(5 * MINUTE);
    let body = choose(&mut browser, &late, &handles[0]).await.refused(422, "validation_failed");
    assert_eq!(body["fields"], json!({ "ticket": "This choice is no longer possible. Please sign in again." }));
    let (in_time, _) = ticket(&mut browser, &ayse).await;
    app.pass(5 * MINUTE - SECOND);
    choose(&mut browser, &in_time, &handles[0]).await.expect(200);
}

async fn a_ticket_starts_only_one_session(app: TestApp) {
    let ayse = app.person("ayse").await;
    app.set_policy("sessionLimit", "3").await;
    browsers(&app, &ayse, 3).await;
    let mut browser = app.browser();
    let (ticket, handles) = ticket(&mut browser, &ayse).await;
    choose(&mut browser, &ticket, &handles[0]).await.expect(200);
    // The ticket works neither for another session, nor when there is room, nor after signing out.
    for handle in &handles {
        let body = choose(&mut app.browser(), &ticket, handle).await.refused(422, "validation_failed");
        assert!(body["fields"]["ticket"].is_string());
    }
    assert_eq!(app.live_sessions().await, 3);
    browser.post(LOGOUT, json!({})).await.expect(200);
    choose(&mut app.browser(), &ticket, &handles[1]).await.refused(422, "validation_failed");
    assert_eq!(app.live_sessions().await, 2);
}

async fn a_ticket_is_invalid_after_a_password_change_or_for_a_disabled_user(app: TestApp) {
    let ayse = app.person("ayse").await;
    app.set_policy("sessionLimit", "1").await;
    app.signed_in(&ayse).await;
    let mut browser = app.browser();
    let (ticket, handles) = ticket(&mut browser, &ayse).await;
    app.disable(&ayse).await;
    choose(&mut browser, &ticket, &handles[0]).await.refused(403, "account_inactive");
    app.enable(&ayse).await;
    let hash = app.state.hasher.reserve().unwrap().hash(&ayse.password).await.unwrap();
    app.database.execute(&format!("UPDATE users SET password_hash = '{hash}'")).await;
    // The password is the same, but its hash changed, so the password has to be proven again.
    let body = choose(&mut browser, &ticket, &handles[0]).await.refused(422, "validation_failed");
    assert!(body["fields"]["ticket"].is_string());
    assert_eq!(app.live_sessions().await, 0);
}

async fn a_forged_ticket_is_refused(app: TestApp) {
    let ayse = app.person("ayse").await;
    app.set_policy("sessionLimit", "1").await;
    let mut owner = app.signed_in(&ayse).await;
    let (session, device) = (owner.session().unwrap(), owner.jar["device"].clone());
    let mut browser = app.browser();
    let (ticket, handles) = ticket(&mut browser, &ayse).await;
    for forged in ["", "nonsense", &ticket[1..], &ticket[..ticket.len() - 1], &session, &device, &"A".repeat(5000)] {
        let body = choose(&mut browser, forged, &handles[0]).await.refused(422, "validation_failed");
        assert_eq!(body["fields"].as_object().unwrap().keys().collect::<Vec<_>>(), ["ticket"], "{forged}");
    }
    for body in [json!({ "ticket": ticket, "handle": 1 }), json!({ "ticket": ticket, "handle": handles[0], "x": 1 })] {
        browser.post(CHOOSE, body).await.refused(400, "invalid_request");
    }
    let body = choose(&mut browser, &ticket, "").await.refused(422, "validation_failed");
    assert_eq!(body["fields"], json!({ "handle": "Choose the session to end." }));
    assert!(owner.is_signed_in().await);
}

async fn a_ticket_survives_a_change_of_secrets(app: TestApp) {
    let ayse = app.person("ayse").await;
    app.set_policy("sessionLimit", "1").await;
    app.signed_in(&ayse).await;
    let (ticket, handles) = ticket(&mut app.browser(), &ayse).await;
    let newer = "another secret that is as long as it must be";
    let rotated = app.restarted_with_secrets(&[newer, crate::support::SECRET]).await;
    let forgotten = app.restarted_with_secrets(&[newer]).await;
    choose(&mut forgotten.browser(), &ticket, &handles[0]).await.refused(422, "validation_failed");
    choose(&mut rotated.browser(), &ticket, &handles[0]).await.expect(200);
}

async fn another_users_session_gets_the_same_response_as_an_unknown_one(app: TestApp) {
    let (ayse, mehmet) = (app.person("ayse").await, app.person("mehmet").await);
    app.set_policy("sessionLimit", "1").await;
    app.signed_in(&mehmet).await;
    let theirs = app.database.texts("SELECT handle FROM sessions").await[0][0].clone();
    app.signed_in(&ayse).await;
    let mut browser = app.browser();
    let (ticket, handles) = ticket(&mut browser, &ayse).await;
    let answers = [
        choose(&mut browser, &ticket, &theirs).await.fingerprint(),
        choose(&mut browser, &ticket, "sid_nothing").await.fingerprint(),
        // Malformed handles: PostgreSQL does not accept NUL, so such a handle is not queried.
        choose(&mut browser, &ticket, "sid_\0").await.fingerprint(),
        choose(&mut browser, &ticket, "sid_\u{1b}\n").await.fingerprint(),
        choose(&mut browser, &ticket, &"s".repeat(10_000)).await.fingerprint(),
    ];
    assert!(answers[0].starts_with("404"), "{answers:?}");
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    assert_eq!(app.live_sessions().await, 2);
    choose(&mut browser, &ticket, &handles[0]).await.expect(200);
    assert_eq!(app.live_sessions().await, 2);
}

async fn a_choice_that_ended_meanwhile_is_asked_again_without_more_time(app: TestApp) {
    let ayse = app.person("ayse").await;
    app.set_policy("sessionLimit", "2").await;
    let mut browsers = browsers(&app, &ayse, 2).await;
    let mut browser = app.browser();
    let (first, handles) = ticket(&mut browser, &ayse).await;
    // The chosen session has ended, and a new one took its place.
    browsers[0].sign_out().await.expect(200);
    browsers[0].sign_in(&ayse).await;
    app.pass(4 * MINUTE);
    let body = choose(&mut browser, &first, &handles[0]).await.refused(409, "session_limit");
    let (again, offered) = (text(&body["ticket"]), body["sessions"].as_array().unwrap());
    assert!(offered.len() == 2 && offered.iter().all(|session| session["handle"] != handles[0].as_str()));
    assert_eq!(app.live_sessions().await, 2);
    app.pass(MINUTE);
    choose(&mut browser, &again, &handles[1]).await.refused(422, "validation_failed");

    // With room below the limit, no session has to end.
    let (third, handles) = ticket(&mut browser, &ayse).await;
    browsers[0].sign_out().await.expect(200);
    let gone =
        app.database.texts("SELECT handle FROM sessions WHERE end_reason = 'logout' ORDER BY ended_at DESC").await;
    assert!(handles.contains(&gone[0][0]));
    choose(&mut browser, &third, &gone[0][0]).await.expect(200);
    assert!(browsers[1].is_signed_in().await);
    assert_eq!(app.live_sessions().await, 2);
}

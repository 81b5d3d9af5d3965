//! Who wants to be asked chooses, by a ticket in the place of the password.

use kafkasder_panel::server::cookie;
use serde_json::{Value, json};

use super::{CHOOSE, asking, browsers, choose, ended, text, ticket};
use crate::support::{DAY, LOGIN, LOGOUT, MINUTE, SECOND, SESSION, TestApp, at};

both![
    who_wants_to_be_asked_gets_the_sessions_and_no_session,
    the_chosen_session_ends_and_the_caller_is_signed_in,
    the_wish_to_be_remembered_waits_in_the_ticket,
    a_ticket_is_good_for_five_minutes,
    a_ticket_starts_one_session_and_never_a_second,
    a_ticket_dies_with_its_password_and_with_its_account,
    what_is_no_ticket_is_refused,
    a_ticket_outlives_a_change_of_secrets,
    a_session_that_is_not_mine_is_like_one_that_is_not_there,
    a_choice_that_is_over_meanwhile_is_asked_anew_without_more_time,
];

async fn who_wants_to_be_asked_gets_the_sessions_and_no_session(app: TestApp) {
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
    assert!(answer.cookies().is_empty(), "no session and no word of the device: {answer}");
    assert_eq!((app.live_sessions().await, body.get("alsoEnding")), (3, None));
    assert_eq!(
        app.database.texts("SELECT CAST(last_login AS TEXT), email FROM users ORDER BY email").await,
        before,
        "it was no sign-in"
    );
    assert_eq!(app.audited("session_limit_reached").await, 1);

    let sessions = body["sessions"].as_array().unwrap();
    assert_eq!(sessions.len(), 2, "mine alone");
    let minute = MINUTE.as_millis() as i64;
    let handles = app.database.texts("SELECT handle FROM sessions ORDER BY started_at, address").await;
    let (oldest, started) = (&sessions[0], now - 2 * minute);
    assert_eq!(
        *oldest,
        json!({
            "handle": handles[1][0], "current": false, "browser": "", "device": "", "address": "192.0.2.1",
            "remembered": false, "startedAt": at(started), "lastActiveAt": at(started),
            "expiresAt": at(started + DAY.as_millis() as i64), "idleExpiresAt": at(started + 31 * minute),
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
    // Without a token nobody is asked what they have chosen.
    app.browser()
        .fetch("POST", CHOOSE)
        .json(&json!({ "ticket": ticket, "handle": handles[0] }))
        .send()
        .await
        .refused(403, "csrf_failed");
}

async fn the_wish_to_be_remembered_waits_in_the_ticket(app: TestApp) {
    let ayse = app.person("ayse").await;
    app.set_policy("sessionLimit", "1").await;
    app.signed_in(&ayse).await;
    let mut browser = app.browser();
    let body = json!({ "email": ayse.email, "password": ayse.password, "rememberMe": true, "askAtLimit": true });
    let body = browser.post(LOGIN, body).await.refused(409, "session_limit");
    let answer = choose(&mut browser, &text(&body["ticket"]), &text(&body["sessions"][0]["handle"])).await;
    assert_eq!(answer.cookie("auth-session").unwrap().max_age(), Some(2_592_000));
}

async fn a_ticket_is_good_for_five_minutes(app: TestApp) {
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

async fn a_ticket_starts_one_session_and_never_a_second(app: TestApp) {
    let ayse = app.person("ayse").await;
    app.set_policy("sessionLimit", "3").await;
    browsers(&app, &ayse, 3).await;
    let mut browser = app.browser();
    let (ticket, handles) = ticket(&mut browser, &ayse).await;
    choose(&mut browser, &ticket, &handles[0]).await.expect(200);
    // Neither for another session, nor when there is room, nor after signing out.
    for handle in &handles {
        let body = choose(&mut app.browser(), &ticket, handle).await.refused(422, "validation_failed");
        assert!(body["fields"]["ticket"].is_string());
    }
    assert_eq!(app.live_sessions().await, 3);
    browser.post(LOGOUT, json!({})).await.expect(200);
    choose(&mut app.browser(), &ticket, &handles[1]).await.refused(422, "validation_failed");
    assert_eq!(app.live_sessions().await, 2);
}

async fn a_ticket_dies_with_its_password_and_with_its_account(app: TestApp) {
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
    // The same password, but a new proof is due.
    let body = choose(&mut browser, &ticket, &handles[0]).await.refused(422, "validation_failed");
    assert!(body["fields"]["ticket"].is_string());
    assert_eq!(app.live_sessions().await, 0);
}

async fn what_is_no_ticket_is_refused(app: TestApp) {
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

async fn a_ticket_outlives_a_change_of_secrets(app: TestApp) {
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

async fn a_session_that_is_not_mine_is_like_one_that_is_not_there(app: TestApp) {
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
        // What no handle is made of: a database that holds no NUL is not asked.
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

async fn a_choice_that_is_over_meanwhile_is_asked_anew_without_more_time(app: TestApp) {
    let ayse = app.person("ayse").await;
    app.set_policy("sessionLimit", "2").await;
    let mut browsers = browsers(&app, &ayse, 2).await;
    let mut browser = app.browser();
    let (first, handles) = ticket(&mut browser, &ayse).await;
    // The chosen one is gone, and another took its place.
    browsers[0].sign_out().await.expect(200);
    browsers[0].sign_in(&ayse).await;
    app.pass(4 * MINUTE);
    let body = choose(&mut browser, &first, &handles[0]).await.refused(409, "session_limit");
    let (again, offered) = (text(&body["ticket"]), body["sessions"].as_array().unwrap());
    assert!(offered.len() == 2 && offered.iter().all(|session| session["handle"] != handles[0].as_str()));
    assert_eq!(app.live_sessions().await, 2);
    app.pass(MINUTE);
    choose(&mut browser, &again, &handles[1]).await.refused(422, "validation_failed");

    // Where there is room by now, nothing else has to end.
    let (third, handles) = ticket(&mut browser, &ayse).await;
    browsers[0].sign_out().await.expect(200);
    let gone =
        app.database.texts("SELECT handle FROM sessions WHERE end_reason = 'logout' ORDER BY ended_at DESC").await;
    assert!(handles.contains(&gone[0][0]));
    choose(&mut browser, &third, &gone[0][0]).await.expect(200);
    assert!(browsers[1].is_signed_in().await);
    assert_eq!(app.live_sessions().await, 2);
}

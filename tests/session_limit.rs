//! The session limit: who has a choice chooses what ends, for everybody else
//! the least recently active session does, and nothing ever exceeds it.

use std::sync::Arc;

use futures::future::join_all;
use http::Request;
use kafkasder_panel::model::email::Email;
use kafkasder_panel::server::cookie;
use kafkasder_panel::server::policy;
use kafkasder_panel::server::request::{Asked, Visit};
use kafkasder_panel::server::sessions::{self, AtLimit};
use kafkasder_panel::server::users::{self, Proven};
use serde_json::{Value, json};
use tokio::sync::Barrier;

use crate::support::{Answer, Browser, DAY, HOUR, LOGIN, LOGOUT, MINUTE, Person, SECOND, SESSION, TestApp, at};

both![
    without_a_choice_the_least_recently_active_session_ends,
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
    a_lower_limit_ends_nobody_by_itself_and_binds_at_the_next_sign_in,
    zero_is_no_limit,
    what_is_over_does_not_count_and_neither_does_what_is_replaced,
    a_right_password_at_the_limit_is_a_success,
    without_scripts_the_page_comes_back_with_the_sessions,
    without_scripts_a_dead_ticket_leads_back_to_the_form,
    a_forged_flash_offers_nothing,
    parallel_sign_ins_never_exceed_the_limit,
    parallel_choices_never_exceed_the_limit,
    twenty_parallel_requests_leave_as_many_as_allowed,
];

const CHOOSE: &str = "/api/auth/login/choose";

/// Signs in as our page does.
async fn asking(browser: &mut Browser, person: &Person) -> Answer {
    let body = json!({ "email": person.email, "password": person.password, "askAtLimit": true });
    browser.post(LOGIN, body).await
}

async fn choose(browser: &mut Browser, ticket: &str, handle: &str) -> Answer {
    browser.post(CHOOSE, json!({ "ticket": ticket, "handle": handle })).await
}

/// Meets the limit; gives the ticket and the handles, least recently active first.
async fn ticket(browser: &mut Browser, person: &Person) -> (String, Vec<String>) {
    let body = asking(browser, person).await.refused(409, "session_limit");
    let handles = body["sessions"].as_array().unwrap().iter();
    (text(&body["ticket"]), handles.map(|session| text(&session["handle"])).collect())
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

async fn live(app: &TestApp) -> i64 {
    app.database.number("SELECT count(*) FROM sessions WHERE ended_at IS NULL").await
}

async fn ended(app: &TestApp) -> Vec<Vec<String>> {
    app.database
        .texts("SELECT end_reason, ended_by FROM sessions WHERE ended_at IS NOT NULL ORDER BY started_at, handle")
        .await
}

/// Browsers of a person, signed in a minute apart, the first one first.
async fn browsers(app: &TestApp, person: &Person, count: usize) -> Vec<Browser> {
    let mut browsers = Vec::new();
    for number in 0..count {
        app.pass(MINUTE);
        let mut browser = app.browser().at(&format!("192.0.2.{}", number + 1));
        browser.sign_in(person).await;
        browsers.push(browser);
    }
    app.pass(MINUTE);
    browsers
}

async fn without_a_choice_the_least_recently_active_session_ends(app: TestApp) {
    let ayse = app.person("ayse").await;
    app.set_policy("sessionLimit", "2").await;
    let mut browsers = browsers(&app, &ayse, 2).await;
    // The older one has been active since, so the younger one is the idler.
    app.pass(MINUTE);
    browsers[0].navigate("/").await.expect(200);
    app.browser().sign_in(&ayse).await;

    assert!(browsers[0].is_signed_in().await);
    assert_eq!(browsers[1].get(SESSION).await.refused(401, "unauthenticated")["reason"], "session_limit");
    assert_eq!(live(&app).await, 2);
    assert_eq!(ended(&app).await, [["session_limit", ""]], "by nobody: the policy did");
    let audit = app.database.texts("SELECT actor, target, details FROM audit WHERE action = 'session_ended'").await;
    assert_eq!(audit, [[ayse.id.as_str(), ayse.id.as_str(), r#"{"reason":"session_limit"}"#]]);
}

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
    assert_eq!((live(&app).await, body.get("alsoEnding")), (3, None));
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
    assert_eq!(live(&app).await, 3);
    browser.post(LOGOUT, json!({})).await.expect(200);
    choose(&mut app.browser(), &ticket, &handles[1]).await.refused(422, "validation_failed");
    assert_eq!(live(&app).await, 2);
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
    assert_eq!(live(&app).await, 0);
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
    let nothing = choose(&mut browser, &ticket, "sid_nothing").await.fingerprint();
    assert!(nothing.starts_with("404"), "{nothing}");
    for other in [theirs.as_str(), "sid_\u{0}", "\u{7f}", "'", "sid_%"] {
        assert_eq!(choose(&mut browser, &ticket, other).await.fingerprint(), nothing, "{other:?}");
    }
    assert_eq!(live(&app).await, 2);
    choose(&mut browser, &ticket, &handles[0]).await.expect(200);
    assert_eq!(live(&app).await, 2);
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
    assert_eq!(live(&app).await, 2);
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
    assert_eq!(live(&app).await, 2);
}

async fn a_lower_limit_ends_nobody_by_itself_and_binds_at_the_next_sign_in(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browsers = browsers(&app, &ayse, 5).await;
    app.set_policy("sessionLimit", "2").await;
    app.sweep().await;
    for browser in &mut browsers {
        assert!(browser.is_signed_in().await);
    }
    let mut browser = app.browser();
    let body = asking(&mut browser, &ayse).await.refused(409, "session_limit");
    assert_eq!((body["sessions"].as_array().unwrap().len(), &body["alsoEnding"]), (5, &json!(3)));
    let newest = text(&body["sessions"][4]["handle"]);
    choose(&mut browser, &text(&body["ticket"]), &newest).await.expect(200);
    let mut signed_in = Vec::new();
    for browser in &mut browsers {
        signed_in.push(browser.is_signed_in().await);
    }
    assert_eq!(signed_in, [false, false, false, true, false], "the chosen one and the least active three");
    app.set_policy("sessionLimit", "1").await;
    app.browser().sign_in(&ayse).await;
    assert_eq!(live(&app).await, 1);
}

async fn zero_is_no_limit(app: TestApp) {
    let ayse = app.person("ayse").await;
    let limited = app.person("mehmet").await;
    for _ in 0..22 {
        app.browser().sign_in(&limited).await;
    }
    assert_eq!(live(&app).await, 20, "twenty unless said otherwise");
    app.set_policy("sessionLimit", "0").await;
    for _ in 0..22 {
        asking(&mut app.browser(), &ayse).await.expect(200);
    }
    assert_eq!(live(&app).await, 42);
}

async fn what_is_over_does_not_count_and_neither_does_what_is_replaced(app: TestApp) {
    let ayse = app.person("ayse").await;
    app.set_policy("sessionLimit", "2").await;
    let mut sleeper = app.signed_in(&ayse).await;
    app.pass(HOUR);
    // Idle for too long, though nobody has written it down yet.
    let mut first = app.browser();
    asking(&mut first, &ayse).await.expect(200);
    let mut second = app.browser();
    asking(&mut second, &ayse).await.expect(200);
    assert_eq!(sleeper.get(SESSION).await.refused(401, "unauthenticated")["reason"], "idle");
    // Signing in again in the same browser takes no place.
    asking(&mut second, &ayse).await.expect(200);
    assert!(first.is_signed_in().await);
    second.sign_out().await.expect(200);
    asking(&mut app.browser(), &ayse).await.expect(200);
    // At the limit, the browser's own session stays what it was.
    let mehmet = app.person("mehmet").await;
    let mut other = app.signed_in(&mehmet).await;
    asking(&mut other, &ayse).await.refused(409, "session_limit");
    assert!(other.is_signed_in().await);
}

async fn a_right_password_at_the_limit_is_a_success(app: TestApp) {
    let ayse = app.person("ayse").await;
    app.set_policy("sessionLimit", "1").await;
    app.set_policy("addressLimit", "10").await;
    app.browser().at("192.0.2.9").sign_in(&ayse).await;
    for _ in 0..2 {
        for left in [4, 3, 2, 1] {
            let answer = app.browser().try_password(&ayse.email, "not the password at all").await;
            assert_eq!(answer.refused(401, "invalid_credentials")["remainingAttempts"], left);
        }
        asking(&mut app.browser(), &ayse).await.refused(409, "session_limit");
    }
    assert_eq!(app.database.number("SELECT count(*) FROM lockouts").await, 0);
    assert_eq!(app.database.number("SELECT failures FROM address_limits WHERE bucket = '198.51.100.7'").await, 8);
}

async fn without_scripts_the_page_comes_back_with_the_sessions(app: TestApp) {
    let ayse = app.person("ayse").await;
    app.set_policy("sessionLimit", "2").await;
    let mut browsers = browsers(&app, &ayse, 2).await;
    let mut browser = app.browser();
    let fields = [
        ("email", ayse.email.as_str()),
        ("password", ayse.password.as_str()),
        ("askAtLimit", "true"),
        ("rememberMe", "true"),
        ("redirect", "/account?tab=1"),
    ];
    let page = "/login?redirect=%2Faccount%3Ftab%3D1";
    let answer = browser.submit(page, LOGIN, &fields).await;
    assert_eq!(answer.see_other(), format!("{page}&error=session_limit"));
    assert!(browser.session().is_none());

    let answer = browser.navigate(&format!("{page}&error=session_limit")).await.expect(200);
    let html = answer.text();
    for wanted in ["You are signed in on as many devices as allowed.", "192.0.2.1", "192.0.2.2", "End it and sign in"] {
        assert!(html.contains(wanted), "{wanted}: {html}");
    }
    assert!(!html.contains(&ayse.password) && !html.contains("type=\"password\""), "{html}");
    let field = |name: &str| {
        let rest = html.split_once(&format!("name=\"{name}\"")).unwrap().1;
        rest.split_once("value=\"").unwrap().1.split_once('"').unwrap().0.to_owned()
    };
    let (ticket, handle) = (field("ticket"), field("handle"));

    // What failed on its way may be tried again with the same ticket.
    let choice = [("ticket", ticket.as_str()), ("handle", ""), ("redirect", "/account?tab=1")];
    let answer = browser.submit(&format!("{page}&error=session_limit"), CHOOSE, &choice).await;
    assert_eq!(answer.see_other(), format!("{page}&error=validation_failed"));
    let again = browser.navigate(&format!("{page}&error=validation_failed")).await.expect(200);
    assert!(again.text().contains("Choose the session to end.") && again.text().contains(&handle), "{again}");

    let choice = [("ticket", ticket.as_str()), ("handle", &handle), ("redirect", "/account?tab=1")];
    let answer = browser.submit(&format!("{page}&error=session_limit"), CHOOSE, &choice).await;
    assert_eq!(answer.see_other(), "/account?tab=1");
    assert_eq!(answer.cookie("auth-session").unwrap().max_age(), Some(2_592_000));
    assert!(answer.clears("flash"));
    assert!(browser.is_signed_in().await && !browsers[0].is_signed_in().await && browsers[1].is_signed_in().await);
}

async fn without_scripts_a_dead_ticket_leads_back_to_the_form(app: TestApp) {
    let ayse = app.person("ayse").await;
    app.set_policy("sessionLimit", "1").await;
    app.signed_in(&ayse).await;
    let mut browser = app.browser();
    let (ticket, handles) = ticket(&mut browser, &ayse).await;
    app.pass(5 * MINUTE);
    let choice = [("ticket", ticket.as_str()), ("handle", handles[0].as_str())];
    let answer = browser.submit("/login?error=session_limit", CHOOSE, &choice).await;
    assert_eq!(answer.see_other(), "/login?error=validation_failed");
    let page = browser.navigate("/login?error=validation_failed").await.expect(200);
    assert!(page.text().contains("This choice is no longer possible."), "{page}");
    assert!(page.text().contains("type=\"password\"") && !page.text().contains(&handles[0]), "{page}");
    // A ticket too long for a cookie is not carried around.
    let long = "A".repeat(20_000);
    browser.submit("/login", CHOOSE, &[("ticket", &long), ("handle", "x")]).await.see_other();
}

async fn a_forged_flash_offers_nothing(app: TestApp) {
    let ayse = app.person("ayse").await;
    app.set_policy("sessionLimit", "1").await;
    app.browser().at("192.0.2.1").sign_in(&ayse).await;
    let mut browser = app.browser();
    let fields = [("email", ayse.email.as_str()), ("password", ayse.password.as_str()), ("askAtLimit", "true")];
    browser.submit("/login", LOGIN, &fields).await.see_other();
    let listed = |page: &Answer| page.text().contains("192.0.2.1");
    assert!(listed(&browser.navigate("/login?error=session_limit").await));
    assert!(!listed(&browser.navigate("/login").await), "cancelled");
    assert!(!listed(&browser.navigate("/login?error=invalid_credentials").await));
    assert!(!listed(&app.browser().navigate("/login?error=session_limit").await));
    let mut forged = app.browser();
    forged.plant("flash", &browser.jar["flash"][1..]);
    assert!(!listed(&forged.navigate("/login?error=session_limit").await));
    app.disable(&ayse).await;
    assert!(!listed(&browser.navigate("/login?error=session_limit").await.expect(200)));
}

/// A request as the layers hand it to a service, by a stranger.
fn asked(app: &TestApp) -> Asked {
    let (parts, ()) = Request::post(LOGIN).body(()).unwrap().into_parts();
    let visit = Visit::of(&parts, &app.state.config, app.now(), "race".to_owned());
    Asked { panel: app.state.clone(), visit: Arc::new(visit), identity: None, answer: None }
}

/// A proof of the password without the hash's cost.
async fn proven(app: &TestApp, person: &Person) -> Proven {
    let user = users::find(&app.state.db, &Email::parse(&person.email).unwrap()).await.unwrap();
    let policy = policy::read(&app.state.db).await.unwrap().policy;
    let password_hash = app.database.texts("SELECT password_hash FROM users").await[0][0].clone();
    Proven { user, policy, buckets: None, device_epoch: 0, password_hash, rehashed: None }
}

async fn parallel_sign_ins_never_exceed_the_limit(app: TestApp) {
    let ayse = app.person("ayse").await;
    app.set_policy("sessionLimit", "3").await;
    let proof = proven(&app, &ayse).await;
    for round in 0..100 {
        let barrier = Arc::new(Barrier::new(8));
        let starts = (0..8).map(|number| {
            let (app, barrier) = (app.clone(), barrier.clone());
            let (user, policy, password_hash) = (proof.user.clone(), proof.policy.clone(), proof.password_hash.clone());
            tokio::spawn(async move {
                let proven = Proven { user, policy, buckets: None, device_epoch: 0, password_hash, rehashed: None };
                barrier.wait().await;
                sessions::start(&asked(&app), proven, false, AtLimit::of_wish(number % 2 == 0)).await.is_ok()
            })
        });
        let started = join_all(starts).await.into_iter().filter(|started| *started.as_ref().unwrap()).count();
        assert!(started >= 4, "who does not ask is always let in");
        assert_eq!(live(&app).await, 3, "round {round}");
    }
}

async fn parallel_choices_never_exceed_the_limit(app: TestApp) {
    let ayse = app.person("ayse").await;
    app.set_policy("sessionLimit", "3").await;
    browsers(&app, &ayse, 3).await;
    for round in 0..5 {
        // One ticket twice and two more, for the same sessions.
        let mut choices = Vec::new();
        for number in 0..3 {
            let mut browser = app.browser();
            let (ticket, handles) = ticket(&mut browser, &ayse).await;
            choices.push((browser.clone(), ticket.clone(), handles[number % 2].clone()));
            if number == 0 {
                choices.push((browser, ticket, handles[2].clone()));
            }
        }
        let barrier = Arc::new(Barrier::new(choices.len()));
        let sent = choices.into_iter().map(|(mut browser, ticket, handle)| {
            let barrier = barrier.clone();
            tokio::spawn(async move {
                barrier.wait().await;
                choose(&mut browser, &ticket, &handle).await.status
            })
        });
        let statuses: Vec<u16> = join_all(sent).await.into_iter().map(Result::unwrap).collect();
        assert!(statuses.iter().all(|status| [200, 409, 422].contains(status)), "{statuses:?}");
        let twice = statuses[..2].iter().filter(|status| **status == 200).count();
        assert!(twice <= 1, "one ticket, one session: {statuses:?}");
        assert_eq!(live(&app).await, 3, "round {round}: {statuses:?}");
    }
}

async fn twenty_parallel_requests_leave_as_many_as_allowed(app: TestApp) {
    let ayse = app.person("ayse").await;
    app.set_policy("sessionLimit", "3").await;
    app.set_policy("maxAttempts", "10").await;
    let barrier = Arc::new(Barrier::new(20));
    let mut sent = Vec::new();
    for _ in 0..20 {
        let (mut browser, barrier, ayse) = (app.browser(), barrier.clone(), ayse.clone());
        browser.ready().await;
        sent.push(tokio::spawn(async move {
            barrier.wait().await;
            browser.try_password(&ayse.email, &ayse.password).await.status
        }));
    }
    let statuses: Vec<u16> = join_all(sent).await.into_iter().map(Result::unwrap).collect();
    // An attempt is charged before it is looked at, so some may find the account locked.
    assert!(statuses.iter().all(|status| [200, 429].contains(status)), "{statuses:?}");
    assert!(statuses.iter().filter(|status| **status == 200).count() >= 3, "{statuses:?}");
    assert_eq!(live(&app).await, 3);
}

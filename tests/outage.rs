//! A database outage: requests are refused as unavailable, and no session ends.

use futures::future::join_all;
use serde_json::json;

use crate::support::{Answer, Browser, CSRF, HOUR, LOGIN, LOGOUT, Outage, PASSWORD, SESSION, TestApp, USER};

both![
    an_outage_ends_no_session,
    a_page_reports_the_outage_and_does_not_redirect_to_the_login,
    the_login_page_works_during_an_outage,
    signing_in_is_unavailable_and_counts_no_attempt,
    signing_out_clears_the_cookies_and_is_written_later,
    an_unwritten_sign_out_takes_effect_at_once,
    signing_out_still_checks_the_origin_and_the_token,
    signing_out_by_form_works_without_the_database,
    the_server_is_alive_but_not_ready,
    one_time_links_work_after_the_outage,
    a_sign_in_beyond_the_hashing_queue_is_unavailable,
];

fn assert_unavailable(answer: &Answer) {
    let body = answer.refused(503, "unavailable");
    assert_eq!(body["error"], "The panel is not available at the moment. Please try again shortly.");
    assert_eq!(body.as_object().unwrap().len(), 3, "no internal details: {body}");
}

/// Returns a signed-in browser on a server whose database is away.
async fn signed_in_before_outage(app: &TestApp) -> (Outage, Browser) {
    let ayse = app.person("ayse").await;
    let browser = app.signed_in(&ayse).await;
    let outage = Outage::of(app).await;
    let browser = browser.connected_to(&outage.app);
    (outage, browser)
}

async fn an_outage_ends_no_session(app: TestApp) {
    let (mut outage, mut browser) = signed_in_before_outage(&app).await;
    let cookies = browser.jar.clone();
    for path in [SESSION, USER, CSRF, "/api/nothing"] {
        let answer = browser.get(path).await;
        assert_unavailable(&answer);
        assert!(answer.cookies().is_empty(), "{answer}");
    }
    assert_eq!(browser.jar, cookies);
    outage.end().await;
    browser.get(SESSION).await.expect(200);
}

async fn a_page_reports_the_outage_and_does_not_redirect_to_the_login(app: TestApp) {
    let (mut outage, mut browser) = signed_in_before_outage(&app).await;
    for path in ["/", "/account", "/nothing"] {
        let page = browser.navigate(path).await.expect(503);
        assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
        assert!(page.text().contains("The panel is not available at the moment."));
        assert!(page.cookie("auth-session").is_none());
    }
    outage.end().await;
    browser.navigate("/").await.expect(200);
}

async fn the_login_page_works_during_an_outage(app: TestApp) {
    let (mut outage, _) = signed_in_before_outage(&app).await;
    let mut stranger = outage.app.browser();
    stranger.navigate("/login").await.expect(200);
    stranger.get(CSRF).await.expect(200);
    stranger.get(SESSION).await.refused(401, "unauthenticated");
    // A forged cookie is refused without the database.
    let mut forger = outage.app.browser();
    forger.set_cookie("auth-session", "nonsense");
    forger.get(SESSION).await.refused(401, "unauthenticated");
    outage.end().await;
}

async fn signing_in_is_unavailable_and_counts_no_attempt(app: TestApp) {
    let (mut outage, _) = signed_in_before_outage(&app).await;
    // Concurrently, because each request waits until the server's timeout.
    let tries = [PASSWORD, "not the password at all"].repeat(6).into_iter().map(|password| {
        let mut browser = outage.app.browser();
        async move { browser.try_password("ayse@example.org", password).await }
    });
    join_all(tries).await.iter().for_each(assert_unavailable);
    let answer =
        outage.app.browser().submit("/login", LOGIN, &[("email", "ayse@example.org"), ("password", "x")]).await;
    assert_eq!(answer.see_other(), "/login?error=unavailable");
    outage.end().await;
    let body = outage
        .app
        .browser()
        .try_password("ayse@example.org", "not the password at all")
        .await
        .refused(401, "invalid_credentials");
    assert_eq!(body["remainingAttempts"], 4);
}

fn assert_cleared(answer: &Answer) {
    for name in ["auth-session", "csrf-token"] {
        assert!(answer.clears(name), "{name} is not cleared: {answer}");
    }
}

async fn signing_out_clears_the_cookies_and_is_written_later(app: TestApp) {
    let (mut outage, mut browser) = signed_in_before_outage(&app).await;
    let copy = browser.clone();
    let gone = app.now();
    let answer = browser.sign_out().await;
    assert_unavailable(&answer);
    assert_cleared(&answer);
    assert_eq!(browser.jar.keys().collect::<Vec<_>>(), ["device"]);

    app.pass(HOUR / 6);
    outage.end().await;
    outage.app.write_pending().await;
    let row = app.database.texts("SELECT end_reason, CAST(ended_at AS TEXT) FROM sessions").await;
    assert_eq!(row, [["logout".to_owned(), gone.to_string()]]);
    assert_eq!(app.audited("sign_out").await, 1);
    // The sign-out is in force on every server and after a restart.
    let elsewhere = app.restarted().await;
    assert_eq!(copy.connected_to(&elsewhere).get(SESSION).await.refused(401, "unauthenticated")["reason"], "logout");
    outage.app.write_pending().await;
    assert_eq!(app.audited("sign_out").await, 1, "once");
}

async fn an_unwritten_sign_out_takes_effect_at_once(app: TestApp) {
    let (mut outage, mut browser) = signed_in_before_outage(&app).await;
    let mut copy = browser.clone();
    assert_unavailable(&browser.sign_out().await);
    // The server knows the sign-out even before the database is back.
    assert_eq!(copy.clone().get(SESSION).await.refused(401, "unauthenticated")["reason"], "logout");
    outage.end().await;
    let answer = copy.get(SESSION).await;
    assert_eq!(answer.refused(401, "unauthenticated")["reason"], "logout");
    assert!(answer.clears("auth-session"));
}

async fn signing_out_still_checks_the_origin_and_the_token(app: TestApp) {
    let (mut outage, mut browser) = signed_in_before_outage(&app).await;
    let token = browser.token().unwrap();
    let forged = format!("{}x", &token[..token.len() - 1]);
    for (origin, header, cookie) in [
        ("https://evil.example", token.as_str(), token.as_str()),
        ("null", &token, &token),
        ("http://127.0.0.1:3000", "", &token),
        ("http://127.0.0.1:3000", &forged, &token),
        ("http://127.0.0.1:3000", &forged, &forged),
    ] {
        let cookies = format!("auth-session={}; csrf-token={cookie}", browser.session().unwrap());
        let ask = browser
            .fetch("POST", LOGOUT)
            .header("origin", origin)
            .without("sec-fetch-site")
            .header("x-csrf-token", header);
        let answer = ask.header("cookie", &cookies).send().await;
        answer.refused(403, "csrf_failed");
        assert!(answer.cookies().is_empty(), "{answer}");
    }
    outage.end().await;
    outage.app.write_pending().await;
    assert!(browser.is_signed_in().await, "no sign-out was kept");

    // Without the database any genuine token is enough, because the session's handle can't be looked up.
    let mut again = Outage::of(&app).await;
    let mut browser = browser.connected_to(&again.app);
    let another = again.app.browser().ensure_token().await;
    browser.set_cookie("csrf-token", &another);
    assert_unavailable(&browser.fetch("POST", LOGOUT).header("x-csrf-token", &another).send().await);
    again.end().await;
}

async fn signing_out_by_form_works_without_the_database(app: TestApp) {
    let (mut outage, mut browser) = signed_in_before_outage(&app).await;
    let answer = browser.submit("/", LOGOUT, &[]).await;
    assert!(answer.see_other().ends_with("error=unavailable"), "{answer}");
    assert_cleared(&answer);
    outage.end().await;
    outage.app.write_pending().await;
    assert_eq!(app.database.texts("SELECT end_reason FROM sessions").await, [["logout"]]);
}

async fn the_server_is_alive_but_not_ready(app: TestApp) {
    let (mut outage, _) = signed_in_before_outage(&app).await;
    let mut balancer = outage.app.browser();
    assert_eq!(balancer.get("/healthz").await.expect(200).text(), "ok");
    assert_unavailable(&balancer.get("/readyz").await);
    outage.end().await;
    assert_eq!(balancer.get("/readyz").await.expect(200).text(), "ok");
}

async fn one_time_links_work_after_the_outage(app: TestApp) {
    let invitation = app.invited("irmak").await;
    let (mut outage, _) = signed_in_before_outage(&app).await;
    let body = json!({ "token": invitation, "password": PASSWORD });
    assert_unavailable(&outage.app.browser().post("/api/activate", body.clone()).await);
    outage.end().await;
    outage.app.browser().post("/api/activate", body).await.expect(200);
}

async fn a_sign_in_beyond_the_hashing_queue_is_unavailable(app: TestApp) {
    let ayse = app.person("ayse").await;
    let places: Vec<_> = std::iter::from_fn(|| app.state.hasher.reserve().ok()).collect();
    for email in [ayse.email.as_str(), "nobody@example.org"] {
        for _ in 0..6 {
            assert_unavailable(&app.browser().try_password(email, "not the password at all").await);
        }
    }
    drop(places);
    let body =
        app.browser().try_password(&ayse.email, "not the password at all").await.refused(401, "invalid_credentials");
    assert_eq!(body["remainingAttempts"], 4, "no attempt was charged");
}

//! Signing out ends the session for every copy of its cookie.

use serde_json::json;

use crate::support::{Answer, Browser, HOUR, LOGOUT, SESSION, TestApp, USER};

both![
    signing_out_ends_the_session_and_clears_both_cookies,
    a_copied_cookie_is_refused_everywhere,
    signing_out_needs_no_session,
    signing_out_twice_succeeds,
    signing_out_of_an_expired_session_succeeds,
    signing_out_needs_no_body_and_no_content_type,
    a_get_request_ends_no_session,
    a_cross_site_request_ends_no_session,
    signing_out_needs_the_csrf_token,
    the_body_of_a_sign_out_is_ignored,
    a_too_large_request_clears_no_cookie,
    signing_out_keeps_other_sessions,
    a_form_redirects_to_the_front_page_or_the_given_path,
    the_end_of_the_session_is_recorded_with_its_reason,
];

fn assert_cleared(answer: &Answer) {
    for name in ["auth-session", "csrf-token"] {
        assert!(answer.clears(name), "{name} is not cleared: {answer}");
    }
}

async fn signed_in(app: &TestApp) -> Browser {
    let ayse = app.person("ayse").await;
    app.signed_in(&ayse).await
}

async fn signing_out_ends_the_session_and_clears_both_cookies(app: TestApp) {
    let mut browser = signed_in(&app).await;
    let answer = browser.sign_out().await.expect(200);
    assert_eq!(answer.text(), r#"{"success":true,"data":null}"#);
    assert_cleared(&answer);
    assert_eq!(
        answer.cookie("auth-session").unwrap().attributes,
        ["HttpOnly", "Max-Age=0", "Path=/", "SameSite=Strict"]
    );
    assert_eq!(browser.jar.keys().collect::<Vec<_>>(), ["device"]);
    assert!(!browser.is_signed_in().await);
}

async fn a_copied_cookie_is_refused_everywhere(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.remembered(&ayse).await;
    let copy = browser.clone();
    browser.sign_out().await.expect(200);
    for path in [SESSION, USER, "/api/nothing"] {
        let answer = copy.clone().get(path).await;
        assert_eq!(answer.refused(401, "unauthenticated")["reason"], "logout", "{path}");
    }
    for page in ["/", "/account", "/settings"] {
        assert!(copy.clone().navigate(page).await.see_other().starts_with("/login"), "{page}");
    }
    copy.clone().navigate("/login").await.expect(200);
    app.pass(HOUR);
    copy.clone().get(SESSION).await.refused(401, "unauthenticated");
}

async fn signing_out_needs_no_session(app: TestApp) {
    for cookies in [
        vec![],
        vec![("auth-session", "nonsense")],
        vec![("csrf-token", "nonsense")],
        vec![("auth-session", "x"), ("csrf-token", "y")],
    ] {
        let mut browser = app.browser();
        cookies.iter().for_each(|(name, value)| browser.set_cookie(name, value));
        let answer = browser.fetch("POST", LOGOUT).send().await.expect(200);
        assert_cleared(&answer);
        assert!(browser.jar.is_empty());
    }
}

async fn signing_out_twice_succeeds(app: TestApp) {
    let mut browser = signed_in(&app).await;
    let mut copy = browser.clone();
    let first = browser.sign_out().await.expect(200);
    let second = copy.sign_out().await.expect(200);
    assert_eq!(first.text(), second.text());
    assert_cleared(&second);
    assert_eq!(app.database.texts("SELECT end_reason FROM sessions").await, [["logout"]]);
}

async fn signing_out_of_an_expired_session_succeeds(app: TestApp) {
    let mut browser = signed_in(&app).await;
    app.pass(HOUR);
    let answer = browser.sign_out().await.expect(200);
    assert_cleared(&answer);
    assert_eq!(app.database.texts("SELECT end_reason FROM sessions").await, [["idle"]]);
}

async fn signing_out_needs_no_body_and_no_content_type(app: TestApp) {
    let ayse = app.person("ayse").await;
    for json_body in [None, Some("{}"), Some("")] {
        let mut browser = app.signed_in(&ayse).await;
        let ask = browser.fetch("POST", LOGOUT).with_token();
        let ask = match json_body {
            Some(body) => ask.body("application/json", body),
            None => ask,
        };
        ask.send().await.expect(200);
        assert!(!browser.is_signed_in().await);
    }
}

async fn a_get_request_ends_no_session(app: TestApp) {
    let mut browser = signed_in(&app).await;
    for method in ["GET", "HEAD", "PUT", "DELETE", "PATCH"] {
        let answer = browser.fetch(method, LOGOUT).with_token().send().await.expect(405);
        assert_eq!(answer.header("allow"), Some("POST"));
        assert!(answer.cookies().is_empty(), "{answer}");
    }
    browser.navigation(LOGOUT).send().await.expect(405);
    browser.navigate("/logout").await.expect(404);
    assert!(browser.is_signed_in().await);
}

async fn a_cross_site_request_ends_no_session(app: TestApp) {
    let mut browser = signed_in(&app).await;
    for (origin, site) in [
        ("https://evil.example", "cross-site"),
        ("https://evil.example", ""),
        ("null", "cross-site"),
        ("", "cross-site"),
        ("", "same-site"),
    ] {
        // With and without cookies, because browsers don't send Strict cookies with cross-site requests.
        for cookies in [true, false] {
            let mut ask = browser.fetch("POST", LOGOUT).with_token().without("origin").without("sec-fetch-site");
            for (name, value) in
                [("origin", origin), ("sec-fetch-site", site)].iter().filter(|(_, value)| !value.is_empty())
            {
                ask = ask.header(name, value);
            }
            let answer = if cookies { ask } else { ask.without("cookie") }.send().await;
            answer.refused(403, "csrf_failed");
            assert!(answer.cookies().is_empty(), "{answer}");
        }
    }
    assert!(browser.is_signed_in().await);
}

async fn signing_out_needs_the_csrf_token(app: TestApp) {
    let mut browser = signed_in(&app).await;
    let answer = browser.fetch("POST", LOGOUT).send().await;
    answer.refused(403, "csrf_failed");
    assert!(answer.cookies().is_empty(), "{answer}");
    assert!(browser.is_signed_in().await);
}

async fn the_body_of_a_sign_out_is_ignored(app: TestApp) {
    let ayse = app.person("ayse").await;
    for (kind, body) in [
        ("application/json", r#"{"everywhere":true}"#),
        ("application/json", "{"),
        ("text/plain", "x"),
        ("application/json; charset=utf-16", "{}"),
        ("application/x-www-form-urlencoded", "a=%zz"),
    ] {
        let mut browser = app.signed_in(&ayse).await;
        let answer = browser.fetch("POST", LOGOUT).with_token().body(kind, body).send().await;
        assert_cleared(&answer.expect(200));
        assert!(!browser.is_signed_in().await);
    }
}

/// A cross-site page can send such a request, and so can our own page by accident.
async fn a_too_large_request_clears_no_cookie(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    let big = vec![b'x'; 70_000];
    for path in [LOGOUT, "/api/account/sessions/end-all"] {
        for kind in
            ["text/plain", "application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
        {
            for (origin, site) in [
                ("https://evil.example", "cross-site"),
                ("http://127.0.0.1:3000", "same-origin"),
                ("null", "cross-site"),
            ] {
                for accept in ["text/html", "application/json"] {
                    for cookies in [true, false] {
                        let ask = browser.fetch("POST", path).with_token().body(kind, big.clone());
                        let ask = ask.header("origin", origin).header("sec-fetch-site", site).header("accept", accept);
                        let answer = if cookies { ask } else { ask.without("cookie") }.send().await;
                        let redirected = accept == "text/html" && kind == "application/x-www-form-urlencoded";
                        assert_eq!(answer.status, if redirected { 303 } else { 413 }, "{answer}");
                        for name in ["auth-session", "csrf-token"] {
                            assert!(answer.cookie(name).is_none(), "{kind}: {answer}");
                        }
                    }
                }
            }
        }
    }
    assert!(browser.is_signed_in().await);
    browser.sign_out().await.expect(200);
}

async fn signing_out_keeps_other_sessions(app: TestApp) {
    let ayse = app.person("ayse").await;
    let (mut here, mut there) = (app.signed_in(&ayse).await, app.remembered(&ayse).await);
    here.sign_out().await.expect(200);
    assert!(there.is_signed_in().await);
}

async fn a_form_redirects_to_the_front_page_or_the_given_path(app: TestApp) {
    let ayse = app.person("ayse").await;
    for (fields, location) in [
        (vec![], "/"),
        (vec![("redirect", "/login")], "/login"),
        (vec![("redirect", "//evil.example")], "/"),
        (vec![("redirect", "https://evil.example")], "/"),
    ] {
        let mut browser = app.signed_in(&ayse).await;
        let answer = browser.submit("/account", LOGOUT, &fields).await;
        assert_eq!(answer.see_other(), location);
        assert_cleared(&answer);
        assert!(!browser.is_signed_in().await);
    }
    // A form without a session gets the same redirect.
    let answer = app.browser().form_navigation("/", LOGOUT).form(&[("redirect", "/login")]).send().await;
    assert_eq!(answer.see_other(), "/login");
}

async fn the_end_of_the_session_is_recorded_with_its_reason(app: TestApp) {
    let mut browser = signed_in(&app).await;
    app.pass(HOUR / 4);
    browser.post(LOGOUT, json!({})).await.expect(200);
    let row = app.database.texts("SELECT end_reason, CAST(ended_at AS TEXT) FROM sessions").await;
    assert_eq!(row, [["logout".to_owned(), app.now().to_string()]]);
    assert_eq!(app.audited("sign_out").await, 1);
}

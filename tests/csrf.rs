//! Every state-changing request passes two checks: its origin and its CSRF token.

use serde_json::json;

use crate::support::{Browser, CSRF, HOUR, LOGIN, LOGOUT, SESSION, TestApp, mutations};

both![
    the_token_is_in_the_body_and_the_cookie_of_one_response,
    a_valid_token_is_kept,
    a_token_from_before_the_sign_in_is_refused_after_it,
    a_page_sets_a_token_like_the_api,
    no_mutation_works_without_the_right_token,
    no_mutation_works_from_another_origin,
    every_loopback_name_of_the_panel_is_its_own_origin,
    a_null_origin_counts_as_absent_when_the_fetch_is_same_origin,
    a_client_without_origin_headers_still_needs_the_token,
    a_foreign_host_matching_its_origin_is_refused,
    a_form_carries_the_token_in_its_hidden_field,
    a_token_of_another_session_is_refused,
    an_anonymous_token_is_refused_with_a_session,
    two_csrf_cookies_are_refused,
    a_stale_token_can_be_replaced_and_the_call_repeated,
    two_login_tabs_share_one_token,
    no_other_site_can_read_responses,
    a_refused_request_changes_nothing,
    over_https_only_the_exact_origin_is_accepted,
];

async fn the_token_is_in_the_body_and_the_cookie_of_one_response(app: TestApp) {
    let answer = app.browser().get(CSRF).await.expect(200);
    let cookie = answer.cookie("csrf-token").unwrap();
    assert_eq!(answer.text(), format!(r#"{{"success":true,"token":"{}"}}"#, cookie.value));
    assert!(
        cookie.value.len() >= 60 && cookie.value.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c)),
        "{cookie:?}"
    );
    let other = app.browser().get(CSRF).await.json()["token"].clone();
    assert_ne!(other, cookie.value.as_str());
}

async fn a_valid_token_is_kept(app: TestApp) {
    let ayse = app.person("ayse").await;
    for mut browser in [app.browser(), app.signed_in(&ayse).await] {
        let token = browser.ensure_token().await;
        assert_eq!(browser.get(CSRF).await.json()["token"], token.as_str());
        browser.navigate("/login").await;
        browser.navigate("/").await;
        assert_eq!(browser.token(), Some(token));
    }
    let mut browser = app.browser();
    browser.set_cookie("csrf-token", "nonsense");
    let answer = browser.get(CSRF).await;
    assert_ne!(answer.json()["token"], "nonsense");
    assert_eq!(answer.json()["token"], browser.token().unwrap().as_str());
}

async fn a_token_from_before_the_sign_in_is_refused_after_it(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.browser();
    let before = browser.ensure_token().await;
    browser.sign_in(&ayse).await;
    let after = browser.token().unwrap();

    browser.set_cookie("csrf-token", &before);
    browser.fetch("POST", LOGOUT).header("x-csrf-token", &before).send().await.refused(403, "csrf_failed");
    browser.set_cookie("csrf-token", &after);
    browser.fetch("POST", LOGOUT).header("x-csrf-token", &after).send().await.expect(200);
    // The session's token is refused after the sign-out, too.
    browser.set_cookie("csrf-token", &after);
    let body = json!({ "email": ayse.email, "password": ayse.password });
    browser.fetch("POST", LOGIN).header("x-csrf-token", &after).json(&body).send().await.refused(403, "csrf_failed");
}

async fn a_page_sets_a_token_like_the_api(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.browser();
    let page = browser.navigate("/login").await.expect(200);
    let token = browser.token().expect("the page sets the token");
    assert!(page.text().contains(&format!(r#"value="{token}""#)), "the form's hidden field holds it");
    assert!(page.text().contains(r#"name="csrfToken""#));
    let fields = [("csrfToken", token.as_str()), ("email", &ayse.email), ("password", &ayse.password)];
    assert_eq!(browser.form_navigation("/login", LOGIN).form(&fields).send().await.see_other(), "/");
}

/// Returns wrong tokens: a description, the header and the cookie.
fn wrong_tokens(right: &str, of_others: &str) -> Vec<(&'static str, Option<String>, Option<String>)> {
    let some = |text: &str| Some(text.to_owned());
    let changed =
        if let Some(rest) = right.strip_prefix('A') { format!("B{rest}") } else { format!("A{}", &right[1..]) };
    vec![
        ("no header", None, some(right)),
        ("an empty header", some(""), some(right)),
        ("both empty", some(""), some("")),
        ("neither", None, None),
        ("a header without a cookie", some(right), None),
        ("another value in the header", some(of_others), some(right)),
        ("another value in the cookie", some(right), some(of_others)),
        ("the same nonsense in both", some("nonsense"), some("nonsense")),
        ("truncated", some(&right[..right.len() - 1]), some(&right[..right.len() - 1])),
        ("lengthened", some(&format!("{right}A")), some(&format!("{right}A"))),
        ("padded", some(&format!("{right}==")), some(&format!("{right}=="))),
        ("one character changed", some(&changed), some(&changed)),
        ("another alphabet", some("şçğüöı"), some(right)),
        ("very long", some(&"A".repeat(10_000)), some(&"A".repeat(10_000))),
        ("with spaces", some(&format!("{right} ,{right}")), some(right)),
    ]
}

async fn no_mutation_works_without_the_right_token(app: TestApp) {
    let (ayse, mehmet) = (app.person("ayse").await, app.person("mehmet").await);
    let others = app.signed_in(&mehmet).await.token().unwrap();
    for mut browser in [app.browser(), app.signed_in(&ayse).await] {
        let right = browser.ensure_token().await;
        let session = browser.session();
        for path in mutations() {
            // Without a session, signing out checks only the origin.
            if path == LOGOUT && session.is_none() {
                continue;
            }
            for (what, header, cookie) in wrong_tokens(&right, &others) {
                let mut cookies: Vec<String> = session.iter().map(|value| format!("auth-session={value}")).collect();
                cookies.extend(cookie.map(|value| format!("csrf-token={value}")));
                let mut ask = browser.fetch("POST", path).json(&json!({})).without("cookie");
                if !cookies.is_empty() {
                    ask = ask.header("cookie", &cookies.join("; "));
                }
                if let Some(header) = header {
                    ask = ask.header("x-csrf-token", &header);
                }
                let answer = ask.send().await;
                assert_eq!(answer.status, 403, "{what}: {answer}");
                answer.refused(403, "csrf_failed");
            }
            // A token in the query does not count.
            browser
                .fetch("POST", &format!("{path}?csrfToken={right}&x-csrf-token={right}"))
                .json(&json!({}))
                .send()
                .await
                .refused(403, "csrf_failed");
            // Neither does a token in a JSON body.
            browser.fetch("POST", path).json(&json!({ "csrfToken": right })).send().await.refused(403, "csrf_failed");
        }
    }
}

async fn no_mutation_works_from_another_origin(app: TestApp) {
    let ayse = app.person("ayse").await;
    for mut browser in [app.browser(), app.signed_in(&ayse).await] {
        browser.ensure_token().await;
        for path in mutations() {
            for origin in [
                "null",
                "",
                "https://evil.example",
                "http://127.0.0.1:3001",
                "http://127.0.0.1",
                "https://127.0.0.1:3000",
                "http://127.0.0.1:3000.evil.example",
                "http://evil127.0.0.1:3000",
                "HTTP://127.0.0.1:3000",
                "http://127.0.0.1:3000/",
                "http://127.0.0.1:3000 http://evil.example",
                "http://127.0.0.2:3000",
            ] {
                for site in ["same-origin", "same-site", "cross-site", "none"] {
                    // This one counts as absent: see `a_null_origin_counts_as_absent_when_the_fetch_is_same_origin`.
                    if (origin, site) == ("null", "same-origin") {
                        continue;
                    }
                    let ask = browser.fetch("POST", path).with_token().json(&json!({}));
                    ask.header("origin", origin)
                        .header("sec-fetch-site", site)
                        .send()
                        .await
                        .refused(403, "csrf_failed");
                }
                let ask = browser.fetch("POST", path).with_token().json(&json!({})).without("sec-fetch-site");
                ask.header("origin", origin).send().await.refused(403, "csrf_failed");
            }
            for site in ["cross-site", "same-site"] {
                let ask = || ("sec-fetch-site", site);
                let (name, value) = ask();
                browser
                    .fetch("POST", path)
                    .with_token()
                    .json(&json!({}))
                    .header(name, value)
                    .without("origin")
                    .send()
                    .await
                    .refused(403, "csrf_failed");
            }
            let twice =
                browser.fetch("POST", path).with_token().json(&json!({})).another("origin", "https://evil.example");
            twice.send().await.refused(403, "csrf_failed");
        }
    }
}

async fn every_loopback_name_of_the_panel_is_its_own_origin(app: TestApp) {
    let ayse = app.person("ayse").await;
    for host in ["127.0.0.1:3000", "localhost:3000", "[::1]:3000"] {
        let origin = &format!("http://{host}");
        let mut browser = app.browser();
        browser.ensure_token().await;
        let body = json!({ "email": ayse.email, "password": ayse.password });
        let ask = browser.fetch("POST", LOGIN).with_token().header("origin", origin).header("host", host).json(&body);
        ask.send().await.expect(200);
    }
}

/// Browsers send `Origin: null` behind a proxy that adds `Referrer-Policy: no-referrer`.
async fn a_null_origin_counts_as_absent_when_the_fetch_is_same_origin(app: TestApp) {
    let ayse = app.person("ayse").await;
    let secure = app.restarted_at("https://panel.example.org").await;
    for app in [&app, &secure] {
        let fields = [("email", ayse.email.as_str()), ("password", ayse.password.as_str())];
        for path in mutations() {
            let mut browser = app.browser();
            browser.ensure_token().await;
            let ask = browser.fetch("POST", path).with_token().json(&json!({})).header("origin", "null").send().await;
            assert_ne!(ask.status, 403, "{ask}");
            // The origin counts as absent and not as right: the token is still needed.
            if path != LOGOUT {
                browser.ensure_token().await;
                let ask = browser.fetch("POST", path).json(&json!({})).header("origin", "null");
                ask.send().await.refused(403, "csrf_failed");
            }
        }
        let mut browser = app.browser();
        let token = browser.ensure_token().await;
        let with_token = [fields.as_slice(), &[("csrfToken", token.as_str())]].concat();
        let form =
            browser.form_navigation("/login", LOGIN).form(&with_token).header("origin", "null").without("referer");
        assert_eq!(form.send().await.see_other(), "/");
        assert!(browser.is_signed_in().await);
        let token = browser.token().unwrap();
        for (origins, sites) in [
            (vec!["null"], vec![]),
            (vec!["null"], vec!["none"]),
            (vec!["null"], vec!["same-site"]),
            (vec!["null"], vec!["cross-site"]),
            (vec!["null"], vec!["Same-Origin"]),
            (vec!["null"], vec!["same-origin", "cross-site"]),
            (vec!["null"], vec!["same-origin, same-origin"]),
            (vec!["null", "https://evil.example"], vec!["same-origin"]),
            (vec!["NULL"], vec!["same-origin"]),
            (vec!["null "], vec!["cross-site"]),
        ] {
            let mut ask = browser.request("POST", LOGOUT).header("x-csrf-token", &token);
            for (name, values) in [("origin", &origins), ("sec-fetch-site", &sites)] {
                ask = values.iter().fold(ask, |ask, value| ask.another(name, value));
            }
            ask.send().await.refused(403, "csrf_failed");
        }
        browser.sign_out().await.expect(200);
    }
}

async fn a_client_without_origin_headers_still_needs_the_token(app: TestApp) {
    let ayse = app.person("ayse").await;
    let body = json!({ "email": ayse.email, "password": ayse.password });
    let mut browser = app.browser();
    browser.request("POST", LOGIN).json(&body).send().await.refused(403, "csrf_failed");
    browser.ensure_token().await;
    browser.request("POST", LOGIN).json(&body).send().await.refused(403, "csrf_failed");
    browser.request("POST", LOGIN).json(&body).with_token().send().await.expect(200);
}

async fn a_foreign_host_matching_its_origin_is_refused(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    for site in [Some("same-origin"), None] {
        let ask = browser
            .fetch("POST", LOGOUT)
            .with_token()
            .header("host", "evil.example")
            .header("origin", "http://evil.example");
        let ask = match site {
            Some(site) => ask.header("sec-fetch-site", site),
            None => ask.without("sec-fetch-site"),
        };
        let answer = ask.send().await;
        assert!([400, 403, 421].contains(&answer.status), "{answer}");
    }
    assert!(browser.is_signed_in().await);
}

async fn a_form_carries_the_token_in_its_hidden_field(app: TestApp) {
    let ayse = app.person("ayse").await;
    let credentials = [("email", ayse.email.as_str()), ("password", ayse.password.as_str())];
    let mut browser = app.browser();
    let token = browser.ensure_token().await;

    for wrong in [vec![], vec![("csrfToken", "")], vec![("csrfToken", "nonsense")], vec![("csrftoken", token.as_str())]]
    {
        let fields = [wrong.as_slice(), &credentials].concat();
        browser.fetch("POST", LOGIN).form(&fields).send().await.refused(403, "csrf_failed");
        let location = browser.form_navigation("/login", LOGIN).form(&fields).send().await;
        assert_eq!(location.see_other(), "/login?error=csrf_failed");
        assert!(browser.session().is_none());
    }
    let fields = [[("csrfToken", token.as_str())].as_slice(), &credentials].concat();
    browser.fetch("POST", LOGIN).form(&fields).send().await.expect(200);
}

async fn a_token_of_another_session_is_refused(app: TestApp) {
    let ayse = app.person("ayse").await;
    let (mut here, there) = (app.signed_in(&ayse).await, app.signed_in(&ayse).await);
    let others = there.token().unwrap();
    here.set_cookie("csrf-token", &others);
    here.fetch("POST", LOGOUT).header("x-csrf-token", &others).send().await.refused(403, "csrf_failed");
    assert!(here.is_signed_in().await);
}

async fn an_anonymous_token_is_refused_with_a_session(app: TestApp) {
    let ayse = app.person("ayse").await;
    let anonymous = app.browser().ensure_token().await;
    let mut browser = app.signed_in(&ayse).await;
    browser.set_cookie("csrf-token", &anonymous);
    browser.fetch("POST", LOGOUT).header("x-csrf-token", &anonymous).send().await.refused(403, "csrf_failed");
}

async fn two_csrf_cookies_are_refused(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    let (session, token) = (browser.session().unwrap(), browser.token().unwrap());
    for cookies in [
        format!("auth-session={session}; csrf-token={token}; csrf-token=x"),
        format!("csrf-token=x; auth-session={session}; csrf-token={token}"),
    ] {
        browser.fetch("POST", LOGOUT).with_token().header("cookie", &cookies).send().await.refused(403, "csrf_failed");
    }
}

async fn a_stale_token_can_be_replaced_and_the_call_repeated(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    // The session expires while the page is open; the page signs in again.
    app.pass(HOUR);
    assert!(!browser.is_signed_in().await);
    let credentials = json!({ "email": ayse.email, "password": ayse.password });
    browser.fetch("POST", LOGIN).with_token().json(&credentials).send().await.refused(403, "csrf_failed");
    browser.get(CSRF).await.expect(200);
    browser.fetch("POST", LOGIN).with_token().json(&credentials).send().await.expect(200);
}

async fn two_login_tabs_share_one_token(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.browser();
    browser.navigate("/login").await;
    let first_tab = browser.token().unwrap();
    browser.navigate("/login").await;
    browser.get(CSRF).await;
    let body = json!({ "email": ayse.email, "password": ayse.password });
    browser.fetch("POST", LOGIN).header("x-csrf-token", &first_tab).json(&body).send().await.expect(200);
}

async fn no_other_site_can_read_responses(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    // The test browser checks that no response has CORS headers.
    for origin in ["https://evil.example", "null", "http://127.0.0.1:3000"] {
        for path in [SESSION, CSRF, LOGIN, LOGOUT, "/"] {
            browser.request("GET", path).header("origin", origin).send().await;
            let preflight = browser
                .request("OPTIONS", path)
                .header("origin", origin)
                .header("access-control-request-method", "POST");
            let answer = preflight.header("access-control-request-headers", "x-csrf-token").send().await;
            assert!(answer.status >= 400, "{answer}");
        }
    }
}

async fn a_refused_request_changes_nothing(app: TestApp) {
    let ayse = app.person("ayse").await;
    let browser: Browser = app.signed_in(&ayse).await;
    let before = app.database.dump().await;
    for path in mutations() {
        let body = json!({ "email": ayse.email, "password": "not the password at all", "token": "x", "name": "x" });
        browser.clone().fetch("POST", path).json(&body).send().await.refused(403, "csrf_failed");
    }
    assert_eq!(app.database.dump().await, before);
}

async fn over_https_only_the_exact_origin_is_accepted(app: TestApp) {
    let ayse = app.person("ayse").await;
    let secure = app.restarted_at("https://panel.example.org").await;
    let body = json!({ "email": ayse.email, "password": ayse.password });
    for origin in [
        "http://panel.example.org",
        "https://panel.example.org:444",
        "https://panel.example.org.evil.example",
        "https://PANEL.example.org",
        "https://example.org",
    ] {
        let mut browser = secure.browser();
        browser.ensure_token().await;
        browser
            .fetch("POST", LOGIN)
            .with_token()
            .header("origin", origin)
            .json(&body)
            .send()
            .await
            .refused(403, "csrf_failed");
    }
    let mut browser = secure.browser();
    browser.ensure_token().await;
    browser
        .fetch("POST", LOGIN)
        .with_token()
        .header("origin", "https://panel.example.org")
        .json(&body)
        .send()
        .await
        .expect(200);
}

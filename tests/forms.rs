//! Forms that work without WASM: a success redirects on, an error returns with the typed values.

use kafkasder_panel::server::cookie;
use serde_json::Value;

use crate::support::{Answer, Browser, LOGIN, RequestBuilder, SetCookie, TestApp, pair, query};

both![
    a_form_signs_in_and_redirects_to_the_wanted_page,
    a_refused_form_redirects_with_its_code_and_no_typed_value,
    typed_values_are_restored_except_the_password,
    the_remaining_attempts_are_restored_too,
    a_malformed_form_redirects_with_its_code,
    an_unknown_error_code_shows_no_message,
    typed_values_are_escaped_in_the_page,
    no_value_of_a_cross_site_form_is_kept,
    a_stale_token_keeps_the_typed_values_of_our_own_page,
    a_browser_without_cookies_is_told_to_allow_them,
    a_browser_with_any_cookie_of_ours_is_told_that_the_page_is_outdated,
];

async fn a_form_signs_in_and_redirects_to_the_wanted_page(app: TestApp) {
    let ayse = app.person("ayse").await;
    let credentials = [("email", ayse.email.as_str()), ("password", ayse.password.as_str()), ("rememberMe", "on")];
    let mut browser = app.browser();
    let page = browser.navigate("/login?redirect=%2Faccount").await.expect(200);
    assert!(page.text().contains(r#"name="redirect" value="/account""#), "the page carries the redirect");
    let fields = [credentials.as_slice(), &[("redirect", "/account")]].concat();
    let answer = browser.submit("/login?redirect=%2Faccount", LOGIN, &fields).await;
    assert_eq!(answer.see_other(), "/account");
    assert_eq!(answer.cookie("auth-session").unwrap().max_age(), Some(2_592_000));
    assert!(answer.body.is_empty());
    assert!(browser.is_signed_in().await);
}

/// Posts a sign-in form; returns the response and its flash cookie.
async fn refused_form(browser: &mut Browser, from: &str, fields: &[(&str, &str)]) -> (Answer, SetCookie) {
    let answer = browser.submit(from, LOGIN, fields).await;
    answer.see_other();
    let flash = answer.cookie("flash").expect("the typed values are in a cookie");
    (answer, flash)
}

async fn a_refused_form_redirects_with_its_code_and_no_typed_value(app: TestApp) {
    let ayse = app.person("ayse").await;
    let zeynep = app.person("zeynep").await;
    app.disable(&zeynep).await;
    for (email, password, code) in [
        (ayse.email.as_str(), "not the password at all", "invalid_credentials"),
        ("", "not the password at all", "missing_credentials"),
        ("kein-at-zeichen", "not the password at all", "validation_failed"),
        (zeynep.email.as_str(), zeynep.password.as_str(), "account_inactive"),
    ] {
        let fields = [("email", email), ("password", password)];
        let (answer, flash) = refused_form(&mut app.browser(), "/login", &fields).await;
        assert_eq!(answer.see_other(), format!("/login?error={code}"));
        assert_eq!(flash.max_age(), Some(60));
        assert!(flash.has("HttpOnly"));
        assert!(!flash.value.contains("ayse"), "sealed: {flash:?}");

        let kept = [fields.as_slice(), &[("redirect", "/account?a=b")]].concat();
        let (answer, _) = refused_form(&mut app.browser(), "/login?redirect=%2Faccount%3Fa%3Db", &kept).await;
        let mut pairs = query(answer.see_other());
        pairs.sort();
        assert_eq!(pairs, [pair("error", code), pair("redirect", "/account?a=b")], "{answer}");
        assert!(answer.see_other().starts_with("/login?"));
    }
}

async fn typed_values_are_restored_except_the_password(app: TestApp) {
    let mut browser = app.browser();
    let password = "only I know this passphrase";
    let (answer, flash) =
        refused_form(&mut browser, "/login", &[("email", "Ayse@Example.org"), ("password", password)]).await;
    let keys = app.state.keys.all().iter().map(|keys| &keys.flash);
    let (kept, _): (Value, usize) = cookie::open(app.state.cookies.flash, keys, &flash.value).expect("it opens");
    assert!(!kept.to_string().contains(password), "{kept}");

    let page = browser.navigate(answer.see_other()).await.expect(200);
    assert!(page.text().contains(r#"value="Ayse@Example.org""#), "{}", page.text());
    assert!(!page.text().contains(password));
    // Without the error code the typed values are not shown.
    let again = browser.navigate("/login").await.expect(200);
    assert!(!again.text().contains(r#"value="Ayse@Example.org""#));
}

async fn the_remaining_attempts_are_restored_too(app: TestApp) {
    app.person("ayse").await;
    let fields = [("email", "ayse@example.org"), ("password", "not the password at all")];
    for left in ["4", "3"] {
        let mut browser = app.browser();
        let (answer, _) = refused_form(&mut browser, "/login", &fields).await;
        let page = browser.navigate(answer.see_other()).await.expect(200);
        assert!(page.text().contains("Wrong email or password."));
        let alert = page
            .text()
            .split(r#"role="alert""#)
            .nth(1)
            .and_then(|rest| rest.split("</div>").next())
            .unwrap_or_default();
        assert!(alert.contains(left), "{left} attempts are left: {alert}");
    }
}

async fn a_malformed_form_redirects_with_its_code(app: TestApp) {
    let mut browser = app.browser();
    let token = browser.ensure_token().await;
    for body in [
        format!("csrfToken={token}&email=a&email=b"),
        format!("csrfToken={token}&email=a%40b&password=x&role=admin"),
        format!("csrfToken={token}&rememberMe=maybe"),
    ] {
        let answer =
            browser.form_navigation("/login", LOGIN).body("application/x-www-form-urlencoded", body).send().await;
        assert_eq!(answer.see_other(), "/login?error=invalid_request");
    }
}

async fn an_unknown_error_code_shows_no_message(app: TestApp) {
    let page = app.browser().navigate("/login?error=invalid_credentials").await.expect(200);
    assert!(page.text().contains("Wrong email or password."));
    for error in [
        "nothing_known",
        "<b>Call 0900</b>",
        "Your+account+is+closed",
        "INVALID_CREDENTIALS",
        "",
        "invalid_credentials%00",
    ] {
        let encoded: String = url::form_urlencoded::byte_serialize(error.as_bytes()).collect();
        let page = app.browser().navigate(&format!("/login?error={encoded}")).await.expect(200);
        let alert = page
            .text()
            .split(r#"role="alert""#)
            .nth(1)
            .and_then(|rest| rest.split("</div>").next())
            .expect("the page has an alert");
        assert!(!alert.contains("<p"), "{error}: {alert}");
        for word in ["Call 0900", "is closed"] {
            assert!(!page.text().contains(word), "{error}");
        }
    }
    // Error codes that the page never makes show at most their own text.
    app.browser().navigate("/login?__path=%2Fapi%2Fauth%2Flogin&__err=Q2FsbCAwOTAw").await.expect(200);
}

async fn typed_values_are_escaped_in_the_page(app: TestApp) {
    for typed in [
        r#""><img src=x onerror=alert(1)>@example.org"#,
        "</script><script>alert(1)</script>@example.org",
        "<!--<script>@x",
        "{{7*7}}\u{2028}@x",
    ] {
        let mut browser = app.browser();
        let (answer, _) =
            refused_form(&mut browser, "/login", &[("email", typed), ("password", "not the password at all")]).await;
        let page = browser.navigate(answer.see_other()).await.expect(200);
        for raw in ["<img src=x", "</script><script>alert", "<!--<script>"] {
            assert!(!page.text().contains(raw), "{raw} is in the page");
        }
    }
}

const FORMS: [(&str, &str); 9] = [
    (LOGIN, "/login"),
    ("/api/auth/login/choose", "/login"),
    ("/api/auth/logout", "/login"),
    ("/api/setup", "/setup"),
    ("/api/activate", "/activate"),
    ("/api/preferences", "/"),
    ("/api/account/profile", "/account"),
    ("/api/account/password", "/account"),
    ("/api/account/sessions/end-all", "/account"),
];

async fn no_value_of_a_cross_site_form_is_kept(app: TestApp) {
    let ayse = app.person("ayse").await;
    let fields = [
        ("email", "attacker@evil.example"),
        ("name", "Attacker"),
        ("language", "tr"),
        ("redirect", "/account?trap"),
        ("token", "trap"),
        ("ticket", "trap"),
        ("password", "x"),
    ];
    let plain = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&fields).finish();
    for browser in [app.browser(), app.signed_in(&ayse).await] {
        for (action, page) in FORMS {
            // The request's origin headers, and whether its token is right. Without origin headers the token is wrong.
            for (origin, site, referer, token) in [
                (Some("https://evil.example"), Some("cross-site"), Some("https://evil.example/"), true),
                (Some("https://evil.example"), None, None, true),
                (
                    Some("https://evil.example"),
                    Some("same-origin"),
                    Some("http://127.0.0.1:3000/login?redirect=/trap"),
                    true,
                ),
                (Some("null"), Some("cross-site"), None, false),
                (Some("null"), None, None, false),
                (None, Some("same-site"), None, true),
                (None, Some("cross-site"), Some("http://127.0.0.1:3000/account?trap"), true),
                (None, None, Some("https://evil.example/"), false),
                (None, None, None, false),
            ] {
                // Without a session, signing out always clears the browser.
                if action == "/api/auth/logout" && (origin, site) == (None, None) && browser.session().is_none() {
                    continue;
                }
                for kind in ["application/x-www-form-urlencoded", "application/x-www-form-urlencoded; charset=latin1"] {
                    let mut browser = browser.clone();
                    browser.ensure_token().await;
                    let mut ask =
                        browser.request("POST", action).header("accept", "text/html").body(kind, plain.as_str());
                    for (name, value) in [("origin", origin), ("sec-fetch-site", site), ("referer", referer)] {
                        ask = value.into_iter().fold(ask, |ask, value| ask.header(name, value));
                    }
                    let answer = if token { ask.with_token() } else { ask }.send().await;
                    let location = answer.see_other();
                    let bare = kind.contains("latin1") || location == format!("{page}?error=csrf_failed");
                    assert!(bare && !location.contains("trap"), "{origin:?} {site:?} {referer:?}: {answer}");
                    if !kind.contains("latin1") {
                        assert!(answer.cookies().is_empty(), "{origin:?} {site:?} {referer:?}: {answer}");
                        let shown = browser.navigate(location).await;
                        assert!(!shown.text().contains("evil.example"), "{shown}");
                    }
                }
            }
        }
    }
}

async fn a_stale_token_keeps_the_typed_values_of_our_own_page(app: TestApp) {
    for (origin, site, referer) in [
        (Some("http://127.0.0.1:3000"), Some("same-origin"), true),
        (Some("http://localhost:3000"), None, false),
        (Some("null"), Some("same-origin"), false),
        (None, Some("same-origin"), false),
        (None, None, true),
    ] {
        let mut browser = app.browser();
        browser.ensure_token().await;
        let stale = app.browser().ensure_token().await;
        let fields = [("csrfToken", stale.as_str()), ("email", "ayse@example.org"), ("redirect", "/account?a=b")];
        let mut ask = browser.request("POST", LOGIN).header("accept", "text/html").form(&fields);
        let page = referer.then_some("http://127.0.0.1:3000/login?redirect=%2Faccount%3Fa%3Db");
        for (name, value) in [("origin", origin), ("sec-fetch-site", site), ("referer", page)] {
            ask = value.into_iter().fold(ask, |ask, value| ask.header(name, value));
        }
        let answer = ask.send().await;
        assert_eq!(answer.see_other(), "/login?redirect=%2Faccount%3Fa%3Db&error=csrf_failed", "{answer}");
        let page = browser.navigate(answer.see_other()).await.expect(200);
        assert!(page.text().contains(r#"value="ayse@example.org""#), "{origin:?} {site:?}");
    }
}

async fn a_browser_without_cookies_is_told_to_allow_them(app: TestApp) {
    let ayse = app.person("ayse").await;
    let invited = app.invited("irmak").await;
    let activation = format!("/activate?token={invited}");
    for (from, path) in [
        ("/login", LOGIN),
        ("/login?redirect=%2Faccount", LOGIN),
        ("/login", "/api/preferences"),
        (activation.as_str(), "/api/activate"),
    ] {
        for theirs in [None, Some("theirs=1; csrf-token2=x; xauth-session=y")] {
            let mut browser = app.browser();
            let token = browser.ensure_token().await;
            browser.jar.clear();
            let fields = [("csrfToken", token.as_str()), ("email", &ayse.email), ("password", &ayse.password)];
            let post = browser.form_navigation(from, path).form(&fields);
            let mut page = with_cookies(post, theirs).send().await;
            let start = from.split('?').next().unwrap();
            for code in ["csrf_failed", "cookies_required"] {
                assert!(page.see_other().starts_with(start) && page.see_other().ends_with(code), "{page}");
                assert_eq!(query(from).iter().find(|pair| !query(page.see_other()).contains(pair)), None, "{page}");
                // The browser accepts no cookie.
                browser.jar.clear();
                let next = page.see_other().to_owned();
                page = with_cookies(browser.navigation(&next), theirs).send().await;
            }
            assert!(page.expect(200).text().contains("needs them. Allow cookies for this site"));
        }
    }
    let mut turkish = app.browser();
    turkish.language = "tr";
    let page = turkish.navigate("/login?error=cookies_required").await.expect(200);
    assert!(page.text().contains("çerezlere izin verip"), "{page}");
    // A browser that merely had no cookie yet, as after a cross-site form, is not told to allow them.
    let mut fresh = app.browser();
    let asked = fresh.navigate("/login?redirect=%2Faccount&error=csrf_failed").await;
    assert_eq!(asked.see_other(), "/login?redirect=%2Faccount&error=cookies_required");
    let back = fresh.navigate(asked.see_other()).await;
    assert_eq!(back.see_other(), "/login?redirect=%2Faccount&error=csrf_failed");
    let page = fresh.navigate(back.see_other()).await.expect(200);
    assert!(page.text().contains("This page was out of date"), "{page}");
    // API clients get the code of the contract.
    app.browser().fetch("POST", LOGIN).json(&serde_json::json!({})).send().await.refused(403, "csrf_failed");
    app.browser().fetch("POST", LOGIN).form(&[("csrfToken", "x")]).send().await.refused(403, "csrf_failed");
}

fn with_cookies<'a>(ask: RequestBuilder<'a>, cookies: Option<&str>) -> RequestBuilder<'a> {
    match cookies {
        Some(cookies) => ask.header("cookie", cookies),
        None => ask,
    }
}

async fn a_browser_with_any_cookie_of_ours_is_told_that_the_page_is_outdated(app: TestApp) {
    for name in ["csrf-token", "auth-session", "flash", "device", "language", "theme"] {
        let mut browser = app.browser();
        browser.set_cookie(name, "tr");
        let page = browser.navigate("/login?error=csrf_failed").await.expect(200);
        assert!(!page.text().contains("Allow cookies") && !page.text().contains("çerezlere izin"), "{name}");
    }
    // A browser that lost its token accepts the new one from the refused form.
    let mut browser = app.browser();
    browser.navigate("/login").await.expect(200);
    browser.jar.clear();
    let answer = browser.form_navigation("/login", LOGIN).form(&[("csrfToken", "x")]).send().await;
    assert_eq!(answer.see_other(), "/login?error=csrf_failed");
    let page = browser.navigate("/login?error=csrf_failed").await.expect(200);
    assert!(page.text().contains("This page was out of date. Please try again."));
}

//! Pages: where a browser is led, and forms that work without WASM.

use kafkasder_panel::server::cookie;
use serde_json::Value;

use crate::support::{Answer, Browser, HOUR, LOGIN, LOGOUT, MINUTE, SESSION, SetCookie, TestApp};

both![
    a_stranger_is_led_to_the_login_and_knows_the_way_back,
    a_fetch_of_a_page_is_told_in_json,
    the_login_page_is_open_to_everybody,
    a_signed_in_person_never_sees_the_login,
    a_page_shows_who_is_signed_in_and_sets_nothing_needless,
    an_unknown_path_is_closed_to_strangers_and_not_found_to_the_rest,
    a_look_alike_of_a_public_path_is_closed,
    a_session_that_has_ended_is_led_to_the_login_too,
    only_a_path_of_this_site_is_followed_after_signing_in,
    only_a_path_of_this_site_is_followed_from_the_login_page,
    an_odd_path_is_never_a_way_out,
    a_link_from_another_site_bounces_once_and_arrives,
    only_a_document_from_another_site_bounces,
    a_form_signs_in_and_leads_on,
    a_refused_form_comes_back_with_its_code_and_nothing_typed,
    what_was_typed_comes_back_but_never_the_password,
    the_numbers_of_a_refusal_come_back_too,
    a_malformed_form_comes_back_too,
    a_form_never_follows_where_it_says_it_came_from,
    an_unknown_error_shows_nothing,
    what_was_typed_stands_in_the_page_as_text,
    a_page_speaks_the_browsers_language,
    many_pages_at_once_all_arrive,
];

/// The decoded query of a Location, as pairs.
fn query(location: &str) -> Vec<(String, String)> {
    let query = location.split_once('?').map_or("", |(_, query)| query);
    url::form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

fn pair(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

async fn a_stranger_is_led_to_the_login_and_knows_the_way_back(app: TestApp) {
    for path in ["/", "/account", "/users?q=a%20b&sort=name", "/users/%C3%A7?x=%26y=1", "/nothing/at/all"] {
        let answer = app.browser().navigate(path).await;
        let location = answer.see_other().to_owned();
        assert!(answer.body.is_empty(), "no page is rendered: {answer}");
        let encoded = location.strip_prefix("/login?redirect=").unwrap_or_else(|| panic!("{location}"));
        assert!(!encoded.contains(['?', '&', '=', '#']), "{location}");
        assert_eq!(query(&location), [pair("redirect", path)]);
    }
    let head = app.browser().ask("HEAD", "/account").header("accept", "text/html").send().await;
    assert!(head.see_other().starts_with("/login?redirect="));
}

async fn a_fetch_of_a_page_is_told_in_json(app: TestApp) {
    for path in ["/", "/account", "/nothing"] {
        app.browser().get(path).await.refused(401, "unauthenticated");
        app.browser().ask("GET", path).header("accept", "*/*").send().await.refused(401, "unauthenticated");
        app.browser().ask("GET", path).send().await.refused(401, "unauthenticated");
    }
}

async fn the_login_page_is_open_to_everybody(app: TestApp) {
    let page = app.browser().navigate("/login").await.expect(200);
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    for part in [
        r#"method="post""#,
        r#"action="/api/auth/login""#,
        r#"name="email""#,
        r#"name="password""#,
        r#"name="rememberMe""#,
        r#"<html lang="en""#,
    ] {
        assert!(page.text().contains(part), "no {part} in {}", page.text());
    }
    assert!(page.cookie("auth-session").is_none());
}

async fn a_signed_in_person_never_sees_the_login(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    for (path, location) in [
        ("/login", "/"),
        ("/login?redirect=%2Faccount%3Fa%3Db", "/account?a=b"),
        ("/login?redirect=/users", "/users"),
        ("/login?redirect=//evil.example", "/"),
        ("/login?redirect=https%3A%2F%2Fevil.example", "/"),
        ("/login?redirect=", "/"),
        ("/login?error=invalid_credentials", "/"),
    ] {
        assert_eq!(browser.navigate(path).await.see_other(), location, "{path}");
    }
}

async fn a_page_shows_who_is_signed_in_and_sets_nothing_needless(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    let page = browser.navigate("/").await.expect(200);
    assert!(page.text().contains("Ayse Yilmaz"));
    assert!(page.text().contains("Sign out"));
    assert!(page.cookie("auth-session").is_none(), "the session's cookie is not set again");
    for secret in [browser.session().unwrap(), app.open_session(&browser.session().unwrap()).session_id.to_string()] {
        assert!(!page.text().contains(&secret));
    }
}

async fn an_unknown_path_is_closed_to_strangers_and_not_found_to_the_rest(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    for path in [
        "/nothing",
        "/nothing/at/all",
        "/.git/HEAD",
        "/.env",
        "/metrics",
        "/debug",
        "/account/x.css",
        "/index.html",
        "/login/",
        "/%2e%2e/etc/passwd",
    ] {
        assert!(app.browser().navigate(path).await.see_other().starts_with("/login?redirect="), "{path}");
        app.browser().get(path).await.refused(401, "unauthenticated");
        browser.get(path).await.refused(404, "not_found");
        let page = browser.navigate(path).await.expect(404);
        assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"), "{path}");
    }
    for path in ["/api/nothing", "/api/auth/session/a.js", "/api/auth/login/x", "/api/%3Cb%3E", "/api//csrf"] {
        app.browser().get(path).await.refused(401, "unauthenticated");
        let answer = browser.get(path).await;
        answer.refused(404, "not_found");
        assert!(!answer.text().contains("3Cb"), "the path is not reflected");
    }
    browser.post("/api/nothing", serde_json::json!({})).await.refused(404, "not_found");
    browser.fetch("POST", "/api/nothing").send().await.refused(403, "csrf_failed");
    app.browser().post("/api/nothing", serde_json::json!({})).await.refused(401, "unauthenticated");
}

async fn a_look_alike_of_a_public_path_is_closed(app: TestApp) {
    for path in [
        "/login-help",
        "/LOGIN",
        "/login/",
        "//login",
        "/login%2F",
        "/./login",
        "/api/../login",
        "/setupx",
        "/api/csrf/",
        "/healthz/",
        "/pkg",
        "/login;x=1",
    ] {
        let answer = app.browser().navigate(path).await;
        assert_eq!(answer.status, 303, "{answer}");
        assert!(answer.see_other().starts_with("/login?redirect="), "{answer}");
    }
}

async fn a_session_that_has_ended_is_led_to_the_login_too(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    app.pass(HOUR);
    let answer = browser.navigate("/account").await;
    assert_eq!(query(answer.see_other()), [pair("redirect", "/account")]);
    assert!(answer.clears("auth-session"));
    browser.navigate("/login").await.expect(200);

    let mut first = app.signed_in(&ayse).await;
    let mut late = first.clone();
    first.sign_in(&ayse).await;
    let answer = late.navigate("/account").await;
    answer.see_other();
    assert!(answer.cookie("auth-session").is_none(), "a replaced id erases nothing: {answer}");
}

/// Targets that lead elsewhere, or would if a browser or proxy read them otherwise.
const FOREIGN: [&str; 34] = [
    "",
    "//evil.example",
    "///evil.example",
    "////evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "\\/evil.example",
    "/%09/evil.example",
    "/%5Cevil.example",
    "/%5cevil.example",
    "https:evil.example",
    "https://evil.example",
    "https://127.0.0.1:3000@evil.example",
    "https://127.0.0.1:3000.evil.example",
    "http://127.0.0.1:3000/",
    "javascript:alert(1)",
    "data:text/html,x",
    "%2f%2fevil.example",
    "evil.example",
    "/..//evil.example",
    "/a\tb",
    "/\t/evil.example",
    "/\n/evil.example",
    "/%0d%0aSet-Cookie:x=y",
    "/\r\nX: y",
    "/%00",
    "/a%0A",
    "\u{0}/",
    " /account",
    "/a\u{7f}",
    "/%7f",
    "?redirect=/",
    "#",
    "https://ёvil.example",
];

async fn only_a_path_of_this_site_is_followed_after_signing_in(app: TestApp) {
    let ayse = app.person("ayse").await;
    let credentials = [("email", ayse.email.as_str()), ("password", ayse.password.as_str())];
    let very_long = format!("/{}", "a".repeat(5000));
    for target in FOREIGN.iter().copied().chain([very_long.as_str()]) {
        let fields = [credentials.as_slice(), &[("redirect", target)]].concat();
        assert_eq!(app.browser().submit("/login", LOGIN, &fields).await.see_other(), "/", "{target:?}");
    }
    for target in ["/account", "/users?q=a%20b&x=%C3%A7", "/a#b", "/?next=//x"] {
        let fields = [credentials.as_slice(), &[("redirect", target)]].concat();
        assert_eq!(app.browser().submit("/login", LOGIN, &fields).await.see_other(), target);
    }
}

async fn only_a_path_of_this_site_is_followed_from_the_login_page(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    for target in FOREIGN {
        let encoded: String = url::form_urlencoded::byte_serialize(target.as_bytes()).collect();
        assert_eq!(browser.navigate(&format!("/login?redirect={encoded}")).await.see_other(), "/", "{target:?}");
        let page = app.browser().navigate(&format!("/login?redirect={encoded}")).await.expect(200);
        assert!(
            !page.text().contains("evil.example") || !page.text().contains(r#"name="redirect""#),
            "{target:?} is not carried on"
        );
    }
    for odd in [
        "/login?redirect=/a&redirect=//evil.example",
        "/login?redirect[]=//evil.example",
        "/login?redirect=%ff",
        "/login?redirect=%",
        "/login?redirect=%252f%252fevil.example",
    ] {
        let answer = browser.navigate(odd).await;
        assert!(["/", "/a"].contains(&answer.see_other()), "{odd}: {answer}");
    }
}

async fn an_odd_path_is_never_a_way_out(app: TestApp) {
    let ayse = app.person("ayse").await;
    for path in [
        "//evil.example",
        "//evil.example/%2f..",
        "/\\evil.example",
        "/%5cevil.example",
        "/a?b=//evil.example",
        "/..//evil.example",
        "///",
    ] {
        let location = app.browser().navigate(path).await.see_other().to_owned();
        // What the login page then makes of it.
        let answer = app.signed_in(&ayse).await.navigate(&location).await;
        let target = answer.see_other();
        assert!(target == "/" || target == "/a?b=//evil.example", "{path}: {target}");
    }
}

/// A click on a link of another site: the Strict cookies do not travel.
async fn arrive(browser: &mut Browser, path: &str) -> Answer {
    browser.navigation(path).header("sec-fetch-site", "cross-site").without("cookie").send().await
}

async fn a_link_from_another_site_bounces_once_and_arrives(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    for path in ["/", "/account?tab=sessions&x=%C3%A7", "/login", "/activate?token=abc"] {
        let answer = arrive(&mut browser, path).await.expect(200);
        assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
        assert!(!answer.text().contains("<script"), "{answer}");
        assert!(answer.cookies().is_empty(), "{answer}");
        assert!(answer.body.len() < 1000, "a tiny page");
        let refresh = answer
            .header("refresh")
            .map_or_else(|| answer.text().contains("http-equiv=\"refresh\"").then_some("meta"), Some);
        assert!(refresh.is_some_and(|r| r.starts_with('0') || r == "meta"), "{answer}");
        // To the same path: no target at all, or exactly this one.
        let elsewhere = ["evil", "http:", "https:", "url=/login"]
            .iter()
            .any(|word| answer.header("refresh").unwrap_or_default().contains(word));
        assert!(!elsewhere, "{answer}");
    }
    // The refresh comes from this site, with the cookies.
    browser.navigate("/").await.expect(200);
    // A link changes nothing, not even the activity.
    app.pass(20 * MINUTE);
    arrive(&mut browser, "/").await;
    let idle = browser.get(SESSION).await.data()["idleExpiresAt"].clone();
    assert_eq!(idle, crate::support::at(app.now() + 11 * 60_000));
}

async fn only_a_document_from_another_site_bounces(app: TestApp) {
    // Without any session the login is next, from the same site.
    assert!(app.browser().navigate("/account").await.see_other().starts_with("/login"));
    let mut browser = app.browser();
    browser
        .fetch("GET", "/")
        .header("sec-fetch-site", "cross-site")
        .header("sec-fetch-dest", "empty")
        .send()
        .await
        .refused(401, "unauthenticated");
    for dest in ["iframe", "image", "script", "embed", "object"] {
        let answer =
            browser.navigation("/").header("sec-fetch-site", "cross-site").header("sec-fetch-dest", dest).send().await;
        assert!([303, 401, 403].contains(&answer.status), "{dest}: {answer}");
    }
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    // With its cookie (a browser that sends it after all) there is nothing to bounce for.
    let page = browser.navigation("/").header("sec-fetch-site", "cross-site").send().await.expect(200);
    assert!(page.text().contains("Ayse Yilmaz"));
    // A post from another site is refused, never bounced.
    browser
        .form_navigation("/", LOGOUT)
        .header("sec-fetch-site", "cross-site")
        .header("origin", "https://evil.example")
        .without("cookie")
        .send()
        .await;
    assert!(browser.is_signed_in().await);
}

async fn a_form_signs_in_and_leads_on(app: TestApp) {
    let ayse = app.person("ayse").await;
    let credentials = [("email", ayse.email.as_str()), ("password", ayse.password.as_str()), ("rememberMe", "on")];
    let mut browser = app.browser();
    let page = browser.navigate("/login?redirect=%2Faccount").await.expect(200);
    assert!(page.text().contains(r#"name="redirect" value="/account""#), "the page carries the way on");
    let fields = [credentials.as_slice(), &[("redirect", "/account")]].concat();
    let answer = browser.submit("/login?redirect=%2Faccount", LOGIN, &fields).await;
    assert_eq!(answer.see_other(), "/account");
    assert_eq!(answer.cookie("auth-session").unwrap().max_age(), Some(2_592_000));
    assert!(answer.body.is_empty());
    assert!(browser.is_signed_in().await);
}

/// Posts a sign-in by form and gives the answer and its flash.
async fn refused_form(browser: &mut Browser, from: &str, fields: &[(&str, &str)]) -> (Answer, SetCookie) {
    let answer = browser.submit(from, LOGIN, fields).await;
    answer.see_other();
    let flash = answer.cookie("flash").expect("what was typed travels in a cookie");
    (answer, flash)
}

async fn a_refused_form_comes_back_with_its_code_and_nothing_typed(app: TestApp) {
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

async fn what_was_typed_comes_back_but_never_the_password(app: TestApp) {
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
    // Without its code it belongs to nothing.
    let again = browser.navigate("/login").await.expect(200);
    assert!(!again.text().contains(r#"value="Ayse@Example.org""#));
}

async fn the_numbers_of_a_refusal_come_back_too(app: TestApp) {
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

async fn a_malformed_form_comes_back_too(app: TestApp) {
    let mut browser = app.browser();
    let token = browser.ready().await;
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

async fn a_form_never_follows_where_it_says_it_came_from(app: TestApp) {
    let ayse = app.person("ayse").await;
    for referer in [
        "https://evil.example/",
        "https://evil.example/login",
        "//evil.example",
        "javascript:alert(1)",
        "",
        "http://127.0.0.1:3000//evil.example",
    ] {
        for (password, wanted) in
            [("not the password at all", "/login?error=invalid_credentials"), (ayse.password.as_str(), "/")]
        {
            let mut browser = app.browser();
            let token = browser.ready().await;
            let fields = [("csrfToken", token.as_str()), ("email", &ayse.email), ("password", password)];
            let answer = browser.form_navigation("/login", LOGIN).header("referer", referer).form(&fields).send().await;
            let location = answer.see_other();
            assert!(
                location == wanted
                    || location == "/login?error=invalid_credentials"
                    || location == "/?error=invalid_credentials",
                "{referer}: {answer}"
            );
            assert!(!location.contains("evil"), "{referer}: {answer}");
        }
    }
}

async fn an_unknown_error_shows_nothing(app: TestApp) {
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
    // Codes the page never makes itself show their own text at most, and no free one.
    app.browser().navigate("/login?__path=%2Fapi%2Fauth%2Flogin&__err=Q2FsbCAwOTAw").await.expect(200);
}

async fn what_was_typed_stands_in_the_page_as_text(app: TestApp) {
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
            assert!(!page.text().contains(raw), "{raw} stands in the page");
        }
    }
}

async fn a_page_speaks_the_browsers_language(app: TestApp) {
    let mut browser = app.browser();
    browser.language = "tr-TR,tr;q=0.9,en;q=0.8";
    let page = browser.navigate("/login").await.expect(200);
    for part in [r#"<html lang="tr""#, "E-posta", "Parola"] {
        assert!(page.text().contains(part), "{part}");
    }
    let page = browser.navigate("/login?error=invalid_credentials").await.expect(200);
    assert!(page.text().contains("E-posta veya parola hatalı."));
    browser.language = "de";
    assert!(browser.navigate("/login").await.text().contains(r#"<html lang="en""#));
}

/// Rendering once waited for itself (leptos-rs/leptos#4578, #4647), one page in hundreds.
async fn many_pages_at_once_all_arrive(app: TestApp) {
    let ayse = app.person("ayse").await;
    let browser = app.signed_in(&ayse).await;
    for _ in 0..25 {
        let visits = (0..8).map(|_| {
            let mut browser = browser.clone();
            tokio::spawn(async move { browser.navigate("/").await })
        });
        for visit in futures::future::join_all(visits).await {
            assert!(visit.expect("an answer").expect(200).text().contains("Ayse Yilmaz"));
        }
    }
}

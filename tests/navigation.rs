//! Pages: who may see them, and redirects.

use kafkasder_panel::server::access::ROUTES;

use crate::support::{Answer, Browser, HOUR, LOGOUT, MINUTE, SESSION, TestApp, pair, query};

both![
    a_page_without_a_session_redirects_to_the_login_with_a_way_back,
    a_fetch_of_a_page_without_a_session_gets_a_json_error,
    the_login_page_needs_no_session,
    a_signed_in_user_is_redirected_from_the_login,
    a_page_shows_the_user_and_does_not_set_the_session_cookie_again,
    an_unknown_path_needs_a_session_and_is_then_not_found,
    a_path_similar_to_a_public_one_needs_a_session,
    a_page_with_a_trailing_slash_redirects_to_the_page,
    only_a_known_page_is_redirected_without_its_slash,
    an_ended_session_redirects_to_the_login,
    a_link_from_another_site_reloads_the_page_once_with_cookies,
    only_a_cross_site_document_is_reloaded,
    a_page_is_in_the_browsers_language,
    many_concurrent_pages_are_all_rendered,
];

async fn a_page_without_a_session_redirects_to_the_login_with_a_way_back(app: TestApp) {
    for path in ["/", "/account", "/users?q=a%20b&sort=name", "/users/%C3%A7?x=%26y=1", "/nothing/at/all"] {
        let answer = app.browser().navigate(path).await;
        let location = answer.see_other().to_owned();
        assert!(answer.body.is_empty(), "no page is rendered: {answer}");
        let encoded = location.strip_prefix("/login?redirect=").unwrap_or_else(|| panic!("{location}"));
        assert!(!encoded.contains(['?', '&', '=', '#']), "{location}");
        assert_eq!(query(&location), [pair("redirect", path)]);
    }
    let head = app.browser().request("HEAD", "/account").header("accept", "text/html").send().await;
    assert!(head.see_other().starts_with("/login?redirect="));
}

async fn a_fetch_of_a_page_without_a_session_gets_a_json_error(app: TestApp) {
    for path in ["/", "/account", "/nothing"] {
        app.browser().get(path).await.refused(401, "unauthenticated");
        app.browser().request("GET", path).header("accept", "*/*").send().await.refused(401, "unauthenticated");
        app.browser().request("GET", path).send().await.refused(401, "unauthenticated");
    }
}

async fn the_login_page_needs_no_session(app: TestApp) {
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

async fn a_signed_in_user_is_redirected_from_the_login(app: TestApp) {
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

async fn a_page_shows_the_user_and_does_not_set_the_session_cookie_again(app: TestApp) {
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

async fn an_unknown_path_needs_a_session_and_is_then_not_found(app: TestApp) {
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
        "/login//",
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

async fn a_path_similar_to_a_public_one_needs_a_session(app: TestApp) {
    for path in [
        "/login-help",
        "/LOGIN",
        "/login//",
        "/LOGIN/",
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

async fn a_page_with_a_trailing_slash_redirects_to_the_page(app: TestApp) {
    let ayse = app.person("ayse").await;
    let pages: Vec<&str> =
        ROUTES.iter().filter(|route| route.kind.is_page() && route.path != "/").map(|route| route.path).collect();
    assert!(pages.len() >= 4);
    for mut browser in [app.browser(), app.signed_in(&ayse).await] {
        for page in &pages {
            for query in ["", "?", "?redirect=%2Fa%3Fx%3D%25C5%259F&error=x", "?//evil.example"] {
                for method in ["GET", "HEAD"] {
                    for accept in ["text/html", "application/json"] {
                        let ask = browser.request(method, &format!("{page}/{query}")).header("accept", accept);
                        let answer = ask.send().await.expect(308);
                        assert_eq!(answer.header("location"), Some(format!("{page}{query}").as_str()), "{answer}");
                        assert!(answer.cookies().is_empty() && answer.header("cache-control") == Some("no-store"));
                    }
                }
            }
        }
    }
    let mut browser = app.browser();
    let led = browser.navigate("/login/?redirect=%2Faccount").await.header("location").unwrap().to_owned();
    let fields = [("email", ayse.email.as_str()), ("password", ayse.password.as_str()), ("redirect", "/account")];
    browser.navigate(&led).await.expect(200);
    assert_eq!(browser.submit(&led, "/api/auth/login", &fields).await.see_other(), "/account");
}

async fn only_a_known_page_is_redirected_without_its_slash(app: TestApp) {
    for path in
        ["//", "///", "//login/", "/login//", "//evil.example/", "/login/..//", "/login%2F", "/nothing/", "/\\/"]
    {
        let location = app.browser().navigate(path).await.see_other().to_owned();
        assert!(location.starts_with("/login?redirect="), "{path}: {location}");
        app.browser().get(path).await.refused(401, "unauthenticated");
    }
    for path in ["/api/csrf/", "/api/auth/session/", "/healthz/", "/favicon.svg/"] {
        app.browser().get(path).await.refused(401, "unauthenticated");
    }
    let post = app.browser().post("/login/", serde_json::json!({})).await;
    post.refused(401, "unauthenticated");
    assert_eq!(app.browser().fetch("PUT", "/login/").send().await.status, 405);
}

async fn an_ended_session_redirects_to_the_login(app: TestApp) {
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
    assert!(answer.cookie("auth-session").is_none(), "a replaced id clears no cookie: {answer}");
}

/// Follows a link on another site: the browser does not send the Strict cookies.
async fn follow_foreign_link(browser: &mut Browser, path: &str) -> Answer {
    browser.navigation(path).header("sec-fetch-site", "cross-site").without("cookie").send().await
}

async fn a_link_from_another_site_reloads_the_page_once_with_cookies(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    for path in ["/", "/account?tab=sessions&x=%C3%A7", "/login", "/activate?token=abc"] {
        let answer = follow_foreign_link(&mut browser, path).await.expect(200);
        assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
        assert!(!answer.text().contains("<script"), "{answer}");
        assert!(answer.cookies().is_empty(), "{answer}");
        assert!(answer.body.len() < 1000, "a tiny page");
        let refresh = answer
            .header("refresh")
            .map_or_else(|| answer.text().contains("http-equiv=\"refresh\"").then_some("meta"), Some);
        assert!(refresh.is_some_and(|r| r.starts_with('0') || r == "meta"), "{answer}");
        // The refresh has no target or exactly this path.
        let elsewhere = ["evil", "http:", "https:", "url=/login"]
            .iter()
            .any(|word| answer.header("refresh").unwrap_or_default().contains(word));
        assert!(!elsewhere, "{answer}");
    }
    // The refresh is a same-site request with the cookies.
    browser.navigate("/").await.expect(200);
    // A cross-site link changes nothing, not even the last activity.
    app.pass(20 * MINUTE);
    follow_foreign_link(&mut browser, "/").await;
    let idle = browser.get(SESSION).await.data()["idleExpiresAt"].clone();
    assert_eq!(idle, crate::support::iso_time(app.now() + 11 * 60_000));
}

async fn only_a_cross_site_document_is_reloaded(app: TestApp) {
    // Without a session the page redirects to the login.
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
    // A browser that sends the cookie cross-site gets the page without a reload.
    let page = browser.navigation("/").header("sec-fetch-site", "cross-site").send().await.expect(200);
    assert!(page.text().contains("Ayse Yilmaz"));
    // A cross-site POST is refused and not reloaded.
    browser
        .form_navigation("/", LOGOUT)
        .header("sec-fetch-site", "cross-site")
        .header("origin", "https://evil.example")
        .without("cookie")
        .send()
        .await;
    assert!(browser.is_signed_in().await);
}

async fn a_page_is_in_the_browsers_language(app: TestApp) {
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

/// Rendering used to deadlock in one of hundreds of pages (leptos-rs/leptos#4578, #4647).
async fn many_concurrent_pages_are_all_rendered(app: TestApp) {
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

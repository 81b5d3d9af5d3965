//! Responses: headers, nonces, static files and `no-store`.

use crate::support::{CSRF, SESSION, TestApp, USER};

both![
    every_response_has_a_content_type_and_personal_ones_no_store,
    a_nonce_is_used_once,
    every_script_of_a_page_has_the_nonce,
    the_policy_allows_the_reload_socket_only_under_watch,
    an_asset_is_the_same_for_every_user_and_cacheable,
    only_files_of_the_build_are_served,
    an_api_response_opened_as_a_document_stays_json,
    framework_defaults_never_replace_our_responses,
];

async fn every_response_has_a_content_type_and_personal_ones_no_store(app: TestApp) {
    // The test browser checks each response; these paths are easily forgotten.
    let ayse = app.person("ayse").await;
    for mut browser in [app.browser(), app.signed_in(&ayse).await] {
        for path in [
            "/",
            "/login",
            "/setup",
            "/activate",
            "/nothing",
            "/api/nothing",
            "/api/auth/nothing/",
            SESSION,
            USER,
            CSRF,
            "/pkg/nothing.js",
            "/healthz",
            "/readyz",
        ] {
            for accept in ["text/html", "application/json", "image/avif", ""] {
                let answer = browser.request("GET", path).header("accept", accept).send().await;
                assert!(answer.status < 500, "{answer}");
            }
        }
    }
    let anonymous = app.browser().get(SESSION).await;
    assert_eq!(anonymous.header("content-type"), Some("application/json"));
    for name in ["permissions-policy", "x-frame-options"] {
        assert!(anonymous.header(name).is_some(), "{name}");
    }
}

fn nonce_of(policy: &str) -> &str {
    policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next()).expect("the policy has a nonce")
}

async fn a_nonce_is_used_once(app: TestApp) {
    let mut seen = Vec::new();
    for path in ["/login", "/login", SESSION, "/nothing", "/pkg/kafkasder-panel.js"] {
        let answer = app.browser().navigate(path).await;
        let nonce = nonce_of(answer.header("content-security-policy").unwrap()).to_owned();
        assert!(nonce.len() >= 22, "at least 128 bits: {nonce}");
        assert!(!seen.contains(&nonce));
        seen.push(nonce);
    }
}

async fn every_script_of_a_page_has_the_nonce(app: TestApp) {
    let ayse = app.person("ayse").await;
    for (mut browser, path) in
        [(app.browser(), "/login"), (app.signed_in(&ayse).await, "/"), (app.signed_in(&ayse).await, "/nothing")]
    {
        let page = browser.navigate(path).await;
        let nonce = nonce_of(page.header("content-security-policy").unwrap());
        let scripts: Vec<&str> =
            page.text().split("<script").skip(1).map(|rest| rest.split('>').next().unwrap()).collect();
        assert!(!scripts.is_empty(), "{path}");
        for script in scripts {
            assert!(script.contains(&format!(r#"nonce="{nonce}""#)), "<script{script}> of {path}");
        }
        for inline in ["style=\"", " onclick=", " onerror=", "javascript:"] {
            assert!(!page.text().contains(inline), "{inline} in {path}");
        }
        let foreign = page
            .text()
            .split("src=\"")
            .skip(1)
            .chain(page.text().split("<link").skip(1))
            .filter(|rest| rest.starts_with("http") || rest.starts_with("//"));
        assert_eq!(foreign.count(), 0, "no resource comes from another origin");
    }
}

async fn the_policy_allows_the_reload_socket_only_under_watch(app: TestApp) {
    let watched = app.restarted_with(&[("LEPTOS_WATCH", "true"), ("LEPTOS_RELOAD_PORT", "3456")]).await;
    let asked_for = app.restarted_with(&[("LEPTOS_ENV", "DEV")]).await;
    for (app, allowed) in [
        (&app, "connect-src 'self';"),
        (&asked_for, "connect-src 'self';"),
        (&watched, "connect-src 'self' ws://127.0.0.1:3456 ws://localhost:3456;"),
    ] {
        let page = app.browser().navigate("/login").await.expect(200);
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.contains(allowed), "{policy}");
    }
}

async fn an_asset_is_the_same_for_every_user_and_cacheable(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    for (path, kind) in [
        ("/pkg/kafkasder-panel.js", "text/javascript"),
        ("/pkg/kafkasder-panel.wasm", "application/wasm"),
        ("/pkg/kafkasder-panel.css", "text/css"),
        ("/favicon.svg", "image/svg+xml"),
        ("/robots.txt", "text/plain"),
    ] {
        let (mine, strangers) = (browser.get(path).await.expect(200), app.browser().get(path).await.expect(200));
        assert_eq!(mine.body, strangers.body);
        assert!(mine.header("content-type").unwrap().starts_with(kind), "{mine}");
        assert!(mine.cookies().is_empty());
        assert_ne!(mine.header("cache-control"), Some("no-store"), "an asset is cacheable: {mine}");
    }
}

async fn only_files_of_the_build_are_served(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    for path in [
        "/pkg/",
        "/pkg/nothing.js",
        "/pkg/../robots.txt",
        "/pkg/..%2frobots.txt",
        "/pkg/%2e%2e/robots.txt",
        "/pkg/%2e%2e%2f%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "/pkg/..\\robots.txt",
        "/pkg//etc/passwd",
        "/pkg/%00",
        "/pkg/.",
        "/hash.txt",
        "/Cargo.toml",
        "/data/panel.db",
        "/panel.db",
    ] {
        let answer = browser.get(path).await;
        assert_eq!(answer.status, 404, "{answer}");
        let answer = app.browser().get(path).await;
        assert!([401, 404].contains(&answer.status), "{answer}");
    }
}

async fn an_api_response_opened_as_a_document_stays_json(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    for path in [SESSION, USER, CSRF] {
        let answer = browser.navigation(path).send().await;
        assert!([200, 403].contains(&answer.status), "{answer}");
        assert_eq!(answer.header("content-type"), Some("application/json"));
    }
}

async fn framework_defaults_never_replace_our_responses(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    let long = |length: usize| "a".repeat(length);
    for path in [
        format!("/pkg/{}", long(300)),
        format!("/pkg/{}.js", long(256)),
        format!("/pkg/{}/x", long(251)),
        format!("/pkg/{}", long(5000)),
        format!("/pkg/{}", "a/".repeat(100)),
        format!("/pkg/{}", "%C5%9F".repeat(200)),
        format!("/pictures/{}", long(300)),
        format!("/pictures/{}.jpg", long(64).replace('a', "%61")),
        format!("/{}", long(60_000)),
        format!("/api/{}", long(300)),
    ]
    .into_iter()
    .chain(
        [
            "/pictures/%ff",
            "/pictures/%",
            "/pictures/%00",
            "/pictures/a%2Fb",
            "/pkg/%ff",
            "/pkg/%",
            "/pkg/%zz",
            "/pkg/%00",
            "/%ff",
            "/api/%ff",
        ]
        .map(str::to_owned),
    )
    .chain(["/pkg/kafkasder-panel.js/x", "/pkg/kafkasder-panel.js/", "/pkg/."].map(str::to_owned))
    {
        browser.get(&path).await.refused(404, "not_found");
        let page = browser.navigate(&path).await.expect(404);
        let html = page.header("content-type").is_some_and(|kind| kind.starts_with("text/html"));
        assert_eq!(html, !path.starts_with("/api/"), "{page}");
        browser.fetch("HEAD", &path).send().await.expect(404);
    }
    // Files are sent whole; range and conditional headers change nothing.
    for (name, value) in [
        ("range", "bytes=0-3"),
        ("range", "bytes=9999999-"),
        ("range", "bytes=5-1"),
        ("range", "bytes=0-0,1-1"),
        ("range", "nonsense"),
        ("if-match", "\"x\""),
        ("if-unmodified-since", "Thu, 01 Jan 1970 00:00:00 GMT"),
        ("if-range", "\"x\""),
        ("if-modified-since", "nonsense"),
        ("accept-encoding", "ş;q=x"),
        ("expect", "nonsense"),
    ] {
        for path in ["/pkg/kafkasder-panel.js", "/favicon.svg", "/robots.txt"] {
            let answer = browser.fetch("GET", path).header(name, value).send().await.expect(200);
            assert!(!answer.body.is_empty(), "{answer}");
        }
    }
    for path in ["/pkg/kafkasder-panel.js", "/favicon.svg", "/pkg/nothing", "/pictures/x"] {
        for method in ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"] {
            browser.fetch(method, path).send().await.refused(405, "method_not_allowed");
        }
    }
}

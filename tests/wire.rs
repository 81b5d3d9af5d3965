//! The wire: methods, sizes, types, the order of the checks, headers and languages.

use kafkasder_panel::server::access::ROUTES;
use serde_json::json;

use crate::support::{Browser, CSRF, LOGIN, LOGOUT, SESSION, TestApp, USER, mutations, mutations_with_a_body};

both![
    a_wrong_method_is_405_and_names_the_right_one,
    a_method_nobody_knows_is_405_everywhere,
    head_answers_like_get_without_a_body,
    a_body_over_64_kib_is_413,
    only_json_and_forms_in_utf8_are_read,
    the_checks_come_in_their_order,
    the_type_is_asked_of_those_who_send_a_body,
    every_answer_is_typed_and_nobody_keeps_it,
    a_nonce_is_used_once,
    every_script_of_a_page_has_the_nonce,
    an_asset_is_the_same_for_everybody,
    only_the_builds_files_are_served,
    probes_answer_everybody_everywhere,
    errors_speak_turkish_and_english,
    an_internal_error_gives_an_id_and_nothing_else,
    over_https_a_request_by_http_is_redirected_or_refused,
    an_api_answer_opened_as_a_document_runs_nothing,
    odd_requests_are_answered_without_a_500,
];

async fn a_wrong_method_is_405_and_names_the_right_one(app: TestApp) {
    let ayse = app.person("ayse").await;
    for mut browser in [app.browser(), app.signed_in(&ayse).await] {
        for route in ROUTES {
            let right: Vec<&str> = route.allow().split(", ").collect();
            for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
                if right.contains(&method) {
                    continue;
                }
                let answer = browser.fetch(method, route.path).send().await.expect(405);
                assert_eq!(answer.header("allow"), Some(route.allow()), "{answer}");
                assert!(answer.cookies().is_empty(), "{answer}");
                if method != "HEAD" {
                    answer.refused(405, "method_not_allowed");
                }
            }
        }
    }
    assert_eq!(app.browser().fetch("GET", LOGIN).send().await.header("allow"), Some("POST"));
    assert_eq!(app.browser().fetch("POST", SESSION).send().await.header("allow"), Some("GET, HEAD"));
}

async fn a_method_nobody_knows_is_405_everywhere(app: TestApp) {
    for method in ["TRACE", "CONNECT", "PROPFIND", "FOO", "get"] {
        for path in [
            "/",
            "/login",
            SESSION,
            LOGIN,
            LOGOUT,
            CSRF,
            "/api/nothing",
            "/nothing",
            "/healthz",
            "/pkg/kafkasder-panel.js",
        ] {
            app.browser().fetch(method, path).send().await.refused(405, "method_not_allowed");
        }
    }
}

async fn head_answers_like_get_without_a_body(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    for path in [CSRF, SESSION, USER, "/healthz", "/readyz", "/favicon.svg", "/api/nothing"] {
        let get = browser.fetch("GET", path).send().await;
        let head = browser.fetch("HEAD", path).send().await;
        assert_eq!((head.status, head.header("content-type")), (get.status, get.header("content-type")), "{path}");
        assert!(head.body.is_empty(), "{head}");
    }
    let head = browser.navigation("/").send().await.expect(200);
    assert!(!head.body.is_empty());
    let head = browser.ask("HEAD", "/").header("accept", "text/html").send().await.expect(200);
    assert!(head.body.is_empty());
    app.browser().ask("HEAD", SESSION).header("accept", "application/json").send().await.expect(401);
}

async fn a_body_over_64_kib_is_413(app: TestApp) {
    const LIMIT: usize = 64 * 1024;
    let mut browser = app.browser();
    for path in mutations() {
        for announced in [true, false] {
            // Signing out clears the token with every answer.
            browser.ready().await;
            let ask = browser.fetch("POST", path).with_token().body("application/json", vec![b' '; LIMIT + 1]);
            let ask = if announced { ask.header("content-length", &(LIMIT + 1).to_string()) } else { ask };
            ask.send().await.refused(413, "payload_too_large");
        }
        // What is announced is not waited for.
        browser.ready().await;
        let ask = browser
            .fetch("POST", path)
            .with_token()
            .body("application/json", "{}")
            .header("content-length", "99999999999");
        ask.send().await.refused(413, "payload_too_large");
    }
    browser.ready().await;
    let head = r#"{"email":"ayse@example.org","password":""}"#;
    let exactly = format!("{head}{}", " ".repeat(LIMIT - head.len()));
    browser
        .fetch("POST", LOGIN)
        .with_token()
        .body("application/json", exactly)
        .send()
        .await
        .refused(400, "missing_credentials");
    browser
        .fetch("POST", "/api/nothing")
        .with_token()
        .body("application/json", vec![b'x'; LIMIT + 1])
        .send()
        .await
        .refused(413, "payload_too_large");
}

async fn only_json_and_forms_in_utf8_are_read(app: TestApp) {
    let mut browser = app.browser();
    browser.ready().await;
    for kind in [
        "text/plain",
        "text/plain; charset=utf-8",
        "multipart/form-data; boundary=x",
        "application/xml",
        "text/json",
        "application/jsonp",
        "application/json+x",
        "json",
        "",
        "*/*",
        "application/json; charset=utf-16",
        "application/json; charset=utf-7",
        "application/json; charset=iso-8859-9",
        "application/json; charset=\"latin1\"",
        "application/json; charset=utf-8; charset=utf-7",
        "application/json; charset=",
        "application/x-www-form-urlencoded; charset=windows-1254",
        "application/json, text/plain",
    ] {
        for path in mutations_with_a_body() {
            browser
                .fetch("POST", path)
                .with_token()
                .body(kind, "{}")
                .send()
                .await
                .refused(415, "unsupported_media_type");
        }
    }
    let twice =
        browser.fetch("POST", LOGIN).with_token().body("application/json", "{}").another("content-type", "text/plain");
    twice.send().await.refused(415, "unsupported_media_type");
    for kind in [
        "application/json",
        "Application/JSON",
        "application/json; charset=utf-8",
        "application/json;charset=UTF-8",
        "application/json; charset=\"utf-8\"",
    ] {
        browser.fetch("POST", LOGIN).with_token().body(kind, "{}").send().await.refused(400, "missing_credentials");
    }
    for kind in ["application/x-www-form-urlencoded", "application/x-www-form-urlencoded;charset=UTF-8"] {
        browser.fetch("POST", LOGIN).with_token().body(kind, "email=").send().await.refused(400, "missing_credentials");
    }
}

/// Method, size, type, CSRF, identity, body: each request is wrong in everything that comes later, too.
async fn the_checks_come_in_their_order(app: TestApp) {
    let mut browser = app.browser();
    browser.ready().await;
    let big = vec![b'x'; 65 * 1024];
    browser.fetch("PUT", LOGIN).body("text/plain", big.clone()).send().await.refused(405, "method_not_allowed");
    browser.fetch("POST", LOGIN).body("text/plain", big).send().await.refused(413, "payload_too_large");
    browser.fetch("POST", LOGIN).body("text/plain", "x").send().await.refused(415, "unsupported_media_type");
    browser
        .fetch("POST", LOGIN)
        .header("origin", "https://evil.example")
        .body("text/plain", "x")
        .send()
        .await
        .refused(415, "unsupported_media_type");
    for (kind, body) in [
        ("application/json", "{"),
        ("application/x-www-form-urlencoded", "email=%zz"),
        ("application/x-www-form-urlencoded", "a=%ff"),
    ] {
        browser.fetch("POST", LOGIN).body(kind, body).send().await.refused(403, "csrf_failed");
        browser.fetch("POST", LOGIN).with_token().body(kind, body).send().await.refused(400, "invalid_request");
    }
    // Identity goes before what is wrong with the request itself, CSRF before identity.
    browser.fetch("POST", "/api/nothing").body("application/json", "{").send().await.refused(403, "csrf_failed");
    browser
        .fetch("POST", "/api/nothing")
        .with_token()
        .body("application/json", "{")
        .send()
        .await
        .refused(401, "unauthenticated");
}

async fn the_type_is_asked_of_those_who_send_a_body(app: TestApp) {
    let mut browser = app.browser();
    browser.ready().await;
    browser.fetch("POST", LOGIN).with_token().send().await.refused(415, "unsupported_media_type");
    browser.fetch("POST", LOGOUT).with_token().send().await.expect(200);
    browser.fetch("GET", CSRF).body("text/plain", "ignored").send().await.expect(200);
}

async fn every_answer_is_typed_and_nobody_keeps_it(app: TestApp) {
    // The browser of this suite checks each answer; here are some that are easily forgotten.
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
                let answer = browser.ask("GET", path).header("accept", accept).send().await;
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
        assert_eq!(foreign.count(), 0, "nothing comes from elsewhere");
    }
}

async fn an_asset_is_the_same_for_everybody(app: TestApp) {
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
        assert_ne!(mine.header("cache-control"), Some("no-store"), "an asset may be kept: {mine}");
    }
}

async fn only_the_builds_files_are_served(app: TestApp) {
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

async fn probes_answer_everybody_everywhere(app: TestApp) {
    let secure = app.restarted_at("https://panel.example.org").await;
    for app in [&app, &secure] {
        for path in ["/healthz", "/readyz"] {
            for host in ["127.0.0.1:3000", "10.1.2.3", "panel.example.org", "anything"] {
                let answer = app
                    .browser()
                    .ask("GET", path)
                    .header("host", host)
                    .header("x-forwarded-proto", "http")
                    .send()
                    .await
                    .expect(200);
                assert_eq!(answer.text(), "ok");
            }
            app.browser().ask("GET", path).without("host").send().await.expect(200);
        }
    }
}

/// A code, the status it comes with, and how it is brought about.
async fn each_refusal(app: &TestApp, browser: &mut Browser) -> Vec<(u16, &'static str, String)> {
    browser.ready().await;
    let mut seen = Vec::new();
    let asks = [
        (401, "unauthenticated", browser.get(SESSION).await),
        (405, "method_not_allowed", browser.get(LOGIN).await),
        (403, "csrf_failed", browser.fetch("POST", LOGIN).json(&json!({})).send().await),
        (400, "missing_credentials", browser.post(LOGIN, json!({})).await),
        (400, "invalid_request", browser.post(LOGIN, json!({ "x": 1 })).await),
        (415, "unsupported_media_type", browser.fetch("POST", LOGIN).body("text/plain", "x").send().await),
        (
            413,
            "payload_too_large",
            browser.fetch("POST", LOGIN).body("application/json", vec![b'x'; 70_000]).send().await,
        ),
        (
            422,
            "validation_failed",
            browser.post("/api/activate", json!({ "token": "x", "password": "a password of some length" })).await,
        ),
        (401, "invalid_credentials", browser.post(LOGIN, json!({ "email": "a@b", "password": "x" })).await),
    ];
    for (status, code, answer) in asks {
        let body = answer.refused(status, code);
        if let Some(fields) = body["fields"].as_object() {
            seen.extend(fields.values().map(|text| (status, code, text.as_str().unwrap().to_owned())));
        }
        seen.push((status, code, body["error"].as_str().unwrap().to_owned()));
    }
    app.clock.advance(crate::support::HOUR);
    seen
}

async fn errors_speak_turkish_and_english(app: TestApp) {
    let mut browser = app.browser();
    let english = each_refusal(&app, &mut browser).await;
    for language in ["tr", "tr-TR,tr;q=0.9,en;q=0.5", "de, TR;q=0.3"] {
        let mut browser = app.browser();
        browser.language = language;
        let turkish = each_refusal(&app, &mut browser).await;
        for (en, tr) in english.iter().zip(&turkish) {
            assert_eq!((en.0, en.1), (tr.0, tr.1));
            assert_ne!(en.2, tr.2, "{}", en.1);
        }
        assert!(turkish.iter().any(|(_, _, text)| text == "Lütfen giriş yapın."));
    }
    for language in ["", "en-GB", "de", "tr;q=0, en", "*", ";;,,", "x".repeat(3000).leak()] {
        let mut browser = app.browser();
        browser.language = language;
        assert_eq!(browser.get(SESSION).await.json()["error"], "Please sign in.", "{language}");
    }
}

async fn an_internal_error_gives_an_id_and_nothing_else(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    app.database.execute("ALTER TABLE policy RENAME TO policy_elsewhere").await;
    let mut ids = Vec::new();
    for _ in 0..2 {
        let answer = browser.get(SESSION).await;
        let body = answer.refused(500, "internal");
        assert_eq!(body["error"], "Something went wrong on our side.");
        assert_eq!(body.as_object().unwrap().len(), 4, "{body}");
        assert!(answer.cookies().is_empty(), "nobody is signed out by it: {answer}");
        ids.push(body["requestId"].as_str().unwrap().to_owned());
    }
    assert_ne!(ids[0], ids[1]);
    app.browser().try_password(&ayse.email, &ayse.password).await.refused(500, "internal");

    let page = browser.navigate("/").await.expect(500);
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    assert!(page.text().contains("Something went wrong on our side."));
    for inside in ["policy_elsewhere", "relation", "table"] {
        assert!(
            !page.text().contains(&format!("{inside} \"")) && !page.text().contains(&format!("no such {inside}")),
            "{inside}"
        );
    }
    app.database.execute("ALTER TABLE policy_elsewhere RENAME TO policy").await;
    assert!(browser.is_signed_in().await);
}

async fn over_https_a_request_by_http_is_redirected_or_refused(app: TestApp) {
    let ayse = app.person("ayse").await;
    let app = app.restarted_at("https://panel.example.org").await;
    let body = json!({ "email": ayse.email, "password": ayse.password });
    let mut through_the_proxy = app.browser();
    through_the_proxy.navigate("/login").await.expect(200);
    // From anybody but the proxy, what the header says counts for nothing.
    let beside_it = through_the_proxy.clone().at("192.0.2.1");
    for (mut browser, proto) in [(through_the_proxy.clone(), "http"), (beside_it.clone(), "https"), (beside_it, "http")]
    {
        let answer = browser.navigation("/login?redirect=%2Fa").header("x-forwarded-proto", proto).send().await;
        assert_eq!(
            (answer.status, answer.header("location")),
            (308, Some("https://panel.example.org/login?redirect=%2Fa"))
        );
        for path in [SESSION, CSRF] {
            let answer = browser.fetch("GET", path).header("x-forwarded-proto", proto).send().await;
            answer.refused(403, "forbidden");
            assert!(answer.cookies().is_empty());
        }
        let answer =
            browser.fetch("POST", LOGIN).with_token().json(&body).header("x-forwarded-proto", proto).send().await;
        answer.refused(403, "forbidden");
    }
    through_the_proxy.fetch("POST", LOGIN).with_token().json(&body).send().await.expect(200);
}

async fn an_api_answer_opened_as_a_document_runs_nothing(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    for path in [SESSION, USER, CSRF] {
        let answer = browser.navigation(path).send().await;
        assert!([200, 403].contains(&answer.status), "{answer}");
        assert_eq!(answer.header("content-type"), Some("application/json"));
    }
}

async fn odd_requests_are_answered_without_a_500(app: TestApp) {
    let ayse = app.person("ayse").await;
    for mut browser in [app.browser(), app.signed_in(&ayse).await] {
        for path in [
            "/?",
            "/??",
            "/%",
            "/%zz",
            "/%ff%fe",
            "/%00",
            "/a//b",
            "/*",
            "/api",
            "/api/",
            "/api/auth",
            "/login?redirect=%",
            "/login?error=%ff",
            "/?%ff=%ff",
            "/setup?token=%00",
            "/activate?token[]=x",
        ] {
            for accept in ["text/html", "application/json"] {
                let answer = browser.ask("GET", path).header("accept", accept).send().await;
                assert!(answer.status < 500, "{answer}");
            }
        }
        for (name, value) in [
            ("accept-language", "\u{ff}ş"),
            ("user-agent", "x\u{ff}\t\u{80}"),
            ("x-forwarded-for", "ş, ,,"),
            ("cookie", "\u{ff}=ş; auth-session"),
            ("accept", "ş"),
            ("origin", "ş"),
            ("sec-fetch-site", "ş"),
            ("host", "ş"),
        ] {
            let answer = browser.fetch("GET", SESSION).header(name, value).send().await;
            assert!(answer.status < 500, "{name}: {answer}");
        }
        let options = browser.ask("OPTIONS", "*").send().await;
        assert!(options.status < 500, "{options}");
    }
}

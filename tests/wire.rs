//! Request parsing: methods, sizes, content types, schemes, and the order of the checks.

use kafkasder_panel::server::access::ROUTES;
use serde_json::json;

use crate::support::{CSRF, LOGIN, LOGOUT, PASSWORD, SESSION, TestApp, USER, mutations, mutations_with_a_body};

both![
    a_wrong_method_is_405_and_names_the_right_one,
    an_unknown_method_is_405_everywhere,
    head_responds_like_get_without_a_body,
    a_body_over_64_kib_is_413,
    only_json_and_forms_in_utf8_are_read,
    the_checks_run_in_their_documented_order,
    the_content_type_is_checked_only_where_a_body_is_read,
    probes_respond_on_every_host_and_scheme,
    over_https_a_request_by_http_is_redirected_or_refused,
    unusual_requests_never_cause_a_500,
    only_the_content_type_selects_the_parser,
    the_proxys_scheme_header_is_parsed_leniently,
];

async fn a_wrong_method_is_405_and_names_the_right_one(app: TestApp) {
    let ayse = app.person("ayse").await;
    for mut browser in [app.browser(), app.signed_in(&ayse).await] {
        for route in ROUTES {
            let rows = ROUTES.iter().filter(|row| row.path == route.path);
            let right: Vec<&str> = rows.flat_map(|row| row.allow().split(", ")).collect();
            for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
                if right.contains(&method) {
                    continue;
                }
                let answer = browser.fetch(method, route.path).send().await.expect(405);
                assert_eq!(answer.header("allow"), Some(right.join(", ").as_str()), "{answer}");
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

async fn an_unknown_method_is_405_everywhere(app: TestApp) {
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

async fn head_responds_like_get_without_a_body(app: TestApp) {
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
    let head = browser.request("HEAD", "/").header("accept", "text/html").send().await.expect(200);
    assert!(head.body.is_empty());
    app.browser().request("HEAD", SESSION).header("accept", "application/json").send().await.expect(401);
}

async fn a_body_over_64_kib_is_413(app: TestApp) {
    const LIMIT: usize = 64 * 1024;
    let mut browser = app.browser();
    for path in mutations() {
        for announced in [true, false] {
            // Every response to a sign-out clears the token.
            browser.ensure_token().await;
            let ask = browser.fetch("POST", path).with_token().body("application/json", vec![b' '; LIMIT + 1]);
            let ask = if announced { ask.header("content-length", &(LIMIT + 1).to_string()) } else { ask };
            ask.send().await.refused(413, "payload_too_large");
        }
        // A body with a too large Content-Length is refused before it arrives.
        browser.ensure_token().await;
        let ask = browser
            .fetch("POST", path)
            .with_token()
            .body("application/json", "{}")
            .header("content-length", "99999999999");
        ask.send().await.refused(413, "payload_too_large");
    }
    browser.ensure_token().await;
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
    browser.ensure_token().await;
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

/// Method, size, type, CSRF, identity, body: each request also fails all later checks.
async fn the_checks_run_in_their_documented_order(app: TestApp) {
    let mut browser = app.browser();
    browser.ensure_token().await;
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
    // CSRF is checked before identity, and identity before the body.
    browser.fetch("POST", "/api/nothing").body("application/json", "{").send().await.refused(403, "csrf_failed");
    browser
        .fetch("POST", "/api/nothing")
        .with_token()
        .body("application/json", "{")
        .send()
        .await
        .refused(401, "unauthenticated");
}

async fn the_content_type_is_checked_only_where_a_body_is_read(app: TestApp) {
    let mut browser = app.browser();
    browser.ensure_token().await;
    browser.fetch("POST", LOGIN).with_token().send().await.refused(415, "unsupported_media_type");
    browser.fetch("POST", LOGOUT).with_token().send().await.expect(200);
    browser.fetch("GET", CSRF).body("text/plain", "ignored").send().await.expect(200);
}

async fn probes_respond_on_every_host_and_scheme(app: TestApp) {
    let secure = app.restarted_at("https://panel.example.org").await;
    for app in [&app, &secure] {
        for path in ["/healthz", "/readyz"] {
            for host in ["127.0.0.1:3000", "10.1.2.3", "panel.example.org", "anything", "", "a b", "a:b:c", "ş"] {
                let answer = app
                    .browser()
                    .request("GET", path)
                    .header("host", host)
                    .header("x-forwarded-proto", "http")
                    .send()
                    .await
                    .expect(200);
                assert_eq!(answer.text(), "ok");
            }
            app.browser().request("GET", path).without("host").send().await.expect(200);
            app.browser().request("GET", path).another("host", "evil.example").send().await.expect(200);
            app.browser().request("HEAD", path).header("host", "evil.example").send().await.expect(200);
        }
    }
}

async fn over_https_a_request_by_http_is_redirected_or_refused(app: TestApp) {
    let ayse = app.person("ayse").await;
    let app = app.restarted_at("https://panel.example.org").await;
    let body = json!({ "email": ayse.email, "password": ayse.password });
    let mut through_the_proxy = app.browser();
    through_the_proxy.navigate("/login").await.expect(200);
    // The header counts only when it comes from the proxy.
    let beside_it = through_the_proxy.clone().at_address("192.0.2.1");
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

async fn unusual_requests_never_cause_a_500(app: TestApp) {
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
                let answer = browser.request("GET", path).header("accept", accept).send().await;
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
        let options = browser.request("OPTIONS", "*").send().await;
        assert!(options.status < 500, "{options}");
    }
}

async fn only_the_content_type_selects_the_parser(app: TestApp) {
    let ayse = app.person("ayse").await;
    let json = json!({ "email": ayse.email, "password": ayse.password }).to_string();
    let form = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("email", &ayse.email), ("password", &ayse.password)])
        .finish();
    const JSON: &str = "application/json";
    const FORM: &str = "application/x-www-form-urlencoded";
    for (kind, body, status, code) in [
        (JSON, json.clone(), 200, ""),
        (JSON, format!(" \r\n\t{json} \n"), 200, ""),
        (FORM, form.clone(), 200, ""),
        ("Application/X-WWW-Form-UrlEncoded; charset=UTF-8", form.clone(), 200, ""),
        (FORM, json.clone(), 400, "invalid_request"),
        (FORM, format!(" {json}"), 400, "invalid_request"),
        (FORM, format!("{{={json}"), 400, "invalid_request"),
        (FORM, format!("{{&{form}"), 400, "invalid_request"),
        (FORM, "{}".to_owned(), 400, "invalid_request"),
        (FORM, String::new(), 400, "missing_credentials"),
        (JSON, form, 400, "invalid_request"),
        (JSON, String::new(), 400, "invalid_request"),
        (JSON, " ".to_owned(), 400, "invalid_request"),
        (JSON, format!("[{json}]"), 400, "invalid_request"),
        (JSON, format!(r#"["{}","{}",false,false]"#, ayse.email, ayse.password), 400, "invalid_request"),
        (JSON, "[]".to_owned(), 400, "invalid_request"),
        (JSON, r#""email""#.to_owned(), 400, "invalid_request"),
        (JSON, "true".to_owned(), 400, "invalid_request"),
        (JSON, "{}".to_owned(), 400, "missing_credentials"),
    ] {
        let mut browser = app.browser();
        browser.ensure_token().await;
        let answer = browser.fetch("POST", LOGIN).with_token().body(kind, body.as_str()).send().await;
        match status {
            200 => assert_eq!(answer.status, 200, "{kind} {body}: {answer}"),
            _ => drop(answer.refused(status, code)),
        }
    }
    // Every mutation that reads its body, with bodies of the other type or empty ones.
    let admin = app.person_with("yonetici", "admin", PASSWORD).await;
    let signed_in = app.signed_in(&admin).await;
    // Removing the picture is left out, because it has no fields.
    for path in mutations_with_a_body().into_iter().filter(|path| *path != "/api/account/picture/remove") {
        for (kind, body) in
            [(FORM, "{}"), (FORM, r#"{"a":"b"}"#), (JSON, "a=b"), (JSON, ""), (JSON, "[]"), (JSON, r#"{"no":1}"#)]
        {
            let mut browser = signed_in.clone();
            let answer = browser.fetch("POST", path).with_token().body(kind, body).send().await;
            answer.refused(400, "invalid_request");
        }
    }
}

async fn the_proxys_scheme_header_is_parsed_leniently(app: TestApp) {
    let app = app.restarted_at("https://panel.example.org").await;
    for proto in
        ["https", "HTTPS", "Https", " https ", "https, https", "https,http", "https , http, http", ",https", "https,"]
    {
        app.browser().navigation("/login").header("x-forwarded-proto", proto).send().await.expect(200);
        app.browser().fetch("GET", CSRF).header("x-forwarded-proto", proto).send().await.expect(200);
        // The header counts only when it comes from a trusted proxy.
        let mut beside = app.browser().at_address("192.0.2.1");
        beside.navigation("/login").header("x-forwarded-proto", proto).send().await.expect(308);
    }
    let mut browser = app.browser();
    let two = browser.navigation("/login").header("x-forwarded-proto", "https").another("x-forwarded-proto", "http");
    two.send().await.expect(200);
    for proto in ["http", "HTTP", "http, https", "", ",", "httpss", "https http", "https;q=1", "ş", "wss"] {
        app.browser().navigation("/login").header("x-forwarded-proto", proto).send().await.expect(308);
        app.browser().fetch("GET", CSRF).header("x-forwarded-proto", proto).send().await.refused(403, "forbidden");
    }
}

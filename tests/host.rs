//! The `Host` check comes first: a request with another host name is refused.

use kafkasder_panel::server::config::LogFormat;
use serde_json::json;

use crate::support::{CSRF, EVENTS, LOGIN, LOGOUT, Log, MINUTE, SESSION, TestApp};

both![
    the_panels_own_host_names_are_accepted,
    a_request_for_another_host_is_421,
    the_page_for_another_host_shows_the_panels_address,
    a_malformed_host_is_400,
    an_absolute_request_target_is_checked_too,
    the_host_is_checked_first,
    a_sign_out_for_another_host_ends_and_clears_nothing,
    a_trusted_proxy_that_sends_its_own_host_is_logged,
];

const FOREIGN: [&str; 12] = [
    "evil.example",
    "evil.example:3000",
    "127.0.0.1",
    "localhost",
    "127.0.0.1:3001",
    "127.0.0.1:80",
    "127.0.0.2:3000",
    "[::2]:3000",
    "localhost.:3000",
    "127.0.0.1.evil.example:3000",
    "evil-127.0.0.1:3000",
    "10.1.2.3",
];

/// Values that are not a host with an optional port.
const MALFORMED: [&str; 16] = [
    "",
    ":3000",
    "127.0.0.1:",
    "127.0.0.1:x",
    "127.0.0.1:-1",
    "127.0.0.1:99999",
    "127.0.0.1:3000:3000",
    "127.0.0.1:3000, evil.example",
    "127.0.0.1:3000,127.0.0.1:3000",
    "user@127.0.0.1:3000",
    "http://127.0.0.1:3000",
    "127.0.0.1:3000/",
    "[::1:3000",
    "::1",
    "a b",
    "örnek.org",
];

async fn the_panels_own_host_names_are_accepted(app: TestApp) {
    let secure = app.restarted_at("https://panel.example.org").await;
    let ported = app.restarted_with(&[("PUBLIC_URL", "https://panel.example.org:8443"), PROXIES]).await;
    let six = app.restarted_with(&[("PUBLIC_URL", "http://[::1]:3000")]).await;
    let loopback = ["127.0.0.1:3000", "localhost:3000", "LocalHost:3000", "[::1]:3000", "[0:0:0:0:0:0:0:1]:3000"];
    for (app, hosts) in [
        (&app, loopback.as_slice()),
        (&six, &loopback),
        (&secure, &["panel.example.org", "panel.example.org:443", "Panel.EXAMPLE.org"]),
        (&ported, &["panel.example.org:8443"]),
    ] {
        for host in hosts {
            for path in [CSRF, "/login", "/favicon.svg", "/pkg/kafkasder-panel.css"] {
                app.browser().navigation(path).header("host", host).send().await.expect(200);
            }
        }
    }
    // The default port is that of the scheme.
    for host in ["panel.example.org:80", "panel.example.org:8443", "panel.example.org."] {
        let answer = secure.browser().fetch("GET", CSRF).header("host", host).send().await;
        answer.refused(421, "misdirected_request");
    }
    ported.browser().fetch("GET", CSRF).header("host", "panel.example.org").send().await.expect(421);
}

const PROXIES: (&str, &str) = ("TRUSTED_PROXIES", "198.51.100.7");

async fn a_request_for_another_host_is_421(app: TestApp) {
    let ayse = app.person("ayse").await;
    for mut browser in [app.browser(), app.signed_in(&ayse).await] {
        browser.ensure_token().await;
        for host in FOREIGN {
            for path in [CSRF, SESSION, EVENTS, "/", "/login", "/nothing", "/api/nothing", "/pkg/kafkasder-panel.js"] {
                let answer = browser.fetch("GET", path).header("host", host).send().await;
                let body = answer.refused(421, "misdirected_request");
                assert_eq!(body["error"], "The panel is not at this address.");
                assert!(answer.cookies().is_empty(), "{answer}");
                assert!(!answer.text().contains("evil"), "{answer}");
            }
            let body = json!({ "email": ayse.email, "password": ayse.password });
            let ask = browser.fetch("POST", LOGIN).with_token().header("host", host).json(&body);
            ask.send().await.refused(421, "misdirected_request");
        }
    }
}

async fn the_page_for_another_host_shows_the_panels_address(app: TestApp) {
    let ayse = app.person("ayse").await;
    let secure = app.restarted_at("https://panel.example.org").await;
    for (app, public) in [(&app, "http://127.0.0.1:3000"), (&secure, "https://panel.example.org")] {
        for (language, words) in
            [("en", "Please use this address instead:"), ("tr", "Lütfen bunun yerine şu adresi kullanın:")]
        {
            let mut browser = app.browser();
            browser.ensure_token().await;
            browser.language = language;
            let credentials = [("email", ayse.email.as_str()), ("password", ayse.password.as_str())];
            let form =
                browser.form_navigation("/login", LOGIN).form(&credentials).header("host", "evil.example").send().await;
            let mut pages = vec![form];
            for path in ["/", "/login?redirect=%2Fa", "/nothing", "/pkg/x.js", "/favicon.svg"] {
                pages.push(browser.navigation(path).header("host", "evil.example").send().await);
            }
            for page in pages {
                assert_eq!(page.status, 421, "{page}");
                assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
                assert!(page.text().contains(words) && page.text().contains(public), "{page}");
                assert!(page.text().contains(&format!("<html lang=\"{language}\"")), "{page}");
                for other in ["evil", "<script", "stylesheet", "/pkg/"] {
                    assert!(!page.text().contains(other), "{other}: {page}");
                }
                assert!(page.cookies().is_empty() && page.header("location").is_none(), "{page}");
            }
        }
    }
}

async fn a_malformed_host_is_400(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    for path in [SESSION, CSRF, "/", "/pkg/kafkasder-panel.js", "/nothing"] {
        for host in MALFORMED {
            browser.fetch("GET", path).header("host", host).send().await.refused(400, "invalid_request");
        }
        browser.fetch("GET", path).without("host").send().await.refused(400, "invalid_request");
        for second in ["127.0.0.1:3000", "evil.example", ""] {
            let twice = browser.fetch("GET", path).another("host", second).send().await;
            twice.refused(400, "invalid_request");
        }
    }
    let page = browser.navigation("/").without("host").send().await.expect(400);
    assert!(page.text().contains("http://127.0.0.1:3000"), "{page}");
    assert!(browser.is_signed_in().await);
}

async fn an_absolute_request_target_is_checked_too(app: TestApp) {
    let mut browser = app.browser();
    for (target, host, status) in [
        ("http://127.0.0.1:3000/api/csrf", "127.0.0.1:3000", 200),
        ("http://LOCALHOST:3000/api/csrf", "127.0.0.1:3000", 200),
        ("http://evil.example/api/csrf", "127.0.0.1:3000", 421),
        ("http://evil.example/api/csrf", "evil.example", 421),
        ("http://127.0.0.1/api/csrf", "127.0.0.1:3000", 421),
        ("http://127.0.0.1:3000/api/csrf", "evil.example", 421),
        ("http://user@127.0.0.1:3000/api/csrf", "127.0.0.1:3000", 400),
        ("http://127.0.0.1:3000/api/csrf", "", 400),
        ("http://evil.example/healthz", "evil.example", 200),
    ] {
        let answer = browser.fetch("GET", target).header("host", host).send().await;
        assert_eq!(answer.status, status, "{host}: {answer}");
    }
    let without = browser.fetch("GET", "http://127.0.0.1:3000/api/csrf").without("host").send().await;
    without.refused(400, "invalid_request");
    browser.navigation("http://127.0.0.1:3000/login").send().await.expect(200);
}

async fn the_host_is_checked_first(app: TestApp) {
    let secure = app.restarted_at("https://panel.example.org").await;
    for (host, status, code) in [("evil.example", 421, "misdirected_request"), ("a b", 400, "invalid_request")] {
        let mut browser = app.browser();
        let wrong = browser.fetch("PUT", LOGIN).header("host", host).body("text/plain", vec![b'x'; 70_000]);
        wrong.header("origin", "https://evil.example").send().await.refused(status, code);
        // Plain HTTP to an https address is not redirected when the host is wrong.
        let mut browser = secure.browser();
        let plain = browser.navigation("/login").header("host", host).header("x-forwarded-proto", "http");
        assert_eq!(plain.send().await.status, status);
        for path in ["/login/", "//evil.example/", "/%2e%2e//"] {
            assert_eq!(browser.navigation(path).header("host", host).send().await.status, status);
        }
    }
}

async fn a_sign_out_for_another_host_ends_and_clears_nothing(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    for host in ["evil.example", "", "a b"] {
        for form in [false, true] {
            let ask = match form {
                true => browser.form_navigation("/", LOGOUT).form(&[("csrfToken", "x")]),
                false => browser.fetch("POST", LOGOUT).with_token(),
            };
            let answer = ask.header("host", host).send().await;
            assert!([400, 421].contains(&answer.status), "{answer}");
            assert!(answer.cookies().is_empty(), "{answer}");
        }
    }
    assert!(browser.is_signed_in().await);
}

async fn a_trusted_proxy_that_sends_its_own_host_is_logged(app: TestApp) {
    let app = app.restarted_at("https://panel.example.org").await;
    let log = Log::catch(LogFormat::Text, "warn");
    let ask = async |address: &str, host: &str| {
        app.browser().at_address(address).fetch("GET", CSRF).header("host", host).send().await;
    };
    ask("192.0.2.1", "127.0.0.1:3000").await;
    ask("198.51.100.7", "a b").await;
    assert_eq!(log.text(), "", "an untrusted peer can't fill the log");
    for _ in 0..5 {
        ask("198.51.100.7", "127.0.0.1:3000").await;
    }
    assert_eq!(log.text().matches("a trusted proxy sends a Host").count(), 1, "{}", log.text());
    assert!(
        log.text().contains("host=127.0.0.1:3000") && log.text().contains("https://panel.example.org"),
        "{}",
        log.text()
    );
    app.pass(MINUTE);
    ask("198.51.100.7", "127.0.0.1:3000").await;
    assert_eq!(log.text().matches("a trusted proxy sends a Host").count(), 2, "{}", log.text());
}

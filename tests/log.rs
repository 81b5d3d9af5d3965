//! Log lines and stored user agents contain no control, bidirectional or invisible characters.

use kafkasder_panel::server::config::LogFormat;
use kafkasder_panel::server::log::is_plain;
use serde_json::Value;

use crate::support::{LOGIN, Log, SESSION, TestApp};

both![
    every_log_event_is_one_line_of_visible_characters,
    every_line_of_a_request_has_its_id,
    a_stored_user_agent_has_no_invisible_characters
];

/// C1 controls, line separators, bidirectional controls, zero-width characters and tags.
const ODD: &str = "\u{9b}31m\u{85}\u{2028}\u{2029}\u{202e}\u{2066}\u{200b}\u{200d}\u{feff}\u{ad}\u{61c}\u{e0041}";

async fn every_log_event_is_one_line_of_visible_characters(app: TestApp) {
    for format in [LogFormat::Text, LogFormat::Json] {
        let log = Log::catch(format, "debug");
        let mut browser = app.browser();
        for path in [format!("/{ODD}/ağ"), format!("/api/{ODD}"), "/%C2%9B%E2%80%AE".to_owned()] {
            browser.fetch("GET", &path).send().await.refused(401, "unauthenticated");
            browser.navigation(&path).send().await.see_other();
        }
        for name in ["user-agent", "referer", "x-forwarded-for", "accept-language", "cookie", "origin", "host"] {
            browser.fetch("GET", SESSION).header(name, ODD).send().await;
            browser.fetch("POST", LOGIN).header(name, ODD).send().await;
        }
        let written = log.text();
        let ours: Vec<&str> = written.lines().filter(|line| line.contains("refused")).collect();
        assert!(ours.len() >= 10, "{written}");
        for line in written.lines() {
            assert!(line.chars().all(is_plain), "{line:?}");
            if format == LogFormat::Json {
                serde_json::from_str::<Value>(line).unwrap_or_else(|e| panic!("{line}: {e}"));
            } else {
                assert!(line.starts_with("20"), "an event is one line: {line}");
            }
        }
        assert!(
            written.contains("ağ") && written.contains("\\u202e"),
            "letters stay and other characters are escaped: {written}"
        );
    }
}

async fn every_line_of_a_request_has_its_id(app: TestApp) {
    for format in [LogFormat::Text, LogFormat::Json] {
        let log = Log::catch(format, "info");
        let mut browser = app.browser();
        browser.fetch("GET", SESSION).send().await.refused(401, "unauthenticated");
        assert_eq!(log.text(), "", "a read without a session is no event");
        let refused = browser.fetch("POST", LOGIN).send().await;
        let (id, line) = (refused.header("x-request-id").expect("an id"), log.text());
        match format {
            LogFormat::Text => assert!(line.ends_with(&format!(" request={id}\n")), "{line}"),
            LogFormat::Json => assert_eq!(serde_json::from_str::<Value>(&line).expect("JSON")["request"], id, "{line}"),
        }
    }
}

async fn a_stored_user_agent_has_no_invisible_characters(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.browser();
    browser.ensure_token().await;
    let body = serde_json::json!({ "email": ayse.email, "password": ayse.password });
    let agent = format!("Fire{ODD}fox/1.0 (ağ; \u{3164})");
    browser.fetch("POST", LOGIN).with_token().header("user-agent", &agent).json(&body).send().await.expect(200);
    for table in ["audit WHERE action = 'sign_in'", "sessions"] {
        let kept = app.database.texts(&format!("SELECT user_agent FROM {table}")).await;
        assert_eq!(kept, [["Fire31mfox/1.0 (ağ; )"]], "{table}");
    }
}

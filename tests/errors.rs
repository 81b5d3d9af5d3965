//! Error messages in two languages, and internal errors that reveal nothing.

use serde_json::json;

use crate::support::{Browser, LOGIN, SESSION, TestApp};

both![error_messages_are_in_turkish_or_english, an_internal_error_returns_only_a_request_id];

/// Provokes each refusal; returns its status, its code and its messages.
async fn each_refusal(app: &TestApp, browser: &mut Browser) -> Vec<(u16, &'static str, String)> {
    browser.ensure_token().await;
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

async fn error_messages_are_in_turkish_or_english(app: TestApp) {
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

async fn an_internal_error_returns_only_a_request_id(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    app.database.execute("ALTER TABLE policy RENAME TO policy_elsewhere").await;
    let mut ids = Vec::new();
    for _ in 0..2 {
        let answer = browser.get(SESSION).await;
        let body = answer.refused(500, "internal");
        assert_eq!(body["error"], "Something went wrong on our side.");
        assert_eq!(body.as_object().unwrap().len(), 4, "{body}");
        assert!(answer.cookies().is_empty(), "an internal error ends no session: {answer}");
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

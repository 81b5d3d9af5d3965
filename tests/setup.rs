//! One-time links: the set-up of the first administrator and the activation of invited users.

use futures::future::join_all;
use serde_json::json;

use crate::support::{Answer, DAY, MINUTE, PASSWORD, SECOND, TestApp};

both![
    the_set_up_link_creates_the_first_administrator,
    set_up_and_activation_start_no_session,
    opening_a_link_changes_nothing,
    the_page_of_an_invalid_link_says_so,
    one_of_several_concurrent_set_ups_succeeds,
    a_set_up_link_works_once,
    a_later_start_invalidates_the_earlier_link,
    a_set_up_link_is_invalid_once_there_is_an_administrator,
    an_invalid_value_does_not_use_up_the_link,
    a_link_expires_after_three_days,
    a_guessed_token_is_refused_without_hashing,
    a_link_allows_thirty_tries,
    an_invited_user_chooses_a_password_once,
    one_of_several_concurrent_activations_succeeds,
    a_newer_invitation_invalidates_the_older,
    the_links_of_a_disabled_user_are_invalid,
    a_link_works_only_for_its_own_purpose,
    a_new_password_meets_the_rules,
    the_policy_sets_the_minimum_length,
    a_form_sets_up_without_wasm,
    a_form_activates_without_wasm,
];

const SETUP: &str = "/api/setup";
const ACTIVATE: &str = "/api/activate";

async fn token(app: &TestApp) -> String {
    app.set_up_token().await.expect("there is no administrator yet")
}

async fn set_up(app: &TestApp, token: &str, email: &str) -> Answer {
    app.browser()
        .post(SETUP, json!({ "token": token, "name": "Ayşe Işık", "email": email, "password": PASSWORD }))
        .await
}

async fn activate(app: &TestApp, token: &str, password: &str) -> Answer {
    app.browser().post(ACTIVATE, json!({ "token": token, "password": password })).await
}

fn wrong_field(answer: &Answer) -> String {
    let body = answer.refused(422, "validation_failed");
    body["fields"].as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" ")
}

async fn the_set_up_link_creates_the_first_administrator(app: TestApp) {
    let answer = set_up(&app, &token(&app).await, "  Ayse@Example.org ").await;
    assert_eq!(answer.data(), json!({ "email": "ayse@example.org" }));
    let user = app.browser().try_password("ayse@example.org", PASSWORD).await.data()["user"].clone();
    assert_eq!((user["role"].as_str(), user["name"].as_str()), (Some("admin"), Some("Ayşe Işık")));
    assert_eq!(user["permissions"].as_array().unwrap().len(), 14);
    assert_eq!(app.audited("user_created").await, 1);
}

async fn set_up_and_activation_start_no_session(app: TestApp) {
    let answer = set_up(&app, &token(&app).await, "ayse@example.org").await.expect(200);
    assert!(answer.cookie("auth-session").is_none());
    let invitation = app.invited("irmak").await;
    let answer = activate(&app, &invitation, PASSWORD).await.expect(200);
    assert!(answer.cookie("auth-session").is_none());
    assert_eq!(app.database.number("SELECT count(*) FROM sessions").await, 0);
}

async fn opening_a_link_changes_nothing(app: TestApp) {
    let (first, invitation) = (token(&app).await, app.invited("irmak").await);
    let before = app.database.dump().await;
    for link in [
        format!("/setup?token={first}"),
        format!("/activate?token={invitation}"),
        format!("/api/setup?token={first}"),
        format!("/api/activate?token={invitation}"),
    ] {
        for _ in 0..2 {
            app.browser().navigate(&link).await;
            app.browser().get(&link).await;
            app.browser().request("HEAD", &link).header("accept", "text/html").send().await;
            app.browser().navigation(&link).header("sec-fetch-site", "cross-site").send().await;
        }
    }
    assert_eq!(app.database.dump().await, before);
    set_up(&app, &first, "ayse@example.org").await.expect(200);
    activate(&app, &invitation, PASSWORD).await.expect(200);
}

/// Whether the page of a link says that the link no longer works.
async fn says_invalid(app: &TestApp, link: &str) -> bool {
    let page = app.browser().navigate(link).await;
    assert_eq!(page.status, 200);
    let (said, form) = (page.text().contains("This link no longer works"), page.text().contains("new-password"));
    assert_ne!(said, form, "the page has either the form or the message");
    said
}

async fn the_page_of_an_invalid_link_says_so(app: TestApp) {
    let (first, invitation) = (token(&app).await, app.invited("irmak").await);
    let (setup, activation) = (format!("/setup?token={first}"), format!("/activate?token={invitation}"));
    for (link, dead) in [
        (setup.as_str(), false),
        (&activation, false),
        ("/setup", true),
        ("/activate?token=guessed", true),
        (&format!("/activate?token={first}"), true),
        (&format!("{setup}&token={first}"), true),
    ] {
        assert_eq!(says_invalid(&app, link).await, dead, "{link}");
    }
    activate(&app, &invitation, PASSWORD).await.expect(200);
    assert!(says_invalid(&app, &activation).await);
    assert!(!says_invalid(&app, &setup).await);
    app.person_with("ayse", "admin", PASSWORD).await;
    assert!(says_invalid(&app, &setup).await, "there is an administrator");
}

/// Counts the successful responses, and asserts that the others refuse the token.
fn winners(answers: &[Answer]) -> usize {
    let losers = answers.iter().filter(|answer| answer.status != 200);
    losers.for_each(|answer| assert_eq!(wrong_field(answer), "token"));
    answers.iter().filter(|answer| answer.status == 200).count()
}

async fn one_of_several_concurrent_set_ups_succeeds(app: TestApp) {
    let token = token(&app).await;
    let emails: Vec<String> = (0..8).map(|number| format!("admin{number}@example.org")).collect();
    let answers = join_all(emails.iter().map(|email| set_up(&app, &token, email))).await;
    assert_eq!(winners(&answers), 1);
    assert_eq!(app.database.number("SELECT count(*) FROM users").await, 1);
}

async fn a_set_up_link_works_once(app: TestApp) {
    let token = token(&app).await;
    set_up(&app, &token, "ayse@example.org").await.expect(200);
    let answer = set_up(&app, &token, "mehmet@example.org").await;
    assert_eq!(wrong_field(&answer), "token");
    assert_eq!(answer.json()["fields"]["token"], "This link has been used or has expired. Please ask for a new one.");
    assert_eq!(app.set_up_token().await, None, "a start makes no new link");
}

async fn a_later_start_invalidates_the_earlier_link(app: TestApp) {
    let (first, second) = (token(&app).await, token(&app).await);
    assert_ne!(first, second);
    assert_eq!(wrong_field(&set_up(&app, &first, "ayse@example.org").await), "token");
    set_up(&app, &second, "ayse@example.org").await.expect(200);
}

async fn a_set_up_link_is_invalid_once_there_is_an_administrator(app: TestApp) {
    let token = token(&app).await;
    app.person_with("mehmet", "admin", PASSWORD).await;
    assert_eq!(wrong_field(&set_up(&app, &token, "ayse@example.org").await), "token");
    assert_eq!(app.set_up_token().await, None);
    assert_eq!(app.database.number("SELECT count(*) FROM users").await, 1);
}

async fn an_invalid_value_does_not_use_up_the_link(app: TestApp) {
    let token = token(&app).await;
    app.person("mehmet").await;
    let long = "a".repeat(101);
    for (field, name, email, password) in [
        ("name", "", "ayse@example.org", PASSWORD),
        ("name", "   ", "ayse@example.org", PASSWORD),
        ("name", long.as_str(), "ayse@example.org", PASSWORD),
        ("name", "Ayşe\r\nIşık", "ayse@example.org", PASSWORD),
        ("email", "Ayşe", "", PASSWORD),
        ("email", "Ayşe", "ayse", PASSWORD),
        ("email", "Ayşe", "ayse@example.org,x@example.org", PASSWORD),
        ("email", "Ayşe", "mehmet@example.org", PASSWORD),
        ("password", "Ayşe", "ayse@example.org", ""),
        ("password", "Ayşe", "ayse@example.org", "too short"),
    ] {
        let body = json!({ "token": token, "name": name, "email": email, "password": password });
        assert_eq!(wrong_field(&app.browser().post(SETUP, body).await), field, "{name} {email} {password}");
    }
    set_up(&app, &token, "ayse@example.org").await.expect(200);
}

async fn a_link_expires_after_three_days(app: TestApp) {
    let (first, invitation) = (token(&app).await, app.invited("irmak").await);
    let late = app.invited("deniz").await;
    app.pass(3 * DAY - SECOND);
    set_up(&app, &first, "ayse@example.org").await.expect(200);
    activate(&app, &invitation, PASSWORD).await.expect(200);
    app.pass(2 * SECOND);
    assert_eq!(wrong_field(&activate(&app, &late, PASSWORD).await), "token");
}

async fn a_guessed_token_is_refused_without_hashing(app: TestApp) {
    let real = token(&app).await;
    app.invited("irmak").await;
    // All places of the hashing pool are taken, so a request that hashes gets `unavailable`.
    let places: Vec<_> = std::iter::from_fn(|| app.state.hasher.reserve().ok()).collect();
    for guess in ["", "x", &real[..real.len() - 1], &format!("{real}A"), &real.to_lowercase(), "' OR 1=1 --", "\u{0}"] {
        assert_eq!(wrong_field(&set_up(&app, guess, "ayse@example.org").await), "token", "{guess}");
        assert_eq!(wrong_field(&activate(&app, guess, PASSWORD).await), "token", "{guess}");
    }
    set_up(&app, &real, "ayse@example.org").await.refused(503, "unavailable");
    drop(places);
    set_up(&app, &real, "ayse@example.org").await.expect(200);
}

async fn a_link_allows_thirty_tries(app: TestApp) {
    let (first, invitation) = (token(&app).await, app.invited("irmak").await);
    let easy = "passwordpassword";
    for _ in 0..30 {
        assert_eq!(wrong_field(&activate(&app, &invitation, easy).await), "password");
    }
    let refused = activate(&app, &invitation, PASSWORD).await.refused(429, "too_many_requests");
    assert_eq!(refused["remainingSeconds"], 900);
    // A password that is refused without a costly check still gets its message, and other links have their own limit.
    assert_eq!(wrong_field(&activate(&app, &invitation, "short").await), "password");
    set_up(&app, &first, "ayse@example.org").await.expect(200);
    app.pass(16 * MINUTE);
    activate(&app, &invitation, PASSWORD).await.expect(200);
}

async fn an_invited_user_chooses_a_password_once(app: TestApp) {
    let invitation = app.invited("irmak").await;
    app.browser().try_password("irmak@example.org", PASSWORD).await.refused(401, "invalid_credentials");
    assert_eq!(activate(&app, &invitation, PASSWORD).await.data(), json!({ "email": "irmak@example.org" }));
    app.browser().try_password("irmak@example.org", PASSWORD).await.expect(200);
    assert_eq!(wrong_field(&activate(&app, &invitation, "another passphrase altogether").await), "token");
    app.browser().try_password("irmak@example.org", PASSWORD).await.expect(200);
    assert_eq!(app.audited("user_activated").await, 1);
}

async fn one_of_several_concurrent_activations_succeeds(app: TestApp) {
    let invitation = app.invited("irmak").await;
    let passwords: Vec<String> = (0..8).map(|number| format!("{PASSWORD} {number}")).collect();
    let answers = join_all(passwords.iter().map(|password| activate(&app, &invitation, password))).await;
    assert_eq!(winners(&answers), 1);
    let winner = answers.iter().position(|answer| answer.status == 200).unwrap();
    app.browser().try_password("irmak@example.org", &passwords[winner]).await.expect(200);
}

async fn a_newer_invitation_invalidates_the_older(app: TestApp) {
    let older = app.invited("irmak").await;
    let newer = app.invited_again("irmak").await;
    assert_eq!(wrong_field(&activate(&app, &older, PASSWORD).await), "token");
    activate(&app, &newer, PASSWORD).await.expect(200);
}

async fn the_links_of_a_disabled_user_are_invalid(app: TestApp) {
    let invitation = app.invited("irmak").await;
    let irmak = app.existing_person("irmak").await;
    app.disable(&irmak).await;
    assert!(says_invalid(&app, &format!("/activate?token={invitation}")).await);
    assert_eq!(wrong_field(&activate(&app, &invitation, PASSWORD).await), "token");
    app.browser().try_password("irmak@example.org", PASSWORD).await.refused(401, "invalid_credentials");
}

async fn a_link_works_only_for_its_own_purpose(app: TestApp) {
    let (first, invitation) = (token(&app).await, app.invited("irmak").await);
    assert_eq!(wrong_field(&activate(&app, &first, PASSWORD).await), "token");
    assert_eq!(wrong_field(&set_up(&app, &invitation, "ayse@example.org").await), "token");
    let mut browser = app.browser();
    browser.set_cookie("csrf-token", &first);
    browser
        .fetch("POST", SETUP)
        .header("x-csrf-token", &first)
        .json(&json!({}))
        .send()
        .await
        .refused(403, "csrf_failed");
}

async fn a_new_password_meets_the_rules(app: TestApp) {
    let invitation = app.invited("irmak").await;
    for (password, text) in [
        ("", "Use at least 15 characters."),
        ("fourteen chars", "Use at least 15 characters."),
        ("a\u{301}e\u{301}i\u{301}o\u{301}u\u{301}y\u{301}w\u{301}", "Use at least 15 characters."),
        (&"ab12 cd34 ef56 ".repeat(9), "Use at most 128 characters."),
        ("my irmak passphrase", "The password must not contain your name or email."),
        ("IRMAK IRMAK IRMAK", "The password must not contain your name or email."),
        ("mrs YILMAZ lives here", "The password must not contain your name or email."),
        ("kafkasder kafkasder", "The password must not contain your name or email."),
        ("passwordpassword", "This password is too easy to guess. Several unrelated words work well."),
        ("123456789012345", "This password is too easy to guess. Several unrelated words work well."),
    ] {
        let answer = activate(&app, &invitation, password).await;
        assert_eq!(wrong_field(&answer), "password", "{password}");
        assert_eq!(answer.json()["fields"]["password"], text, "{password}");
    }
    let mut turkish = app.browser();
    turkish.language = "tr";
    let answer = turkish.post(ACTIVATE, json!({ "token": invitation, "password": "kısa" })).await;
    assert_eq!(answer.refused(422, "validation_failed")["fields"]["password"], "En az 15 karakter kullanın.");

    for (name, password) in [
        ("irmak", "kısa ve tuhaf 1"),
        ("deniz", "only lower case words here"),
        ("bulut", "83919283749182734918"),
        ("yagmur", "🦊🐢🦉🐝🦋🐙🦀🐬🦔🐌🐞🦂🐍🐊🐫"),
        ("toprak", &"ab12 cd34 ef56 ".repeat(9)[..128]),
    ] {
        let token = if name == "irmak" { invitation.clone() } else { app.invited(name).await };
        activate(&app, &token, password).await.expect(200);
        app.browser().try_password(&format!("{name}@example.org"), password).await.expect(200);
    }
}

async fn the_policy_sets_the_minimum_length(app: TestApp) {
    app.set_policy("passwordMinLength", "20").await;
    let invitation = app.invited("irmak").await;
    let answer = activate(&app, &invitation, "nineteen characters").await;
    assert_eq!(answer.refused(422, "validation_failed")["fields"]["password"], "Use at least 20 characters.");
    activate(&app, &invitation, "nineteen characters!").await.expect(200);
}

async fn a_form_sets_up_without_wasm(app: TestApp) {
    let token = token(&app).await;
    let page = format!("/setup?token={token}");
    let mut browser = app.browser();
    let html = browser.navigate(&page).await.expect(200);
    for part in
        [r#"action="/api/setup""#, r#"method="post""#, r#"name="name""#, r#"name="email""#, r#"name="password""#]
    {
        assert!(html.text().contains(part), "no {part} in {}", html.text());
    }
    let short =
        [("token", token.as_str()), ("name", "Ayşe Işık"), ("email", "ayse@example.org"), ("password", "short secret")];
    let answer = browser.submit(&page, SETUP, &short).await;
    assert_eq!(answer.see_other(), format!("{page}&error=validation_failed"));
    let again = browser.navigate(answer.see_other()).await.expect(200);
    for part in [r#"value="Ayşe Işık""#, r#"value="ayse@example.org""#, "Use at least 15 characters."] {
        assert!(again.text().contains(part), "no {part}");
    }
    assert!(!again.text().contains("short secret"));

    let fields = [
        ("token", token.as_str()),
        ("name", "Ayşe Işık"),
        ("email", "ayse@example.org"),
        ("password", PASSWORD),
        ("redirect", "/login"),
    ];
    let answer = browser.submit(&page, SETUP, &fields).await;
    assert_eq!(answer.see_other(), "/login");
    assert!(browser.session().is_none());
    let login = browser.navigate("/login").await.expect(200);
    assert!(login.text().contains(r#"value="ayse@example.org""#), "the login form is filled with the email");
}

async fn a_form_activates_without_wasm(app: TestApp) {
    let token = app.invited("irmak").await;
    let page = format!("/activate?token={token}");
    let mut browser = app.browser();
    let html = browser.navigate(&page).await.expect(200);
    for part in [r#"action="/api/activate""#, r#"method="post""#, r#"name="password""#] {
        assert!(html.text().contains(part), "no {part} in {}", html.text());
    }
    let answer = browser.submit(&page, ACTIVATE, &[("token", "spent"), ("password", PASSWORD)]).await;
    assert_eq!(answer.see_other(), format!("{page}&error=validation_failed"));
    let answer =
        browser.submit(&page, ACTIVATE, &[("token", &token), ("password", PASSWORD), ("redirect", "/login")]).await;
    assert_eq!(answer.see_other(), "/login");
    browser.try_password("irmak@example.org", PASSWORD).await.expect(200);
}

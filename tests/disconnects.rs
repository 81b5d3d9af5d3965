//! Requests of clients that have disconnected: a whole request is still processed completely.

use futures::future::join_all;
use serde_json::json;

use crate::support::{Browser, LOGOUT, Person, SESSION, TestApp, wait_until};

both![
    sign_outs_complete_after_the_client_disconnects,
    a_password_change_completes_after_the_client_disconnects,
    revocations_complete_after_the_client_disconnects,
    a_sign_in_completes_after_the_client_disconnects,
    a_shutdown_waits_for_running_requests,
    an_incomplete_request_changes_nothing,
    an_endless_request_head_is_refused,
];

const PASSWORD_PATH: &str = "/api/account/password";
const NEW: &str = "dört mevsim aynı pencerede 12 kez";

async fn people(app: &TestApp, count: usize) -> Vec<Person> {
    let mut people = Vec::new();
    for number in 0..count {
        people.push(app.person(&format!("ayse{number}")).await);
    }
    people
}

async fn sign_outs_complete_after_the_client_disconnects(app: TestApp) {
    app.set_policy("sessionLimit", "0").await;
    let ayse = app.person("ayse").await;
    let listening = app.listening().await;
    let mut requests = Vec::new();
    for number in 0..40 {
        let mut browser = app.signed_in_without_hashing(&ayse).await;
        // As the panel's page sends it, as a form, and without a body.
        let token = browser.token().expect("a token");
        requests.push(match number % 3 {
            0 => browser.fetch("POST", LOGOUT).with_token().json(&json!({})).bytes(),
            1 => browser.form_navigation("/", LOGOUT).form(&[("csrfToken", &token)]).bytes(),
            _ => browser.fetch("POST", LOGOUT).with_token().bytes(),
        });
    }
    join_all(requests.iter().map(|request| listening.send_and_disconnect(request))).await;
    wait_until("all have ended", async || app.live_sessions().await == 0).await;
    assert_eq!(app.audited("sign_out").await, 40);
}

async fn a_password_change_completes_after_the_client_disconnects(app: TestApp) {
    let people = people(&app, 6).await;
    let listening = app.listening().await;
    let mut elsewhere = Vec::new();
    for person in &people {
        elsewhere.push(app.signed_in_without_hashing(person).await);
        let body = json!({ "currentPassword": person.password, "newPassword": NEW });
        let request =
            app.signed_in_without_hashing(person).await.fetch("POST", PASSWORD_PATH).with_token().json(&body).bytes();
        listening.send_and_disconnect(&request).await;
    }
    wait_until("all are changed", async || app.audited("password_changed").await == 6).await;
    for (person, mut browser) in people.iter().zip(elsewhere) {
        browser.get(SESSION).await.refused(401, "unauthenticated");
        app.browser().try_password(&person.email, &person.password).await.refused(401, "invalid_credentials");
        app.browser().try_password(&person.email, NEW).await.expect(200);
    }
}

async fn revocations_complete_after_the_client_disconnects(app: TestApp) {
    let people = people(&app, 10).await;
    let listening = app.listening().await;
    let mut others = Vec::new();
    for person in &people {
        let mut other = app.signed_in_without_hashing(person).await;
        let mut browser = app.signed_in_without_hashing(person).await;
        let handle = app.handle_of(&other).await;
        let request = match others.len() % 2 {
            0 => browser.fetch("POST", "/api/account/sessions/end-others").with_token().bytes(),
            _ => {
                let body = json!({ "handle": handle });
                browser.fetch("POST", "/api/account/sessions/end").with_token().json(&body).bytes()
            }
        };
        listening.send_and_disconnect(&request).await;
        others.push(other.clone());
        other.jar.clear();
    }
    wait_until("the others have ended", async || app.live_sessions().await == 10).await;
    for mut other in others {
        assert_eq!(other.get(SESSION).await.refused(401, "unauthenticated")["reason"], "revoked");
    }
}

async fn a_sign_in_completes_after_the_client_disconnects(app: TestApp) {
    let ayse = app.person("ayse").await;
    let listening = app.listening().await;
    let mut browser: Browser = app.browser();
    browser.ensure_token().await;
    for password in [ayse.password.as_str(), "not the password at all"] {
        let body = json!({ "email": ayse.email, "password": password });
        let request = browser.fetch("POST", crate::support::LOGIN).with_token().json(&body).bytes();
        listening.send_and_disconnect(&request).await;
    }
    wait_until("both are recorded", async || app.audited("sign_in").await + app.audited("sign_in_failed").await == 2)
        .await;
    assert_eq!(app.live_sessions().await, 1);
    assert_eq!(app.audited("sign_in_failed").await, 1, "the charged attempt is recorded");
}

async fn a_shutdown_waits_for_running_requests(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in_without_hashing(&ayse).await;
    let mut listening = app.listening().await;
    let lock = app.database.lock_writes().await;
    let request = browser.fetch("POST", LOGOUT).with_token().json(&json!({})).bytes();
    listening.send_and_disconnect(&request).await;
    wait_until("it has begun", async || app.state.work.running() > 0).await;
    listening.stop();
    app.state.shutdown.cancelled().await;
    lock.release().await;
    listening.ended().await;
    assert_eq!(app.database.texts("SELECT end_reason FROM sessions").await, [["logout"]]);
    let again = app.restarted().await;
    assert_eq!(browser.connected_to(&again).get(SESSION).await.refused(401, "unauthenticated")["reason"], "logout");
}

async fn an_incomplete_request_changes_nothing(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in_without_hashing(&ayse).await;
    let mut listening = app.listening().await;
    let request = browser.fetch("POST", "/api/account/profile").with_token().json(&json!({ "name": "Ayşe" })).bytes();
    for part in [request.len() / 4, request.len() - 5, request.len() - 1] {
        listening.send_and_disconnect(&request[..part]).await;
    }
    listening.stop();
    listening.ended().await;
    assert_eq!(app.database.texts("SELECT name FROM users").await, [["Ayse Yilmaz"]]);
    assert_eq!(app.database.number("SELECT mutations FROM sessions").await, 0);
}

async fn an_endless_request_head_is_refused(app: TestApp) {
    let listening = app.listening().await;
    let head = |bytes: usize, end: &str| {
        format!("GET /healthz HTTP/1.1\r\nhost: {}\r\nx-long: {}{end}", app.host(), "x".repeat(bytes)).into_bytes()
    };
    assert_eq!(listening.first_line(&head(30_000, "\r\n\r\n")).await, "HTTP/1.1 200 OK");
    // The server does not wait for the end of the head.
    assert!(listening.first_line(&head(80_000, "")).await.starts_with("HTTP/1.1 431 "));
}

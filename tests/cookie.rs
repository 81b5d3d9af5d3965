//! The session cookie: forged values are not signed in, and the database row decides on real ones.

use kafkasder_panel::model::code::Code;
use serde_json::Value;

use crate::support::{Answer, Browser, HOUR, LOGIN, LOGOUT, SESSION, TestApp, USER};

both![
    cookies_set_outside_a_server_function_are_an_error,
    a_value_with_any_changed_byte_is_not_signed_in,
    a_truncated_or_extended_value_is_not_signed_in,
    an_oversized_value_is_not_signed_in,
    an_unsealed_value_is_not_signed_in,
    two_session_cookies_are_not_signed_in,
    a_cookie_with_another_name_is_ignored,
    a_cookie_sealed_with_an_unknown_secret_is_not_signed_in,
    a_cookie_of_an_older_secret_is_resealed_for_its_remaining_time,
    a_remembered_cookie_is_resealed_for_its_remaining_days,
    tokens_of_other_purposes_are_not_sessions,
    a_session_cookie_serves_no_other_purpose,
    a_claim_with_another_users_id_is_not_signed_in,
    the_database_row_overrides_the_sealed_claim,
    over_https_only_the_host_prefixed_name_counts,
    over_http_the_prefixed_name_is_ignored,
    two_hundred_other_cookies_are_ignored,
    a_foreign_cookie_that_is_not_ascii_is_ignored,
];

/// Checks the session with the cookie's value replaced by `value`.
async fn ask_with(browser: &mut Browser, value: &str) -> Answer {
    let name = browser.name("auth-session");
    browser.fetch("GET", SESSION).header("cookie", &format!("{name}={value}")).send().await
}

/// A signed-in browser that asserts that all forged values get the same response.
struct Forger {
    browser: Browser,
    value: String,
    first_response: Option<String>,
}

impl Forger {
    async fn new(app: &TestApp) -> Forger {
        let ayse = app.person("ayse").await;
        let mut browser = app.signed_in(&ayse).await;
        let value = browser.session().unwrap();
        ask_with(&mut browser, &value).await.expect(200);
        Forger { browser, value, first_response: None }
    }

    async fn expect_refused(&mut self, value: &str) {
        let answer = ask_with(&mut self.browser.clone(), value).await;
        let body = answer.refused(401, "unauthenticated");
        assert_eq!(body["reason"], Value::Null, "{value}");
        assert!(answer.clears("auth-session"), "the dead cookie is cleared: {answer}");
        // The response must not reveal why the value failed to open.
        let fingerprint = answer.fingerprint();
        assert_eq!(&fingerprint, self.first_response.get_or_insert(fingerprint.clone()), "{value}");
    }

    /// Asserts that the forged values did not end the session itself.
    async fn still_signed_in(mut self) {
        assert!(self.browser.is_signed_in().await);
    }
}

async fn a_value_with_any_changed_byte_is_not_signed_in(app: TestApp) {
    let mut forger = Forger::new(&app).await;
    let value = forger.value.clone();
    for position in 0..value.len() {
        let mut bytes = value.clone().into_bytes();
        bytes[position] = if bytes[position] == b'A' { b'B' } else { b'A' };
        forger.expect_refused(std::str::from_utf8(&bytes).unwrap()).await;
    }
    forger.still_signed_in().await;
}

async fn a_truncated_or_extended_value_is_not_signed_in(app: TestApp) {
    let mut forger = Forger::new(&app).await;
    let value = forger.value.clone();
    for end in (0..value.len()).step_by(5) {
        forger.expect_refused(&value[..end]).await;
        forger.expect_refused(&value[end + 1..]).await;
    }
    let trimmed = value.trim_end_matches('=').to_owned();
    for changed in [
        format!("{value}A"),
        format!("{value}="),
        format!("{value}===="),
        format!("{value}%00"),
        format!("\"{value}\""),
        format!("{value}{value}"),
        format!("{trimmed}A"),
        value.replacen(&value[..4], &format!("{}%20", &value[..4]), 1),
    ] {
        forger.expect_refused(&changed).await;
    }
    forger.still_signed_in().await;
}

async fn an_oversized_value_is_not_signed_in(app: TestApp) {
    let mut forger = Forger::new(&app).await;
    for bytes in [4097, 16 * 1024, 64 * 1024] {
        forger.expect_refused(&"A".repeat(bytes)).await;
        let padded = format!("{}{}", forger.value, "A".repeat(bytes));
        forger.expect_refused(&padded).await;
    }
    forger.still_signed_in().await;
}

async fn an_unsealed_value_is_not_signed_in(app: TestApp) {
    let mut forger = Forger::new(&app).await;
    let claim = app.open_session(&forger.value);
    let json =
        format!(r#"{{"sessionId":"{}","userId":"{}","expire":"{}"}}"#, &*claim.session_id, claim.user_id, claim.expire);
    let encoded: String = url::form_urlencoded::byte_serialize(json.as_bytes()).collect();
    for plain in [
        json.as_str(),
        encoded.as_str(),
        &base64(&json),
        &claim.session_id,
        &format!("{}.{}", base64(r#"{"alg":"none"}"#), base64(&json)),
        "null",
        "{}",
        "true",
        "\"\"",
    ] {
        forger.expect_refused(plain).await;
    }
    forger.still_signed_in().await;
}

fn base64(text: &str) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(text)
}

async fn two_session_cookies_are_not_signed_in(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    let mine = format!("auth-session={}", browser.session().unwrap());
    let other = format!("auth-session={}", app.signed_in(&ayse).await.session().unwrap());
    for pair in [
        [&mine, &mine],
        [&mine, &other],
        [&other, &mine],
        [&mine, &"auth-session=x".to_owned()],
        [&"auth-session=".to_owned(), &mine],
    ] {
        let together = format!("{}; {}", pair[0], pair[1]);
        browser.clone().fetch("GET", SESSION).header("cookie", &together).send().await.refused(401, "unauthenticated");
        browser
            .clone()
            .fetch("GET", SESSION)
            .header("cookie", pair[0])
            .another("cookie", pair[1])
            .send()
            .await
            .refused(401, "unauthenticated");
    }
    assert!(browser.is_signed_in().await);
}

async fn a_cookie_with_another_name_is_ignored(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    let value = browser.session().unwrap();
    for name in ["auth-session2", "Auth-Session", "xauth-session", "auth_session", "session"] {
        browser
            .clone()
            .fetch("GET", SESSION)
            .header("cookie", &format!("{name}={value}"))
            .send()
            .await
            .refused(401, "unauthenticated");
    }
    browser
        .fetch("GET", SESSION)
        .header("cookie", &format!("a=b;auth-session={value};  c=\"d\""))
        .send()
        .await
        .expect(200);
}

async fn a_cookie_sealed_with_an_unknown_secret_is_not_signed_in(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    let other = app.restarted_with_secrets(&["another secret that is as long as it must be"]).await;
    let answer = browser.clone().connected_to(&other).get(SESSION).await;
    answer.refused(401, "unauthenticated");
    assert!(answer.clears("auth-session"));
    assert!(browser.is_signed_in().await, "the first server still accepts the session");
}

const NEW_SECRET: &str = "the newest secret which seals from now on";

async fn a_cookie_of_an_older_secret_is_resealed_for_its_remaining_time(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    let old = browser.session().unwrap();
    app.pass(HOUR / 3);
    browser.navigate("/").await.expect(200);
    let rotated = app.restarted_with_secrets(&[NEW_SECRET, crate::support::SECRET]).await;
    let mut browser = browser.connected_to(&rotated);

    app.pass(HOUR / 3);
    let answer = browser.get(SESSION).await.expect(200);
    let resealed = answer.cookie("auth-session").expect("sealed again");
    assert_ne!(resealed.value, old);
    assert_eq!(resealed.attributes, ["HttpOnly", "Max-Age=84000", "Path=/", "SameSite=Strict"]);
    assert!(browser.get(SESSION).await.cookie("auth-session").is_none(), "once");

    // The CSRF token of the old secret still counts, so signing out works.
    let retired = app.restarted_with_secrets(&[NEW_SECRET]).await;
    let mut browser = browser.connected_to(&retired);
    assert!(browser.is_signed_in().await);
    browser.set_cookie("auth-session", &old);
    assert!(!browser.is_signed_in().await, "a retired secret opens nothing");
}

async fn a_remembered_cookie_is_resealed_for_its_remaining_days(app: TestApp) {
    let ayse = app.person("ayse").await;
    let browser = app.remembered(&ayse).await;
    app.pass(240 * HOUR);
    let rotated = app.restarted_with_secrets(&[NEW_SECRET, crate::support::SECRET]).await;
    let answer = browser.connected_to(&rotated).get(USER).await.expect(200);
    assert_eq!(answer.cookie("auth-session").unwrap().max_age(), Some(20 * 86_400));
}

async fn tokens_of_other_purposes_are_not_sessions(app: TestApp) {
    let mut forger = Forger::new(&app).await;
    let token = forger.browser.token().unwrap();
    forger.expect_refused(&token).await;

    let mut typist = app.browser();
    typist.submit("/login", LOGIN, &[("email", "ayse@example.org"), ("password", "wrong password, typed")]).await;
    let flash = typist.jar.get("flash").expect("what was typed travels sealed").clone();
    forger.expect_refused(&flash).await;

    let activation = app.invited("irmak").await;
    forger.expect_refused(&activation).await;
    forger.still_signed_in().await;
}

async fn a_session_cookie_serves_no_other_purpose(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    let sealed = browser.session().unwrap();

    let mut as_token = browser.clone();
    as_token.set_cookie("csrf-token", &sealed);
    as_token.fetch("POST", LOGOUT).header("x-csrf-token", &sealed).send().await.refused(403, "csrf_failed");
    assert!(browser.is_signed_in().await);

    let mut as_flash = app.browser();
    as_flash.jar.insert("flash".to_owned(), sealed.clone());
    let page = as_flash.navigate("/login").await.expect(200);
    assert!(!page.text().contains(&ayse.id) && !page.text().contains(&sealed));

    let body = serde_json::json!({ "token": sealed, "password": "a new password of some length" });
    app.browser().post("/api/activate", body).await.refused(422, "validation_failed");
}

async fn a_claim_with_another_users_id_is_not_signed_in(app: TestApp) {
    let (ayse, mehmet) = (app.person("ayse").await, app.person("mehmet").await);
    let mut browser = app.signed_in(&ayse).await;
    let mut claim = app.open_session(&browser.session().unwrap());
    assert_eq!(claim.user_id, ayse.id);
    claim.user_id = mehmet.id;
    let spliced = app.seal_session(&claim);
    let answer = ask_with(&mut browser.clone(), &spliced).await;
    assert_eq!(answer.refused(401, "unauthenticated")["reason"], Value::Null);
    assert!(browser.is_signed_in().await);
}

async fn the_database_row_overrides_the_sealed_claim(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    let mut claim = app.open_session(&browser.session().unwrap());
    claim.expire = "2099-01-01T00:00:00.000Z".to_owned();
    let longer = app.seal_session(&claim);
    app.pass(25 * HOUR);
    ask_with(&mut browser, &longer).await.refused(401, "unauthenticated");

    claim.session_id = format!("session_{}", "A".repeat(43)).into();
    let invented = app.seal_session(&claim);
    assert_eq!(ask_with(&mut browser, &invented).await.refused(401, "unauthenticated")["reason"], Value::Null);
}

async fn over_https_only_the_host_prefixed_name_counts(app: TestApp) {
    let ayse = app.person("ayse").await;
    let secure = app.restarted_at("https://panel.example.org").await;
    let mut browser = secure.browser();
    let answer = browser.sign_in(&ayse).await;
    let session = answer.cookie("__Host-auth-session").unwrap();
    assert_eq!(session.attributes, ["HttpOnly", "Max-Age=86400", "Path=/", "SameSite=Strict", "Secure"]);
    assert!(answer.cookie("__Host-csrf-token").unwrap().has("Secure"));
    assert!(browser.is_signed_in().await);

    let bare = format!("auth-session={}", session.value);
    browser.clone().fetch("GET", SESSION).header("cookie", &bare).send().await.refused(401, "unauthenticated");
    let empty = format!("__Host-auth-session=; {bare}");
    browser.clone().fetch("GET", SESSION).header("cookie", &empty).send().await.refused(401, "unauthenticated");
    // A bare cookie beside the prefixed one belongs to another program and is ignored.
    let both = format!("auth-session=x; __Host-auth-session={}", session.value);
    browser.clone().fetch("GET", SESSION).header("cookie", &both).send().await.expect(200);
    browser.sign_out().await.expect(200);
    assert_eq!(browser.jar.keys().collect::<Vec<_>>(), ["__Host-device"]);
}

async fn over_http_the_prefixed_name_is_ignored(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    let value = browser.session().unwrap();
    browser
        .fetch("GET", SESSION)
        .header("cookie", &format!("__Host-auth-session={value}"))
        .send()
        .await
        .refused(401, "unauthenticated");
}

async fn two_hundred_other_cookies_are_ignored(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    let value = browser.session().unwrap();
    let crowd: Vec<String> = (0..200).map(|n| format!("c{n}=v{n}")).collect();
    let cookies = format!("{}; auth-session={value}; broken; =; ;", crowd.join("; "));
    browser.fetch("GET", SESSION).header("cookie", &cookies).send().await.expect(200);
}

async fn a_foreign_cookie_that_is_not_ascii_is_ignored(app: TestApp) {
    let ayse = app.person("ayse").await;
    for (name, value) in
        [("sehir", "İstanbul"), ("şehir", "x"), ("a", "\u{80}\u{9f}"), ("language", "ş"), ("z", "日本")]
    {
        for app in [app.clone(), app.restarted_at("https://panel.example.org").await] {
            let mut browser = app.browser();
            browser.jar.insert(name.to_owned(), value.to_owned());
            browser.sign_in(&ayse).await;
            assert!(browser.is_signed_in().await, "{name}={value}");
            browser.navigate("/").await.expect(200);
            assert!(browser.session().is_some(), "no cookie is cleared");
            browser.sign_out().await.expect(200);
            let fields = [("email", ayse.email.as_str()), ("password", ayse.password.as_str())];
            assert_eq!(browser.submit("/login", LOGIN, &fields).await.see_other(), "/");
            assert!(browser.is_signed_in().await, "{name}={value}");
        }
    }
}

async fn cookies_set_outside_a_server_function_are_an_error(app: TestApp) {
    let context = app.context_of(&app.browser()).await;
    let set = context.set_cookies(app.state.cookies.cleared());
    assert_eq!(set.err().map(|error| error.code), Some(Code::Internal));
}

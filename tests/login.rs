//! Signing in with `POST /api/auth/login`, by JSON and by form.

use serde_json::{Value, json};

use crate::support::{Browser, DAY, HOUR, LOGIN, SESSION, TestApp, USER, iso_time};

both![
    a_sign_in_returns_the_user_and_the_session_to_the_letter,
    the_session_cookie_lasts_a_day_and_is_http_only,
    a_remembered_session_lasts_thirty_days,
    the_policy_sets_how_long_a_remembered_session_lasts,
    remember_me_is_ignored_when_the_policy_forbids_it,
    a_form_signs_in_at_the_same_url,
    every_spelling_of_an_email_is_the_same_account,
    a_password_is_compared_exactly_after_unicode_composition,
    an_unknown_email_and_a_wrong_password_get_the_same_response,
    only_the_right_password_reveals_an_inactive_account,
    an_empty_field_is_missing_credentials,
    a_malformed_body_is_refused_and_counts_no_attempt,
    a_value_out_of_bounds_names_its_field,
    a_new_session_replaces_the_browsers_previous_one,
    a_planted_session_cookie_is_replaced_at_sign_in,
    every_sign_in_starts_a_new_session,
    an_invalid_session_cookie_does_not_prevent_a_sign_in,
    a_failed_sign_in_keeps_the_current_session,
    the_permissions_of_the_role_are_in_the_response,
    an_invited_user_without_a_password_cannot_sign_in,
    the_last_login_is_the_current_one,
    only_a_sign_in_starts_a_session,
];

async fn a_sign_in_returns_the_user_and_the_session_to_the_letter(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.browser();
    let answer = browser.sign_in(&ayse).await;
    let (id, now) = (&ayse.id, iso_time(app.now()));
    assert_eq!(
        answer.text(),
        format!(
            r#"{{"success":true,"data":{{"user":{{"id":"{id}","email":"ayse@example.org","name":"Ayse Yilmaz","role":"staff","permissions":["messages:access"],"isActive":true,"phone":null,"labels":[],"avatar":null,"createdAt":"{now}","updatedAt":"{now}","lastLogin":"{now}"}},"session":{{"userId":"{id}","expire":"{}"}}}}}}"#,
            iso_time(app.now() + DAY.as_millis() as i64)
        )
    );
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(browser.get(USER).await.data(), answer.data()["user"]);
}

async fn the_session_cookie_lasts_a_day_and_is_http_only(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.browser();
    let before = browser.ensure_token().await;
    let answer = browser.sign_in(&ayse).await;

    let session = answer.cookie("auth-session").unwrap();
    assert_eq!(session.attributes, ["HttpOnly", "Max-Age=86400", "Path=/", "SameSite=Strict"]);
    let token = answer.cookie("csrf-token").unwrap();
    assert!(!token.has("HttpOnly"), "scripts read the token");
    assert_ne!(token.value, before, "signing in mints a fresh token");
    assert_eq!(answer.cookies().len(), 3, "the third cookie is the device cookie: see `device`");
}

async fn a_remembered_session_lasts_thirty_days(app: TestApp) {
    let ayse = app.person("ayse").await;
    let answer = app.browser().sign_in_remembered(&ayse).await;
    assert_eq!(answer.cookie("auth-session").unwrap().max_age(), Some(2_592_000));
    assert_eq!(answer.data()["session"]["expire"], iso_time(app.now() + 30 * DAY.as_millis() as i64));
}

async fn the_policy_sets_how_long_a_remembered_session_lasts(app: TestApp) {
    let ayse = app.person("ayse").await;
    app.set_policy("rememberMeDays", "7").await;
    let answer = app.browser().sign_in_remembered(&ayse).await;
    assert_eq!(answer.cookie("auth-session").unwrap().max_age(), Some(7 * 86_400));
    assert_eq!(answer.data()["session"]["expire"], iso_time(app.now() + 7 * DAY.as_millis() as i64));
}

async fn remember_me_is_ignored_when_the_policy_forbids_it(app: TestApp) {
    let ayse = app.person("ayse").await;
    app.set_policy("rememberMe", "false").await;
    let mut browser = app.browser();
    let answer = browser.sign_in_remembered(&ayse).await;
    assert_eq!(answer.cookie("auth-session").unwrap().max_age(), Some(86_400));
    assert_ne!(browser.get(SESSION).await.data()["idleExpiresAt"], Value::Null, "the idle limit applies");
}

async fn a_form_signs_in_at_the_same_url(app: TestApp) {
    let ayse = app.person("ayse").await;
    let credentials = [("email", "ayse@example.org"), ("password", ayse.password.as_str())];
    let by_json = app.browser().sign_in(&ayse).await;
    let by_form = app.browser().post_form(LOGIN, &credentials).await;
    assert_eq!(by_form.text(), by_json.text());

    for (ticked, seconds) in [("on", 2_592_000), ("true", 2_592_000), ("false", 86_400)] {
        let fields = [credentials[0], credentials[1], ("rememberMe", ticked)];
        let answer = app.browser().post_form(LOGIN, &fields).await;
        assert_eq!(answer.expect(200).cookie("auth-session").unwrap().max_age(), Some(seconds), "rememberMe={ticked}");
    }
}

async fn every_spelling_of_an_email_is_the_same_account(app: TestApp) {
    let ayse = app.person("ayse").await;
    for spelling in ["AYSE@EXAMPLE.ORG", "  ayse@example.org\t", "ayse＠example.org", "Ａyse@example.org"] {
        let answer = app.browser().try_password(spelling, &ayse.password).await;
        assert_eq!(answer.data()["user"]["email"], "ayse@example.org", "{spelling}");
    }
    // Turkish case mapping would turn "I" into "ı", which is another account.
    let irmak = app.person("irmak").await;
    app.browser().try_password("IRMAK@EXAMPLE.ORG", &irmak.password).await.expect(200);
    app.browser().try_password("ırmak@example.org", &irmak.password).await.refused(401, "invalid_credentials");
}

async fn a_password_is_compared_exactly_after_unicode_composition(app: TestApp) {
    let password = "  Şu güzelim Boğaz'ın rüzgârı, 1453 kere!".to_owned();
    let ayse = app.person_with("ayse", "staff", &password).await;
    app.browser().sign_in(&ayse).await;
    let decomposed = password.replace('ü', "u\u{308}").replace('Ş', "S\u{327}");
    assert_ne!(decomposed, password);
    app.browser().try_password(&ayse.email, &decomposed).await.expect(200);

    for wrong in [password.trim(), &password.to_lowercase(), &password[..password.len() - 1], &format!("{password} ")] {
        app.browser().try_password(&ayse.email, wrong).await.refused(401, "invalid_credentials");
        app.browser().sign_in(&ayse).await;
    }

    let longest = "uzun ".repeat(25) + "123";
    let mehmet = app.person_with("mehmet", "staff", &longest).await;
    assert_eq!(longest.chars().count(), 128);
    app.browser().sign_in(&mehmet).await;
    app.browser().try_password(&mehmet.email, &longest[..72]).await.refused(401, "invalid_credentials");
}

async fn an_unknown_email_and_a_wrong_password_get_the_same_response(app: TestApp) {
    app.person("ayse").await;
    let zeynep = app.person("zeynep").await;
    app.disable(&zeynep).await;
    app.invited("irmak").await;

    let mut wanted = None;
    for email in ["ayse@example.org", "nobody@example.org", "zeynep@example.org", "irmak@example.org"] {
        let answer = app.browser().try_password(email, "not the password at all").await;
        let body = answer.refused(401, "invalid_credentials");
        assert_eq!(body["remainingAttempts"], 4);
        let fingerprint = answer.fingerprint().replace(email, "");
        assert_eq!(&fingerprint, wanted.get_or_insert(fingerprint.clone()), "{email}");
    }
    let answer = app.browser().try_password("nobody@example.org", "not the password at all").await;
    assert_eq!(
        answer.text(),
        r#"{"success":false,"error":"Wrong email or password.","code":"invalid_credentials","remainingAttempts":3}"#
    );
    let mut turkish = app.browser();
    turkish.language = "tr-TR,tr;q=0.9";
    let answer = turkish.try_password("nobody@example.org", "not the password at all").await;
    assert_eq!(answer.json()["error"], "E-posta veya parola hatalı.");
}

async fn only_the_right_password_reveals_an_inactive_account(app: TestApp) {
    let ayse = app.person("ayse").await;
    app.disable(&ayse).await;
    app.browser().try_password(&ayse.email, "not the password at all").await.refused(401, "invalid_credentials");

    let mut browser = app.browser();
    let answer = browser.try_password(&ayse.email, &ayse.password).await;
    answer.refused(403, "account_inactive");
    assert!(answer.cookie("auth-session").is_none());
    assert!(!browser.is_signed_in().await);

    app.enable(&ayse).await;
    app.browser().sign_in(&ayse).await;
}

async fn an_empty_field_is_missing_credentials(app: TestApp) {
    let ayse = app.person("ayse").await;
    for body in [
        json!({}),
        json!({ "email": ayse.email }),
        json!({ "password": ayse.password }),
        json!({ "email": "", "password": "" }),
        json!({ "email": "  \t", "password": ayse.password }),
        json!({ "email": "\u{a0}", "password": ayse.password }),
        json!({ "email": ayse.email, "password": "" }),
        json!({ "email": "", "password": ayse.password, "rememberMe": true }),
    ] {
        let answer = app.browser().post(LOGIN, body.clone()).await;
        answer.refused(400, "missing_credentials");
        assert_eq!(
            answer.text(),
            r#"{"success":false,"error":"Enter your email and your password.","code":"missing_credentials"}"#,
            "{body}"
        );
    }
    app.browser().post_form(LOGIN, &[("email", "ayse@example.org")]).await.refused(400, "missing_credentials");
    app.browser()
        .post_form(LOGIN, &[("email", "ayse@example.org"), ("password", "")])
        .await
        .refused(400, "missing_credentials");
    assert_eq!(
        app.database.number("SELECT count(*) FROM attempts WHERE bucket NOT LIKE 'address:%'").await,
        0,
        "no attempt is charged"
    );
}

async fn a_malformed_body_is_refused_and_counts_no_attempt(app: TestApp) {
    let ayse = app.person("ayse").await;
    let password = &ayse.password;
    let bodies = [
        format!(r#"{{"email":"ayse@example.org","email":"x@example.org","password":"{password}"}}"#),
        format!(r#"{{"email":"ayse@example.org","password":"{password}","password":"{password}"}}"#),
        format!(r#"{{"email":"ayse@example.org","password":"{password}","role":"admin"}}"#),
        format!(r#"{{"email":"ayse@example.org","password":"{password}","remember_me":true}}"#),
        format!(r#"{{"Email":"ayse@example.org","password":"{password}"}}"#),
        format!(r#"{{"email":["ayse@example.org"],"password":"{password}"}}"#),
        format!(r#"{{"email":null,"password":"{password}"}}"#),
        format!(r#"{{"email":{{"$ne":""}},"password":"{password}"}}"#),
        r#"{"email":"ayse@example.org","password":12345678901234567890}"#.to_owned(),
        format!(r#"{{"email":"ayse@example.org","password":"{password}","rememberMe":"true"}}"#),
        format!(r#"{{"email":"ayse@example.org","password":"{password}","rememberMe":1}}"#),
        format!(r#"{{"email":"ayse@example.org","password":"{password}","rememberMe":null}}"#),
        format!(r#"{{"email":"ayse@example.org","password":"{password}"}} {{}}"#),
        format!(r#"[{{"email":"ayse@example.org","password":"{password}"}}]"#),
        format!("\u{feff}{{\"email\":\"ayse@example.org\",\"password\":\"{password}\"}}"),
        r#"{"email":"ayse@example.org","password":"\ud800"}"#.to_owned(),
        "{".to_owned(),
        "null".to_owned(),
        "not json".to_owned(),
    ];
    for body in bodies {
        let mut browser = app.browser();
        browser.ensure_token().await;
        let answer = browser.fetch("POST", LOGIN).with_token().body("application/json", body.as_str()).send().await;
        assert_eq!(answer.status, 400, "{body}: {answer}");
        answer.refused(400, "invalid_request");
        assert!(!browser.is_signed_in().await, "{body}");
    }
    for form in [
        "email=ayse%40example.org&email=x&password=x",
        "email=ayse%40example.org&password=x&role=admin",
        "email=ayse%40example.org&password=x&rememberMe=yes",
        "email=%zz&password=x",
        "email=%ff&password=x",
        "email[]=ayse%40example.org&password=x",
    ] {
        let mut browser = app.browser();
        browser.ensure_token().await;
        let answer =
            browser.fetch("POST", LOGIN).with_token().body("application/x-www-form-urlencoded", form).send().await;
        answer.refused(400, "invalid_request");
    }
    let mut browser = app.browser();
    browser.ensure_token().await;
    let not_utf8 = [b"{\"email\":\"ayse@example.org\",\"password\":\"".as_slice(), &[0xff], b"\"}"].concat();
    browser
        .fetch("POST", LOGIN)
        .with_token()
        .body("application/json", not_utf8)
        .send()
        .await
        .refused(400, "invalid_request");
    assert_eq!(
        app.database.number("SELECT count(*) FROM attempts WHERE bucket NOT LIKE 'address:%'").await,
        0,
        "no attempt is charged"
    );
}

async fn a_value_out_of_bounds_names_its_field(app: TestApp) {
    let long_email = format!("{}@example.org", "a".repeat(250));
    let long_password = "p".repeat(129);
    for (email, password, field) in [
        (long_email.as_str(), "a password of some length", "email"),
        ("ayse@example.org", long_password.as_str(), "password"),
    ] {
        let body = app.browser().try_password(email, password).await.refused(422, "validation_failed");
        assert_eq!(body["fields"].as_object().unwrap().keys().collect::<Vec<_>>(), [field]);
    }
    assert_eq!(
        app.database.number("SELECT count(*) FROM attempts WHERE bucket NOT LIKE 'address:%'").await,
        0,
        "no attempt is charged"
    );
}

async fn a_new_session_replaces_the_browsers_previous_one(app: TestApp) {
    let (ayse, mehmet) = (app.person("ayse").await, app.person("mehmet").await);
    let mut browser = app.browser();
    browser.sign_in(&ayse).await;
    let mut copy = browser.clone();
    let mut elsewhere = app.signed_in(&ayse).await;

    let answer = browser.sign_in(&mehmet).await;
    assert_eq!(answer.data()["user"]["id"], mehmet.id.as_str());
    assert_eq!(browser.get(USER).await.data()["id"], mehmet.id.as_str());

    let late = copy.get(SESSION).await;
    assert_eq!(late.refused(401, "unauthenticated")["reason"], "replaced");
    assert!(late.cookie("auth-session").is_none(), "a late response must not clear the new cookie of another tab");
    assert!(elsewhere.is_signed_in().await, "other browsers stay");
}

async fn a_planted_session_cookie_is_replaced_at_sign_in(app: TestApp) {
    let (attacker, victim) = (app.person("attacker").await, app.person("victim").await);
    let mut attackers = app.signed_in(&attacker).await;
    let planted = attackers.session().unwrap();

    let mut browser = app.browser();
    browser.set_cookie("auth-session", &planted);
    browser.jar.remove("csrf-token");
    browser.sign_in(&victim).await;
    assert_ne!(browser.session().unwrap(), planted);
    assert!(!attackers.is_signed_in().await, "the planted session ends");
    assert_eq!(browser.get(USER).await.data()["id"], victim.id.as_str());
}

async fn every_sign_in_starts_a_new_session(app: TestApp) {
    let ayse = app.person("ayse").await;
    let (mut cookies, mut starts) = (Vec::new(), Vec::new());
    for _ in 0..8 {
        let browser = app.signed_in(&ayse).await;
        let cookie = browser.session().unwrap();
        // Each cookie has a fresh nonce, so not even the beginnings are equal.
        starts.push(cookie[..12].to_owned());
        cookies.push(cookie);
    }
    for list in [&mut cookies, &mut starts] {
        list.sort();
        list.dedup();
        assert_eq!(list.len(), 8);
    }
}

async fn an_invalid_session_cookie_does_not_prevent_a_sign_in(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut expired = app.signed_in(&ayse).await;
    app.pass(HOUR);
    let mut forged = app.browser();
    forged.set_cookie("auth-session", "nonsense");
    let mut ended = app.signed_in(&ayse).await;
    ended.clone().sign_out().await.expect(200);
    let rotated =
        app.restarted_with_secrets(&["another secret that is as long as it must be", crate::support::SECRET]).await;
    let mut resealed = app.signed_in(&ayse).await.connected_to(&rotated);
    let mut retired = app
        .signed_in(&ayse)
        .await
        .connected_to(&app.restarted_with_secrets(&["another secret that is as long as it must be"]).await);
    retired.jar.remove("csrf-token");

    for browser in [&mut expired, &mut forged, &mut ended, &mut resealed, &mut retired] {
        let answer = browser.sign_in(&ayse).await;
        let sessions: Vec<_> = answer.cookies().into_iter().filter(|cookie| cookie.name == "auth-session").collect();
        assert_eq!(sessions.len(), 1, "exactly one session cookie: {answer}");
        assert!(browser.is_signed_in().await);
    }
}

async fn a_failed_sign_in_keeps_the_current_session(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    let answer = browser.try_password(&ayse.email, "not the password at all").await;
    answer.refused(401, "invalid_credentials");
    assert!(answer.cookie("auth-session").is_none());
    assert!(browser.is_signed_in().await);
}

async fn the_permissions_of_the_role_are_in_the_response(app: TestApp) {
    for (role, count, first) in [
        ("admin", 14, "users:manage"),
        ("manager", 10, "beneficiaries:access"),
        ("member", 5, "beneficiaries:access"),
        ("viewer", 1, "reports:access"),
    ] {
        let person = app.person_with(role, role, crate::support::PASSWORD).await;
        let user = app.browser().sign_in(&person).await.data()["user"].clone();
        assert_eq!(user["role"], role);
        let permissions = user["permissions"].as_array().unwrap();
        assert_eq!((permissions.len(), permissions[0].as_str()), (count, Some(first)), "{role}");
    }
}

async fn an_invited_user_without_a_password_cannot_sign_in(app: TestApp) {
    app.invited("irmak").await;
    for guess in ["irmak", "null", "x"] {
        app.browser().try_password("irmak@example.org", guess).await.refused(401, "invalid_credentials");
    }
}

async fn the_last_login_is_the_current_one(app: TestApp) {
    let ayse = app.person("ayse").await;
    for _ in 0..2 {
        app.pass(HOUR);
        let answer = app.browser().sign_in(&ayse).await;
        assert_eq!(answer.data()["user"]["lastLogin"], iso_time(app.now()));
    }
}

async fn only_a_sign_in_starts_a_session(app: TestApp) {
    app.person("ayse").await;
    let mut browser: Browser = app.browser();
    for path in ["/login", "/", "/account", "/api/csrf", SESSION, USER, "/api/auth/login", "/healthz", "/setup"] {
        browser.get(path).await;
        browser.navigate(path).await;
    }
    browser.sign_out().await.expect(200);
    browser.try_password("ayse@example.org", "not the password at all").await.expect(401);
    assert!(browser.session().is_none());
    assert_eq!(app.database.number("SELECT count(*) FROM sessions").await, 0);
}

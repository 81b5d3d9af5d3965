//! Changes of a user's own profile are validated, saved as a whole and recorded.

use serde_json::{Value, json};

use crate::support::{Browser, MINUTE, Person, TestApp, USER};

both![
    the_changed_fields_are_saved_and_the_user_is_returned,
    omitted_fields_stay_and_null_clears_a_field,
    an_unchanged_profile_writes_nothing,
    every_invalid_field_is_named_and_nothing_is_saved,
    names_are_normalised,
    unknown_and_mistyped_fields_are_refused,
    a_new_email_needs_a_recent_sign_in,
    a_new_email_is_normalised_signs_in_and_is_recorded,
    a_taken_email_saves_nothing,
    only_one_of_two_users_gets_the_same_email,
    checking_for_taken_emails_is_limited_to_ten,
    a_new_email_is_announced_in_the_users_other_sessions,
    a_user_can_only_change_their_own_profile,
    a_form_without_wasm_saves_and_redirects,
    a_refused_form_restores_the_typed_values,
    a_new_language_and_theme_set_the_cookies,
];

const PROFILE: &str = "/api/account/profile";

async fn change(browser: &mut Browser, body: Value) -> Value {
    browser.post(PROFILE, body).await.data()
}

async fn row(app: &TestApp, person: &Person) -> Vec<String> {
    let columns = "name, email, phone, language, theme, CAST(version AS TEXT), CAST(updated_at AS TEXT)";
    app.database.texts(&format!("SELECT {columns} FROM users WHERE id = '{}'", person.id)).await.remove(0)
}

async fn the_changed_fields_are_saved_and_the_user_is_returned(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    app.pass(MINUTE);
    let body = json!({ "name": " Ayşe Işık ", "phone": "+90 (312) 555 00-11", "language": "tr", "theme": "dark" });
    let user = change(&mut browser, body).await;
    assert_eq!((&user["name"], &user["phone"]), (&json!("Ayşe Işık"), &json!("+90 (312) 555 00-11")));
    assert!(user.get("language").is_none() && user.get("theme").is_none(), "the contract's user has no such fields");
    assert_eq!(user, browser.get(USER).await.data());
    let now = app.now().to_string();
    assert_eq!(
        row(&app, &ayse).await,
        ["Ayşe Işık", "ayse@example.org", "+90 (312) 555 00-11", "tr", "dark", "2", now.as_str()]
    );
    let audit = app.database.texts("SELECT details, actor, target FROM audit WHERE action = 'profile_changed'").await;
    assert_eq!(audit, [[r#"{"fields":["name","phone","language","theme"]}"#, ayse.id.as_str(), ayse.id.as_str()]]);
}

async fn omitted_fields_stay_and_null_clears_a_field(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    change(&mut browser, json!({ "phone": "0532 555 00 11", "language": "tr", "theme": "light" })).await;
    let user = change(&mut browser, json!({ "name": "Ayşe" })).await;
    assert_eq!(user["phone"], "0532 555 00 11");
    assert_eq!(row(&app, &ayse).await[2..5], ["0532 555 00 11", "tr", "light"]);
    let user = change(&mut browser, json!({ "phone": null, "language": null, "theme": null })).await;
    assert_eq!(user["phone"], Value::Null);
    assert_eq!(row(&app, &ayse).await[2..5], ["", "", ""]);
    change(&mut browser, json!({ "phone": "12345", "theme": "dark" })).await;
    browser.post_form(PROFILE, &[("phone", " "), ("theme", ""), ("language", "")]).await.data();
    assert_eq!(row(&app, &ayse).await[2..5], ["", "", ""]);
}

async fn an_unchanged_profile_writes_nothing(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    let before = row(&app, &ayse).await;
    change(&mut browser, json!({})).await;
    change(&mut browser, json!({ "name": "Ayse Yilmaz", "email": "AYSE@example.org", "phone": "", "theme": null }))
        .await;
    assert_eq!(row(&app, &ayse).await, before);
    assert_eq!(app.audited("profile_changed").await, 0);
}

async fn every_invalid_field_is_named_and_nothing_is_saved(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    let before = row(&app, &ayse).await;
    let long = "ğ".repeat(101);
    for (field, bad) in [
        ("name", ""),
        ("name", "   "),
        ("name", long.as_str()),
        ("name", "a\u{0}b"),
        ("name", "a\nb"),
        ("name", "ali\u{202e}gpj.exe"),
        ("name", "a\u{2066}b"),
        ("email", ""),
        ("email", "ayse"),
        ("email", "a@b@c"),
        ("email", "a\u{0}@b"),
        ("phone", "1234"),
        ("phone", "call me maybe"),
        ("phone", "+90 312 555 00 11 +90 312 555 00 11"),
        ("phone", "12345\u{202e}"),
        ("language", "de"),
        ("language", "TR"),
        ("theme", "sepia"),
    ] {
        // A valid field beside the invalid one is not saved.
        let other = if field == "theme" { "language" } else { "theme" };
        let good = if other == "theme" { "dark" } else { "tr" };
        let refused = browser.post(PROFILE, json!({ field: bad, other: good })).await.refused(422, "validation_failed");
        assert_eq!(refused["fields"].as_object().unwrap().keys().collect::<Vec<_>>(), [field], "{bad:?}");
    }
    let refused = browser.post(PROFILE, json!({ "name": "", "email": "x", "phone": "1" })).await;
    let refused = refused.refused(422, "validation_failed");
    assert_eq!(refused["fields"].as_object().unwrap().len(), 3);
    assert_eq!(row(&app, &ayse).await, before);
    assert_eq!(app.audited("profile_changed").await, 0);
}

async fn names_are_normalised(app: TestApp) {
    let mut browser = app.signed_in(&app.person("ayse").await).await;
    let user = change(&mut browser, json!({ "name": "  S\u{327}ule  O\u{308}z " })).await;
    assert_eq!(user["name"], "\u{15e}ule  \u{d6}z");
    let longest = "ğ".repeat(100);
    assert_eq!(change(&mut browser, json!({ "name": longest })).await["name"], longest);
}

async fn unknown_and_mistyped_fields_are_refused(app: TestApp) {
    let mut browser = app.signed_in(&app.person("ayse").await).await;
    for bad in [
        json!({ "role": "admin" }),
        json!({ "permissions": ["users:manage"] }),
        json!({ "id": "x", "name": "y" }),
        json!({ "avatar": "https://evil.example/x.png" }),
        json!({ "isActive": false }),
        json!({ "name": null }),
        json!({ "email": null }),
        json!({ "name": 1 }),
        json!({ "phone": 905325550011_u64 }),
        json!({ "theme": true }),
        json!([]),
    ] {
        browser.post(PROFILE, bad).await.refused(400, "invalid_request");
    }
}

async fn a_new_email_needs_a_recent_sign_in(app: TestApp) {
    let ayse = app.person("ayse").await;
    app.person("mehmet").await;
    let mut browser = app.signed_in(&ayse).await;
    app.pass(16 * MINUTE);
    let before = row(&app, &ayse).await;
    // This includes a taken email, so a stolen session can't find out which emails exist.
    for email in ["new@example.org", "mehmet@example.org"] {
        let body = json!({ "name": "Ayşe", "email": email });
        browser.post(PROFILE, body).await.refused(403, "reauth_required");
    }
    assert_eq!(row(&app, &ayse).await, before);
    // Other fields can be changed, and the same email is no change.
    change(&mut browser, json!({ "name": "Ayşe", "email": "ayse@example.org" })).await;
}

async fn a_new_email_is_normalised_signs_in_and_is_recorded(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    let user = change(&mut browser, json!({ "email": "  Ayse.ISIK@Example.org " })).await;
    assert_eq!(user["email"], "ayse.isik@example.org");
    let details = app.database.texts("SELECT details FROM audit WHERE action = 'profile_changed'").await;
    let details: Value = serde_json::from_str(&details[0][0]).unwrap();
    assert_eq!(
        details,
        json!({ "fields": ["email"], "oldEmail": "ayse@example.org", "newEmail": "ayse.isik@example.org" })
    );
    assert!(browser.is_signed_in().await);
    app.browser().try_password("ayse@example.org", &ayse.password).await.refused(401, "invalid_credentials");
    app.browser().try_password("ayse.isik@example.org", &ayse.password).await.expect(200);
}

async fn a_taken_email_saves_nothing(app: TestApp) {
    let ayse = app.person("ayse").await;
    app.person("mehmet").await;
    let mut browser = app.signed_in(&ayse).await;
    let before = row(&app, &ayse).await;
    let body = json!({ "name": "Somebody", "email": "MEHMET@example.org" });
    let refused = browser.post(PROFILE, body).await.refused(422, "validation_failed");
    assert_eq!(refused["fields"], json!({ "email": "This email already has an account." }));
    assert_eq!((row(&app, &ayse).await, app.audited("profile_changed").await), (before, 0));
}

async fn only_one_of_two_users_gets_the_same_email(app: TestApp) {
    let mut one = app.signed_in(&app.person("ayse").await).await;
    let mut two = app.signed_in(&app.person("mehmet").await).await;
    let body = || json!({ "email": "wanted@example.org" });
    let (one, two) = futures::join!(one.post(PROFILE, body()), two.post(PROFILE, body()));
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 422]);
}

async fn checking_for_taken_emails_is_limited_to_ten(app: TestApp) {
    let ayse = app.person("ayse").await;
    app.person("mehmet").await;
    let mut browser = app.signed_in(&ayse).await;
    let wish = |name: &str| json!({ "email": format!("{name}@example.org") });
    for _ in 0..10 {
        browser.post(PROFILE, wish("mehmet")).await.refused(422, "validation_failed");
    }
    // From then on a taken and a free email get the same response.
    for name in ["mehmet", "free"] {
        let refused = browser.post(PROFILE, wish(name)).await;
        assert_eq!(refused.refused(429, "too_many_requests")["remainingSeconds"], 900, "{name}");
        assert_eq!(refused.json()["error"], "Too many attempts. Please wait a while.");
    }
    // The limit is per user across browsers, and it limits only email changes.
    app.signed_in(&ayse).await.post(PROFILE, wish("mehmet")).await.refused(429, "too_many_requests");
    change(&mut browser, json!({ "name": "Ayşe" })).await;
    app.signed_in(&app.person("zeynep").await)
        .await
        .post(PROFILE, wish("mehmet"))
        .await
        .refused(422, "validation_failed");
    app.pass(14 * MINUTE);
    browser.post(PROFILE, wish("free")).await.refused(429, "too_many_requests");
    app.pass(2 * MINUTE);
    let mut browser = app.signed_in(&ayse).await;
    change(&mut browser, wish("free")).await;
}

async fn a_new_email_is_announced_in_the_users_other_sessions(app: TestApp) {
    let ayse = app.person("ayse").await;
    let (mut other, mut browser) = (app.signed_in(&ayse).await, app.signed_in(&ayse).await);
    app.listen_for_notices().await;
    let mut heard = other.events().await;
    change(&mut browser, json!({ "email": "yeni@example.org" })).await;
    assert_eq!(heard.expect("user-changed").await, json!({}));
    assert_eq!(other.get("/api/auth/user").await.data()["email"], "yeni@example.org");
    let page = other.navigate("/account").await.expect(200);
    assert_eq!(page.text().matches("Email changed").count(), 1, "{page}");
    // A changed name does not appear among the sign-ins.
    change(&mut browser, json!({ "name": "newEmail" })).await;
    let page = other.navigate("/account").await.expect(200);
    assert_eq!(page.text().matches("Email changed").count(), 1, "{page}");
}

async fn a_user_can_only_change_their_own_profile(app: TestApp) {
    let (ayse, mehmet) = (app.person("ayse").await, app.person("mehmet").await);
    let before = row(&app, &mehmet).await;
    let mut browser = app.signed_in(&ayse).await;
    for body in [json!({ "id": mehmet.id, "name": "x" }), json!({ "userId": mehmet.id, "name": "x" })] {
        browser.post(PROFILE, body).await.refused(400, "invalid_request");
    }
    browser
        .fetch("POST", &format!("{PROFILE}?id={}", mehmet.id))
        .with_token()
        .json(&json!({ "name": "Ayşe" }))
        .send()
        .await
        .expect(200);
    assert_eq!(row(&app, &mehmet).await, before);
    app.browser().post(PROFILE, json!({ "name": "x" })).await.refused(401, "unauthenticated");
}

async fn a_form_without_wasm_saves_and_redirects(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    // The sign-in is not recent, but an unchanged email needs no reauthentication.
    app.pass(16 * MINUTE);
    let fields = [
        ("redirect", "/account?saved=profile"),
        ("name", "Ayşe Işık"),
        ("email", "ayse@example.org"),
        ("phone", ""),
        ("language", ""),
        ("theme", "dark"),
    ];
    let answer = browser.submit("/account", PROFILE, &fields).await;
    assert_eq!(answer.see_other(), "/account?saved=profile");
    let page = browser.navigate("/account?saved=profile").await.expect(200);
    for shown in ["Your profile has been saved.", "Ayşe Işık", "data-theme=\"dark\""] {
        assert!(page.text().contains(shown), "{shown}");
    }
}

async fn a_refused_form_restores_the_typed_values(app: TestApp) {
    let mut browser = app.signed_in(&app.person("ayse").await).await;
    let fields = [("name", "Ayşe"), ("email", "ayse@example.org"), ("phone", "12"), ("language", ""), ("theme", "")];
    let answer = browser.submit("/account", PROFILE, &fields).await;
    assert_eq!(answer.see_other(), "/account?error=validation_failed");
    let page = browser.navigate("/account?error=validation_failed").await.expect(200);
    assert!(page.text().contains(r#"value="12""#) && page.text().contains("phone-error"), "{page}");
    // The message appears only in this form.
    assert_eq!(page.text().matches("Please check the marked fields.").count(), 1);
}

async fn a_new_language_and_theme_set_the_cookies(app: TestApp) {
    let mut browser = app.signed_in(&app.person("ayse").await).await;
    let answer = browser.post(PROFILE, json!({ "language": "tr", "theme": "dark" })).await.expect(200);
    assert_eq!(answer.cookie("language").map(|c| c.value).as_deref(), Some("tr"));
    assert_eq!(answer.cookie("theme").map(|c| c.value).as_deref(), Some("dark"));
    let answer = browser.post(PROFILE, json!({ "name": "Ayşe" })).await.expect(200);
    assert!(answer.cookies().is_empty());
    let answer = browser.post(PROFILE, json!({ "language": null })).await.expect(200);
    assert!(answer.clears("language") && answer.cookie("theme").is_none());
}

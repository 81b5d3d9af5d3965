//! Language and theme apply to every page, with and without a session.

use serde_json::json;

use crate::support::{DAY, LOGIN, TestApp};

both![
    a_choice_without_a_session_applies_to_every_page,
    the_cookies_last_400_days_and_are_http_only,
    a_form_without_wasm_redirects_to_its_page,
    the_cookie_overrides_the_account_and_the_account_overrides_the_browser,
    an_invalid_choice_is_refused_and_an_invalid_cookie_is_ignored,
    a_choice_can_be_cleared,
    a_stored_choice_applies_in_a_new_browser,
    signing_out_keeps_the_choices,
    a_theme_change_does_not_change_the_users_version,
    error_messages_are_in_the_chosen_language,
];

const PREFERENCES: &str = "/api/preferences";

async fn a_choice_without_a_session_applies_to_every_page(app: TestApp) {
    let mut browser = app.browser();
    let page = browser.navigate("/login").await.expect(200);
    assert!(page.text().contains(r#"<html lang="en">"#), "{page}");
    assert!(page.text().contains(r#"<meta name="color-scheme" content="light dark""#), "{page}");
    let answer = browser.post(PREFERENCES, json!({ "language": "tr", "theme": "dark" })).await;
    assert_eq!(answer.data(), json!({ "language": "tr", "theme": "dark" }));
    for path in ["/login", "/setup?token=x", "/activate?token=x"] {
        let page = browser.navigate(path).await.expect(200);
        assert!(page.text().contains(r#"<html lang="tr" data-theme="dark">"#), "{page}");
        assert!(page.text().contains(r#"<meta name="color-scheme" content="dark""#), "{page}");
        assert!(page.text().contains(">Koyu<") && page.text().contains(PREFERENCES), "{page}");
    }
    browser.sign_in(&app.person("ayse").await).await;
    for (path, status) in [("/", 200), ("/nothing", 404)] {
        let page = browser.navigate(path).await.expect(status);
        assert!(page.text().contains(r#"<html lang="tr" data-theme="dark">"#), "{page}");
        assert!(page.text().contains(PREFERENCES), "{page}");
    }
}

async fn the_cookies_last_400_days_and_are_http_only(app: TestApp) {
    let over_https = app.restarted_at("https://panel.example.org").await;
    for (app, prefix) in [(&app, ""), (&over_https, "__Host-")] {
        let mut browser = app.browser();
        let answer = browser.post(PREFERENCES, json!({ "language": "tr", "theme": "light" })).await.expect(200);
        for (name, value) in [("language", "tr"), ("theme", "light")] {
            let cookie = answer.cookie(&format!("{prefix}{name}")).unwrap();
            assert_eq!((cookie.value.as_str(), cookie.max_age()), (value, Some(400 * 24 * 60 * 60)));
            assert!(cookie.has("HttpOnly") && cookie.has("SameSite=Strict"));
        }
    }
    // Over HTTPS the cookie without its prefix is ignored.
    let mut browser = over_https.browser();
    browser.jar.insert("language".to_owned(), "tr".to_owned());
    assert!(browser.navigate("/login").await.text().contains(r#"<html lang="en""#));
}

async fn a_form_without_wasm_redirects_to_its_page(app: TestApp) {
    let mut browser = app.browser();
    let here = "/login?redirect=%2Fa%3Fb%3D1&error=invalid_credentials";
    let page = browser.navigate(here).await.expect(200);
    let hidden = format!(r#"name="redirect" value="{}""#, here.replace('&', "&amp;"));
    assert!(page.text().contains(&hidden), "{page}");
    let answer = browser.submit(here, PREFERENCES, &[("redirect", here), ("language", "tr")]).await;
    assert_eq!(answer.see_other(), here);
    assert_eq!(answer.cookie("language").map(|c| c.value).as_deref(), Some("tr"));
    let page = browser.navigate(here).await.expect(200);
    assert!(page.text().contains("E-posta veya parola hatalı."), "{page}");
    for evil in ["https://evil.example/", "//evil.example", "/\\evil"] {
        let answer = browser.submit("/login", PREFERENCES, &[("redirect", evil), ("theme", "dark")]).await;
        assert_eq!(answer.see_other(), "/");
    }
    // Without a token nothing is saved, and the redirect leads back to the page.
    let answer =
        browser.form_navigation(here, PREFERENCES).form(&[("redirect", here), ("theme", "light")]).send().await;
    assert_eq!(answer.see_other(), "/login?redirect=%2Fa%3Fb%3D1&error=csrf_failed");
    assert!(answer.cookie("theme").is_none());
}

async fn the_cookie_overrides_the_account_and_the_account_overrides_the_browser(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    let lang_of = |text: &str| text.split("<html lang=\"").nth(1).unwrap()[..2].to_owned();
    assert_eq!(lang_of(browser.navigate("/").await.text()), "en");
    // The choice was made in another browser; this one has no cookie, so the stored choice counts.
    app.signed_in(&ayse).await.post(PREFERENCES, json!({ "language": "tr", "theme": "dark" })).await.expect(200);
    let page = browser.navigate("/").await;
    assert!(lang_of(page.text()) == "tr" && page.text().contains(r#"data-theme="dark""#), "{page}");
    assert_eq!(
        browser.post("/api/account/profile", json!({ "phone": "1" })).await.json()["error"],
        "Lütfen işaretli alanları kontrol edin."
    );
    browser.set_cookie("language", "en");
    browser.set_cookie("theme", "light");
    let page = browser.navigate("/").await;
    assert!(lang_of(page.text()) == "en" && page.text().contains(r#"data-theme="light""#), "{page}");
}

async fn an_invalid_choice_is_refused_and_an_invalid_cookie_is_ignored(app: TestApp) {
    let mut browser = app.browser();
    for (field, bad) in [("language", "de"), ("language", "TR"), ("theme", "sepia"), ("theme", "\"><script>")] {
        let answer = browser.post(PREFERENCES, json!({ field: bad })).await;
        let refused = answer.refused(422, "validation_failed");
        assert!(refused["fields"][field].is_string() && answer.cookies().is_empty(), "{answer}");
    }
    for bad in [json!({ "language": 1 }), json!({ "colour": "red" }), json!({ "userId": "x" }), json!("tr")] {
        browser.post(PREFERENCES, bad).await.refused(400, "invalid_request");
    }
    for (language, theme) in [("de", "sepia"), ("", ""), ("tr\"><script>", "dark\" onload=\"x")] {
        browser.set_cookie("language", language);
        browser.set_cookie("theme", theme);
        let page = browser.navigate("/login").await.expect(200);
        assert!(page.text().contains(r#"<html lang="en">"#), "{page}");
    }
}

async fn a_choice_can_be_cleared(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    browser.post(PREFERENCES, json!({ "language": "tr", "theme": "dark" })).await.expect(200);
    let answer = browser.post(PREFERENCES, json!({ "theme": "system" })).await;
    assert_eq!(answer.data(), json!({ "language": "tr", "theme": null }));
    assert!(answer.clears("theme") && answer.cookie("language").is_none());
    let page = browser.navigate("/").await;
    assert!(page.text().contains(r#"<html lang="tr">"#), "{page}");
    browser.post(PREFERENCES, json!({ "language": null })).await.expect(200);
    assert!(browser.navigate("/").await.text().contains(r#"<html lang="en">"#));
    let stored = app.database.texts(&format!("SELECT language, theme FROM users WHERE id = '{}'", ayse.id)).await;
    assert_eq!(stored, [["", ""]]);
}

async fn a_stored_choice_applies_in_a_new_browser(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut first = app.signed_in(&ayse).await;
    first.post(PREFERENCES, json!({ "language": "tr", "theme": "dark" })).await.expect(200);
    let mut second = app.browser();
    second.post(PREFERENCES, json!({ "theme": "light" })).await.expect(200);
    let answer = second.sign_in(&ayse).await;
    let set = |name: &str| answer.cookie(name).map(|cookie| cookie.value);
    assert_eq!((set("language").as_deref(), set("theme").as_deref()), (Some("tr"), Some("dark")));
    // A user without stored choices keeps the browser's.
    let answer = second.sign_in(&app.person("mehmet").await).await;
    assert!(answer.cookie("language").is_none() && answer.cookie("theme").is_none());
    assert!(second.navigate("/").await.text().contains(r#"<html lang="tr" data-theme="dark">"#));
}

async fn signing_out_keeps_the_choices(app: TestApp) {
    let mut browser = app.signed_in(&app.person("ayse").await).await;
    browser.post(PREFERENCES, json!({ "language": "tr", "theme": "dark" })).await.expect(200);
    browser.sign_out().await.expect(200);
    assert!(browser.navigate("/login").await.text().contains(r#"<html lang="tr" data-theme="dark">"#));
}

async fn a_theme_change_does_not_change_the_users_version(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    let row = format!("SELECT CAST(version AS TEXT), CAST(updated_at AS TEXT) FROM users WHERE id = '{}'", ayse.id);
    let before = app.database.texts(&row).await;
    app.pass(DAY / 2);
    browser.sign_in(&ayse).await;
    browser.post(PREFERENCES, json!({ "theme": "dark" })).await.expect(200);
    assert_eq!(app.database.texts(&row).await, before);
    let other = app.person("mehmet").await;
    assert_eq!(app.database.texts(&format!("SELECT theme FROM users WHERE id = '{}'", other.id)).await, [[""]]);
}

async fn error_messages_are_in_the_chosen_language(app: TestApp) {
    let mut browser = app.browser();
    browser.post(PREFERENCES, json!({ "language": "tr" })).await.expect(200);
    let refused = browser.post(LOGIN, json!({})).await.refused(400, "missing_credentials");
    assert_eq!(refused["error"], "E-posta adresinizi ve parolanızı girin.");
    let refused = browser.get("/api/auth/session").await.refused(401, "unauthenticated");
    assert_eq!(refused["error"], "Lütfen giriş yapın.");
}

//! Language and theme, on every page, for everybody.

use serde_json::json;

use crate::support::{DAY, LOGIN, TestApp};

both![
    a_stranger_chooses_and_every_page_follows,
    the_cookies_last_and_are_out_of_reach,
    a_form_without_wasm_leads_back_to_its_page,
    the_cookie_goes_before_the_person_and_the_person_before_the_browser,
    what_is_no_choice_is_refused_and_what_is_no_cookie_of_ours_is_ignored,
    a_choice_is_cleared,
    a_choice_follows_to_a_new_browser,
    signing_out_keeps_them,
    a_switch_of_the_theme_is_no_change_of_the_person,
    errors_speak_the_language_that_was_chosen,
];

const PREFERENCES: &str = "/api/preferences";

async fn a_stranger_chooses_and_every_page_follows(app: TestApp) {
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

async fn the_cookies_last_and_are_out_of_reach(app: TestApp) {
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
    // Over HTTPS the bare name is anybody's.
    let mut browser = over_https.browser();
    browser.jar.insert("language".to_owned(), "tr".to_owned());
    assert!(browser.navigate("/login").await.text().contains(r#"<html lang="en""#));
}

async fn a_form_without_wasm_leads_back_to_its_page(app: TestApp) {
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
    // Without a token nothing is chosen, and the page is still there.
    let answer =
        browser.form_navigation(here, PREFERENCES).form(&[("redirect", here), ("theme", "light")]).send().await;
    assert_eq!(answer.see_other(), "/login?redirect=%2Fa%3Fb%3D1&error=csrf_failed");
    assert!(answer.cookie("theme").is_none());
}

async fn the_cookie_goes_before_the_person_and_the_person_before_the_browser(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    let lang_of = |text: &str| text.split("<html lang=\"").nth(1).unwrap()[..2].to_owned();
    assert_eq!(lang_of(browser.navigate("/").await.text()), "en");
    // Chosen in another browser: here there is no cookie, so the row counts.
    app.signed_in(&ayse).await.post(PREFERENCES, json!({ "language": "tr", "theme": "dark" })).await.expect(200);
    let page = browser.navigate("/").await;
    assert!(lang_of(page.text()) == "tr" && page.text().contains(r#"data-theme="dark""#), "{page}");
    assert_eq!(
        browser.post("/api/account/profile", json!({ "phone": "1" })).await.json()["error"],
        "Lütfen işaretli alanları kontrol edin."
    );
    browser.plant("language", "en");
    browser.plant("theme", "light");
    let page = browser.navigate("/").await;
    assert!(lang_of(page.text()) == "en" && page.text().contains(r#"data-theme="light""#), "{page}");
}

async fn what_is_no_choice_is_refused_and_what_is_no_cookie_of_ours_is_ignored(app: TestApp) {
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
        browser.plant("language", language);
        browser.plant("theme", theme);
        let page = browser.navigate("/login").await.expect(200);
        assert!(page.text().contains(r#"<html lang="en">"#), "{page}");
    }
}

async fn a_choice_is_cleared(app: TestApp) {
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

async fn a_choice_follows_to_a_new_browser(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut first = app.signed_in(&ayse).await;
    first.post(PREFERENCES, json!({ "language": "tr", "theme": "dark" })).await.expect(200);
    let mut second = app.browser();
    second.post(PREFERENCES, json!({ "theme": "light" })).await.expect(200);
    let answer = second.sign_in(&ayse).await;
    let set = |name: &str| answer.cookie(name).map(|cookie| cookie.value);
    assert_eq!((set("language").as_deref(), set("theme").as_deref()), (Some("tr"), Some("dark")));
    // Who has stored nothing leaves the browser as it is.
    let answer = second.sign_in(&app.person("mehmet").await).await;
    assert!(answer.cookie("language").is_none() && answer.cookie("theme").is_none());
    assert!(second.navigate("/").await.text().contains(r#"<html lang="tr" data-theme="dark">"#));
}

async fn signing_out_keeps_them(app: TestApp) {
    let mut browser = app.signed_in(&app.person("ayse").await).await;
    browser.post(PREFERENCES, json!({ "language": "tr", "theme": "dark" })).await.expect(200);
    browser.sign_out().await.expect(200);
    assert!(browser.navigate("/login").await.text().contains(r#"<html lang="tr" data-theme="dark">"#));
}

async fn a_switch_of_the_theme_is_no_change_of_the_person(app: TestApp) {
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

async fn errors_speak_the_language_that_was_chosen(app: TestApp) {
    let mut browser = app.browser();
    browser.post(PREFERENCES, json!({ "language": "tr" })).await.expect(200);
    let refused = browser.post(LOGIN, json!({})).await.refused(400, "missing_credentials");
    assert_eq!(refused["error"], "E-posta adresinizi ve parolanızı girin.");
    let refused = browser.get("/api/auth/session").await.refused(401, "unauthenticated");
    assert_eq!(refused["error"], "Lütfen giriş yapın.");
}

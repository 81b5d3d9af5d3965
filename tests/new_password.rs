//! The new password that an administrator requires: until it is chosen, nothing else is possible.

use kafkasder_panel::server::access::{BEFORE_NEW_PASSWORD, Kind, Needs, ROUTES};
use serde_json::json;

use crate::support::{Browser, MINUTE, PASSWORD, Person, SESSION, TestApp, USER};

both![
    nothing_but_a_new_password_is_possible,
    every_route_waits_for_the_new_password,
    the_new_password_frees_the_session_and_ends_the_others,
    a_bad_new_password_changes_nothing,
    it_needs_a_recent_sign_in_and_a_requirement,
    a_reset_link_answers_the_requirement_too,
    the_requirement_reaches_open_pages_and_the_next_sign_in,
    those_without_the_right_require_nothing,
];

const REQUIRE: &str = "/api/users/require-password";
const NEW: &str = "/api/account/new-password";
const OTHER: &str = "nine umbrellas in the garden";

async fn required(app: &TestApp) -> (Browser, Person, Browser) {
    let admin = app.person_with("yonetici", "admin", PASSWORD).await;
    let mut admin = app.signed_in(&admin).await;
    let ayse = app.person("ayse").await;
    let browser = app.signed_in(&ayse).await;
    assert_eq!(admin.post(REQUIRE, json!({"ids": [ayse.id]})).await.expect(200).data()["done"], 1);
    (admin, ayse, browser)
}

async fn nothing_but_a_new_password_is_possible(app: TestApp) {
    let (_, ayse, mut browser) = required(&app).await;
    assert_eq!(browser.navigate("/account").await.see_other(), "/new-password");
    assert_eq!(browser.navigate("/").await.see_other(), "/new-password");
    let page = browser.navigate("/new-password").await.expect(200);
    assert!(page.text().contains("Choose a new password") && !page.text().contains("class=\"nav-link\""), "{page}");
    browser.get(SESSION).await.expect(200);
    assert_eq!(browser.get(USER).await.expect(200).data()["email"], ayse.email);
    browser.get("/api/csrf").await.expect(200);
    drop(browser.events().await);
    browser.get("/api/account/sessions").await.refused(403, "password_required");
    browser.post("/api/account/profile", json!({"name": "B"})).await.refused(403, "password_required");
    let change = json!({"currentPassword": PASSWORD, "newPassword": OTHER});
    browser.post("/api/account/password", change).await.refused(403, "password_required");
    browser.post("/api/auth/confirm", json!({"password": PASSWORD})).await.refused(403, "password_required");
    browser.get("/api/nothing").await.refused(403, "password_required");
    // Somebody else can sign in in this browser, and signing out works.
    browser.clone().sign_in(&ayse).await.expect(200);
    browser.sign_out().await.expect(200);
}

async fn every_route_waits_for_the_new_password(app: TestApp) {
    let (mut admin, _, _) = required(&app).await;
    let boss = app.existing_person("yonetici").await;
    app.database.execute(&format!("UPDATE users SET password_required = TRUE WHERE id = '{}'", boss.id)).await;
    admin.ensure_token().await;
    for route in ROUTES.iter().filter(|route| route.needs != Needs::Nothing) {
        if BEFORE_NEW_PASSWORD.contains(&route.path) {
            continue;
        }
        match route.kind {
            Kind::Page(_) => {
                assert_eq!(admin.navigate(route.path).await.see_other(), "/new-password", "{}", route.path)
            }
            Kind::Upload => {
                let upload = admin.fetch("POST", route.path).with_token();
                let upload = upload.body("multipart/form-data; boundary=x", "--x--\r\n");
                upload.send().await.refused(403, "password_required");
            }
            kind if kind.changes() => _ = admin.post(route.path, json!({})).await.refused(403, "password_required"),
            _ => _ = admin.get(route.path).await.refused(403, "password_required"),
        }
    }
}

async fn the_new_password_frees_the_session_and_ends_the_others(app: TestApp) {
    let (mut admin, ayse, mut browser) = required(&app).await;
    let mut elsewhere = app.signed_in(&ayse).await;
    let before = browser.session();
    let page = browser.navigate("/new-password").await.expect(200);
    assert!(page.text().contains("name=\"newPassword\""), "{page}");
    let to = browser.submit("/new-password", NEW, &[("newPassword", OTHER), ("redirect", "/")]).await;
    assert_eq!(to.see_other(), "/");
    assert_ne!(browser.session(), before);
    browser.navigate("/").await.expect(200);
    assert_eq!(browser.navigate("/new-password").await.see_other(), "/");
    assert_eq!(elsewhere.get(SESSION).await.refused(401, "unauthenticated")["reason"], "password_changed");
    app.browser().try_password(&ayse.email, PASSWORD).await.refused(401, "invalid_credentials");
    app.browser().try_password(&ayse.email, OTHER).await.expect(200);
    browser.post(NEW, json!({"newPassword": "ten umbrellas in the garden"})).await.refused(403, "forbidden");
    let rows = app
        .database
        .number("SELECT count(*) FROM audit WHERE action IN ('password_required', 'password_changed')")
        .await;
    assert_eq!(rows, 2);
    // It can be required again.
    admin.post(REQUIRE, json!({"ids": [ayse.id]})).await.expect(200);
    browser.get(SESSION).await.expect(200);
    browser.get("/api/account/sessions").await.refused(403, "password_required");
}

async fn a_bad_new_password_changes_nothing(app: TestApp) {
    let (_, ayse, mut browser) = required(&app).await;
    for bad in ["", "short", "passwordpassword", PASSWORD, &"x".repeat(129), &format!("{}-is-my-name", "ayse yilmaz")] {
        let fields = browser.post(NEW, json!({ "newPassword": bad })).await.refused(422, "validation_failed");
        assert!(fields["fields"]["newPassword"].is_string(), "{bad}");
    }
    for bad in [json!({"newPassword": OTHER, "currentPassword": PASSWORD}), json!({"newPassword": 1}), json!([])] {
        browser.post(NEW, bad).await.refused(400, "invalid_request");
    }
    browser.get("/api/account/sessions").await.refused(403, "password_required");
    app.browser().try_password(&ayse.email, PASSWORD).await.expect(200);
    assert_eq!(app.audited("password_changed").await, 0);
}

async fn it_needs_a_recent_sign_in_and_a_requirement(app: TestApp) {
    let (_, ayse, mut browser) = required(&app).await;
    let mehmet = app.person("mehmet").await;
    app.signed_in(&mehmet).await.post(NEW, json!({"newPassword": OTHER})).await.refused(403, "forbidden");
    app.pass(15 * MINUTE);
    browser.post(NEW, json!({"newPassword": OTHER})).await.refused(403, "reauth_required");
    let page = browser.navigate("/new-password").await.expect(200);
    assert!(page.text().contains("Sign in once more first") && !page.text().contains("name=\"newPassword\""), "{page}");
    let mut again = app.signed_in(&ayse).await;
    again.post(NEW, json!({"newPassword": OTHER})).await.expect(200);
}

async fn a_reset_link_answers_the_requirement_too(app: TestApp) {
    let (mut admin, ayse, _) = required(&app).await;
    let made = admin.post("/api/users/reset-link", json!({"ids": [ayse.id]})).await.expect(200).data();
    let url = made["urls"][0]["url"].as_str().unwrap();
    let token = url.split_once("token=").unwrap().1;
    app.browser().post("/api/activate", json!({"token": token, "password": OTHER})).await.expect(200);
    let mut browser = app.browser();
    browser.try_password(&ayse.email, OTHER).await.expect(200);
    browser.get("/api/account/sessions").await.expect(200);
}

async fn the_requirement_reaches_open_pages_and_the_next_sign_in(app: TestApp) {
    let admin = app.person_with("yonetici", "admin", PASSWORD).await;
    let mut admin = app.signed_in(&admin).await;
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    app.listen_for_notices().await;
    let mut events = browser.events().await;
    admin.post(REQUIRE, json!({"ids": [ayse.id]})).await.expect(200);
    events.expect("user-changed").await;
    // Twice is once.
    admin.post(REQUIRE, json!({"ids": [ayse.id]})).await.expect(200);
    assert_eq!(app.audited("password_required").await, 1);
    let mut next = app.browser();
    let to = next.submit("/login", "/api/auth/login", &[("email", &ayse.email), ("password", PASSWORD)]).await;
    let to = to.see_other().to_owned();
    assert_eq!(next.navigate(&to).await.see_other(), "/new-password");
    // The person's page says so. Somebody invited sets a password anyway.
    assert!(
        admin.navigate(&format!("/users/{}", ayse.id)).await.expect(200).text().contains("Must choose a new password")
    );
    app.invited("irmak").await;
    let irmak = app.existing_person("irmak").await;
    admin.post(REQUIRE, json!({"ids": [irmak.id]})).await.expect(200);
    assert_eq!(app.audited("password_required").await, 1);
}

async fn those_without_the_right_require_nothing(app: TestApp) {
    let (_, _, _) = required(&app).await;
    let boss = app.existing_person("yonetici").await;
    let helper = app.person("helin").await;
    app.database
        .execute(&format!(r#"UPDATE users SET permissions = '["users:manage"]' WHERE id = '{}'"#, helper.id))
        .await;
    let mut helin = app.signed_in(&helper).await;
    let answer = helin.post(REQUIRE, json!({"ids": [boss.id]})).await.expect(200).data();
    assert_eq!(answer["refused"], json!([{"id": boss.id, "code": "forbidden"}]));
    app.pass(15 * MINUTE);
    helin.post(REQUIRE, json!({"ids": [helper.id]})).await.refused(403, "reauth_required");
}

//! The settings: reading, previewing and saving the policy as an administrator.

use kafkasder_panel::model::policy::BOUNDS;
use serde_json::{Value, json};

use crate::support::{Answer, Browser, HOUR, MINUTE, PASSWORD, TestApp};

both![
    what_is_read_can_be_saved,
    values_out_of_bounds_change_nothing_and_are_named,
    only_people_with_the_permission_may_read_or_save,
    saving_needs_a_recent_sign_in,
    a_stale_version_overwrites_nothing,
    saving_never_ends_more_sessions_than_were_shown,
    a_saved_limit_ends_sessions_at_once,
    a_form_without_scripts_explains_conflicts_field_by_field,
    keys_go_back_to_what_was_shipped,
    the_page_shows_who_changed_what,
];

const POLICY: &str = "/api/settings/policy";
const PREVIEW: &str = "/api/settings/policy/preview";

async fn administrator(app: &TestApp) -> Browser {
    let admin = app.person_with("yonetici", "admin", PASSWORD).await;
    app.signed_in(&admin).await
}

async fn read(browser: &mut Browser) -> Value {
    browser.get(POLICY).await.expect(200).data()
}

async fn save(browser: &mut Browser, changes: Value) -> Answer {
    let mut policy = read(browser).await;
    for (key, value) in changes.as_object().unwrap() {
        policy[key] = value.clone();
    }
    browser.post(POLICY, policy).await
}

/// The policy as the fields of a form.
fn fields(policy: &Value) -> Vec<(String, String)> {
    policy.as_object().unwrap().iter().map(|(key, value)| (key.clone(), value.to_string())).collect()
}

async fn post(browser: &mut Browser, fields: &[(String, String)]) -> Answer {
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    browser.submit("/settings", POLICY, &fields).await
}

async fn what_is_read_can_be_saved(app: TestApp) {
    let mut admin = administrator(&app).await;
    let policy = read(&mut admin).await;
    let saved = admin.post(POLICY, policy.clone()).await.expect(200).data();
    assert_eq!(saved["version"], policy["version"].as_i64().unwrap() + 1);
    assert_eq!(read(&mut admin).await, saved);
    assert_eq!(saved["idleTimeoutMinutes"], 30);
    let changed = save(&mut admin, json!({"idleTimeoutMinutes": 45, "rememberMe": false})).await.expect(200).data();
    assert_eq!((&changed["idleTimeoutMinutes"], &changed["rememberMe"]), (&json!(45), &json!(false)));
    assert_eq!(app.audited("policy_changed").await, 2);
}

async fn values_out_of_bounds_change_nothing_and_are_named(app: TestApp) {
    let mut admin = administrator(&app).await;
    let before = read(&mut admin).await;
    for (key, min, max) in BOUNDS {
        for bad in [i64::from(min) - 1, i64::from(max) + 1, -1, i64::MAX] {
            let refused = save(&mut admin, json!({key: bad})).await.refused(422, "validation_failed");
            assert!(
                refused["fields"][key] == format!("Enter a whole number from {min} to {max}.")
                    && refused["fields"].as_object().unwrap().len() == 1,
                "{refused}"
            );
            admin
                .post(PREVIEW, {
                    let mut policy = before.clone();
                    policy[key] = bad.into();
                    policy
                })
                .await
                .refused(422, "validation_failed");
        }
        for wrong in [json!("5"), json!(5.5), json!([5]), json!(true)] {
            save(&mut admin, json!({key: wrong})).await.refused(400, "invalid_request");
        }
    }
    for wrong in
        [json!({"rememberMe": "yes"}), json!({"rememberMe": null}), json!({"unknown": 1}), json!({"version": "1"})]
    {
        save(&mut admin, wrong).await.refused(400, "invalid_request");
    }
    let mut incomplete = before.clone();
    incomplete.as_object_mut().unwrap().remove("maxAttempts");
    admin.post(POLICY, incomplete).await.refused(400, "invalid_request");
    assert_eq!(read(&mut admin).await, before);
    for (key, min, max) in BOUNDS {
        for good in [min, max] {
            save(&mut admin, json!({key: good})).await.expect(200);
            app.pass(MINUTE / 10);
        }
        save(&mut admin, json!({"idleTimeoutMinutes": 30, "addressLimit": 100})).await.expect(200);
    }
}

async fn only_people_with_the_permission_may_read_or_save(app: TestApp) {
    let mut admin = administrator(&app).await;
    let policy = read(&mut admin).await;
    for role in ["manager", "member", "viewer", "staff"] {
        let person = app.person_with(role, role, PASSWORD).await;
        let mut browser = app.signed_in(&person).await;
        for answer in [
            browser.get(POLICY).await,
            browser.post(POLICY, policy.clone()).await,
            browser.post(PREVIEW, policy.clone()).await,
        ] {
            assert_eq!(answer.refused(403, "forbidden")["missing"], "settings:manage");
        }
        browser.navigate("/settings").await.expect(403);
        let back = post(&mut browser, &fields(&policy)).await;
        assert!(back.see_other().ends_with("error=forbidden"), "{back}");
        assert!(!browser.navigate("/").await.text().contains("href=\"/settings\""));
    }
    assert!(admin.navigate("/").await.text().contains("href=\"/settings\""));
    assert_eq!(read(&mut admin).await, policy);
}

async fn saving_needs_a_recent_sign_in(app: TestApp) {
    let mut admin = administrator(&app).await;
    let policy = read(&mut admin).await;
    app.pass(15 * MINUTE);
    assert_eq!(read(&mut admin).await, policy, "reading does not");
    admin.post(POLICY, policy.clone()).await.refused(403, "reauth_required");
    admin.post(PREVIEW, policy.clone()).await.refused(403, "reauth_required");
    admin.post("/api/auth/confirm", json!({"password": PASSWORD})).await.expect(200);
    admin.post(POLICY, policy).await.expect(200);
}

async fn a_stale_version_overwrites_nothing(app: TestApp) {
    let mut admin = administrator(&app).await;
    let read_first = read(&mut admin).await;
    save(&mut admin, json!({"lockoutMinutes": 60})).await.expect(200);
    let refused = admin.post(POLICY, read_first).await.refused(409, "conflict");
    assert_eq!(refused["current"], read(&mut admin).await);
    assert_eq!(refused["current"]["lockoutMinutes"], 60);
}

async fn saving_never_ends_more_sessions_than_were_shown(app: TestApp) {
    let staff = app.person("ayse").await;
    let mut sleepers = [app.signed_in(&staff).await, app.signed_in(&staff).await];
    app.pass(10 * MINUTE);
    let mut admin = administrator(&app).await;
    let mut policy = read(&mut admin).await;
    policy["idleTimeoutMinutes"] = 5.into();
    let before = app.database.dump().await;
    assert_eq!(admin.post(PREVIEW, policy.clone()).await.expect(200).data(), json!({"ends": 2}));
    policy["ends"] = 1.into();
    let refused = admin.post(POLICY, policy.clone()).await.refused(409, "conflict");
    assert_eq!(refused["count"], 2);
    assert_eq!(read(&mut admin).await["idleTimeoutMinutes"], 30);
    assert!(before.len() <= app.database.dump().await.len());
    for sleeper in &mut sleepers {
        assert!(sleeper.is_signed_in().await);
    }
    policy["ends"] = 2.into();
    admin.post(POLICY, policy).await.expect(200);
    for sleeper in &mut sleepers {
        assert!(!sleeper.is_signed_in().await);
    }
}

async fn a_saved_limit_ends_sessions_at_once(app: TestApp) {
    let staff = app.person("ayse").await;
    let mut remembered = app.remembered(&staff).await;
    app.pass(25 * HOUR);
    let mut admin = administrator(&app).await;
    assert!(remembered.is_signed_in().await);
    save(&mut admin, json!({"rememberMe": false})).await.expect(200);
    assert_eq!(remembered.get("/api/auth/session").await.refused(401, "unauthenticated")["reason"], "expired");
    // Raising the limit again revives nobody.
    save(&mut admin, json!({"rememberMe": true})).await.expect(200);
    assert!(!remembered.is_signed_in().await);
}

async fn a_form_without_scripts_explains_conflicts_field_by_field(app: TestApp) {
    let mut admin = administrator(&app).await;
    let mut mine = read(&mut admin).await;
    save(&mut admin, json!({"lockoutMinutes": 77})).await.expect(200);
    mine["maxAttempts"] = 4.into();
    let back = post(&mut admin, &fields(&mine)).await;
    assert!(back.see_other().ends_with("error=conflict"), "{back}");
    let page = admin.navigate("/settings?error=conflict").await.expect(200);
    assert!(page.text().contains("Stored now: 77") && page.text().contains("Stored now: 5"), "{page}");
    assert_eq!(page.text().matches("Stored now").count(), 2, "only fields that differ");
    assert!(
        page.text().contains(
            "name=\"maxAttempts\" type=\"text\" inputmode=\"numeric\" autocomplete=\"off\" required value=\"4\""
        ),
        "{page}"
    );

    // The number that the page shows lets the next attempt through.
    let staff = app.person("ayse").await;
    let mut sleeper = app.signed_in(&staff).await;
    app.pass(10 * MINUTE);
    admin.navigate("/settings").await.expect(200);
    let mut policy = read(&mut admin).await;
    policy["idleTimeoutMinutes"] = 5.into();
    policy["ends"] = 0.into();
    post(&mut admin, &fields(&policy)).await.see_other();
    let page = admin.navigate("/settings?error=conflict").await.expect(200);
    assert!(page.text().contains("Saving this ends 1 session now."), "{page}");
    assert!(page.text().contains("name=\"ends\" value=\"1\""), "{page}");
    policy["ends"] = 1.into();
    let saved = post(&mut admin, &fields(&policy)).await;
    assert_eq!(saved.see_other(), "/");
    assert!(!sleeper.is_signed_in().await);
}

async fn keys_go_back_to_what_was_shipped(app: TestApp) {
    let mut admin = administrator(&app).await;
    save(&mut admin, json!({"lockoutMinutes": 77, "maxAttempts": 4})).await.expect(200);
    let one = save(&mut admin, json!({"restore": "maxAttempts"})).await.expect(200).data();
    assert_eq!((&one["lockoutMinutes"], &one["maxAttempts"]), (&json!(77), &json!(5)));
    save(&mut admin, json!({"restore": "nothing"})).await.refused(400, "invalid_request");
    let all = save(&mut admin, json!({"restore": "all"})).await.expect(200).data();
    assert_eq!(all["lockoutMinutes"], 30);
}

async fn the_page_shows_who_changed_what(app: TestApp) {
    let mut admin = administrator(&app).await;
    assert!(!admin.navigate("/settings").await.text().contains("Last change"));
    save(&mut admin, json!({"lockoutMinutes": 77, "rememberMe": false})).await.expect(200);
    let page = admin.navigate("/settings").await.expect(200);
    assert!(page.text().contains("By Yonetici Yilmaz"), "{page}");
    assert!(page.text().contains("30 → 77") && page.text().contains("On → Off"), "{page}");
    assert!(page.text().contains("value=\"rememberMe\""), "a button sets it back");
    app.set_policy("lockoutMinutes", "88").await;
    assert!(admin.navigate("/settings").await.text().contains("On the command line"));
}

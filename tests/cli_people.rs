//! The `user` commands that change a person: show, edit, reset-link and delete.

use serde_json::{Value, json};

use crate::support::{CommandOutput, PASSWORD, SESSION, TestApp, run_cli};

both![
    a_user_is_shown_and_edited,
    every_act_speaks_to_programs_too,
    a_reset_link_sets_a_new_password,
    a_deleted_user_is_gone,
    the_last_administrator_goes_only_by_force,
];

async fn cli(app: &TestApp, args: &[&str]) -> CommandOutput {
    run_cli(app, args, &[], "").await
}

async fn a_user_is_shown_and_edited(app: TestApp) {
    app.clock.set(chrono::Utc::now().timestamp_millis());
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    let edited = ["user", "edit", &ayse.email, "--name", "Ayşe Kaya", "--role", "viewer", "--phone", "0312 555 00 11"];
    assert_eq!(cli(&app, &edited).await.expect(0).stdout, format!("{}\tAyşe Kaya\tviewer\n", ayse.email));
    let shown = cli(&app, &["user", "show", &ayse.email, "--json"]).await.expect(0);
    let user: Value = serde_json::from_str(&shown.stdout).unwrap();
    assert_eq!((&user["permissions"], &user["phone"]), (&json!(["reports:access"]), &json!("0312 555 00 11")));
    assert_eq!(browser.get("/api/auth/user").await.data()["name"], "Ayşe Kaya", "in force at the next request");
    assert!(cli(&app, &["user", "show", &ayse.email]).await.expect(0).stdout.contains("role\tviewer"));
    assert_eq!(app.audited("user_changed").await, 1);
    for bad in [
        ["user", "edit", "nobody@example.org", "--name", "X"],
        ["user", "edit", &ayse.email, "--name", " "],
        ["user", "edit", &ayse.email, "--new-email", "no email"],
    ] {
        assert!(!cli(&app, &bad).await.expect(1).stderr.is_empty());
    }
    cli(&app, &["user", "edit", &ayse.email, "--role", "root"]).await.expect(2);
}

async fn every_act_speaks_to_programs_too(app: TestApp) {
    app.clock.set(chrono::Utc::now().timestamp_millis());
    let ayse = app.person("ayse").await;
    let json = async |args: &[&str]| -> Value {
        serde_json::from_str(&cli(&app, args).await.expect(0).stdout).expect("JSON on stdout")
    };
    let edited = json(&["user", "edit", &ayse.email, "--name", "Ayşe", "--json"]).await;
    assert_eq!((&edited["id"], &edited["name"]), (&json!(ayse.id), &json!("Ayşe")));
    let link = json(&["user", "reset-link", &ayse.email, "--json"]).await;
    cli(&app, &["user", "require-password", &ayse.email]).await.expect(0);
    assert_eq!(app.audited("password_required").await, 1);
    assert!(link["url"].as_str().unwrap().contains("/activate?token="), "{link}");
    assert_eq!(json(&["lockout", "lift", &ayse.email, "--json"]).await, json!({"done": false}));
    assert_eq!(json(&["user", "delete", &ayse.email, "--json"]).await, json!({"done": true}));
    cli(&app, &["role", "save", "gece", "--permission", "reports:access"]).await.expect(0);
    assert_eq!(json(&["role", "delete", "gece", "--json"]).await, json!({"done": true}));
}

async fn a_reset_link_sets_a_new_password(app: TestApp) {
    app.clock.set(chrono::Utc::now().timestamp_millis());
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    let made = cli(&app, &["user", "reset-link", &ayse.email]).await.expect(0);
    let token = made.stdout.trim().split_once("token=").unwrap().1.to_owned();
    app.clock.set(chrono::Utc::now().timestamp_millis());
    let body = json!({"token": token, "password": "nine umbrellas in the garden"});
    app.browser().post("/api/activate", body).await.expect(200);
    assert_eq!(browser.get(SESSION).await.refused(401, "unauthenticated")["reason"], "password_changed");
    app.browser().try_password(&ayse.email, PASSWORD).await.refused(401, "invalid_credentials");
}

async fn a_deleted_user_is_gone(app: TestApp) {
    app.clock.set(chrono::Utc::now().timestamp_millis());
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    cli(&app, &["user", "delete", &ayse.email]).await.expect(0);
    browser.get(SESSION).await.refused(401, "unauthenticated");
    assert!(cli(&app, &["user", "show", &ayse.email]).await.expect(1).stderr.contains("No user has the email"));
}

async fn the_last_administrator_goes_only_by_force(app: TestApp) {
    let admin = app.person_with("yonetici", "admin", PASSWORD).await;
    for args in [["user", "delete", &admin.email].as_slice(), &["user", "edit", &admin.email, "--role", "staff"]] {
        assert!(cli(&app, args).await.expect(1).stderr.contains("--force"));
    }
    assert!(cli(&app, &["user", "disable", &admin.email]).await.expect(1).stderr.contains("--force"));
    cli(&app, &["user", "disable", &admin.email, "--force"]).await.expect(0);
    cli(&app, &["user", "enable", &admin.email]).await.expect(0);
    cli(&app, &["user", "edit", &admin.email, "--role", "staff", "--force"]).await.expect(0);
    assert!(app.set_up_token().await.is_some(), "a new administrator can be set up");
}

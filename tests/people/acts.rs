use serde_json::json;

use super::{act, administrator, list, new, one, refused, texts, token};
use crate::support::{DAY, PASSWORD, TestApp};

const OTHER: &str = "nine umbrellas in the garden";

both![
    a_new_person_activates_with_the_link,
    invalid_fields_are_named_and_nobody_is_added,
    a_change_names_what_changed_in_the_audit,
    a_stale_version_changes_nothing,
    a_reset_link_replaces_the_password_and_ends_sessions,
    a_deleted_person_leaves_only_a_name,
    each_person_is_judged_alone,
    labels_and_roles_are_assigned_to_several,
];

async fn a_new_person_activates_with_the_link(app: TestApp) {
    let mut admin = administrator(&app).await;
    let mut person = new("ayla");
    person["permissions"] = json!(["reports:access"]);
    person["labels"] = json!(["Ankara", " Ankara ", "gönüllü"]);
    person["phone"] = " 0312 555 00 11 ".into();
    let made = admin.post("/api/users/create", person).await.expect(200).data();
    let user = &made["user"];
    assert_eq!(user["permissions"], json!(["messages:access", "reports:access"]));
    assert_eq!((&user["labels"], &user["phone"]), (&json!(["Ankara", "gönüllü"]), &json!("0312 555 00 11")));
    let url = made["activationUrl"].as_str().unwrap();
    assert!(url.starts_with(&format!("{}/activate?token=", app.origin())), "{url}");
    assert_eq!(one(&mut admin, user["id"].as_str().unwrap()).await["state"], "invited");
    let mut ayla = app.browser();
    ayla.navigate(&format!("/activate?token={}", token(url))).await.expect(200);
    ayla.post("/api/activate", json!({"token": token(url), "password": OTHER})).await.expect(200);
    ayla.try_password("ayla@example.org", OTHER).await.expect(200);
    // A second link ends the first.
    let again = admin.post("/api/users/create", new("berk")).await.expect(200).data();
    let id = again["user"]["id"].as_str().unwrap();
    let link =
        act(&mut admin, "reset-link", &[id]).await.expect(200).data()["urls"][0]["url"].as_str().unwrap().to_owned();
    let mut berk = app.browser();
    berk.post("/api/activate", json!({"token": token(again["activationUrl"].as_str().unwrap()), "password": OTHER}))
        .await
        .refused(422, "validation_failed");
    app.pass(3 * DAY);
    berk.post("/api/activate", json!({"token": token(&link), "password": OTHER}))
        .await
        .refused(422, "validation_failed");
}

async fn invalid_fields_are_named_and_nobody_is_added(app: TestApp) {
    let mut admin = administrator(&app).await;
    app.person("ayse").await;
    for (field, value) in [
        ("email", json!("no email")),
        ("email", json!("Ayse@example.org")),
        ("name", json!(" ")),
        ("name", json!("x".repeat(101))),
        ("role", json!("root")),
        ("permissions", json!(["root:everything"])),
        ("labels", json!(["x".repeat(41)])),
        ("labels", json!((0..21).map(|n| n.to_string()).collect::<Vec<_>>())),
        ("phone", json!("call me")),
    ] {
        let mut person = new("yeni");
        person[field] = value;
        let fields = admin.post("/api/users/create", person).await.refused(422, "validation_failed")["fields"].clone();
        assert_eq!(fields.as_object().unwrap().keys().collect::<Vec<_>>(), [field], "{fields}");
    }
    for (field, value) in [
        ("isActive", json!(true)),
        ("id", json!("x")),
        ("passwordHash", json!("x")),
        ("email", json!(1)),
        ("version", json!(1)),
    ] {
        let mut person = new("yeni");
        person[field] = value;
        admin.post("/api/users/create", person).await.refused(400, "invalid_request");
    }
    assert_eq!(list(&mut admin, "").await["total"], 2);
}

async fn a_change_names_what_changed_in_the_audit(app: TestApp) {
    let mut admin = administrator(&app).await;
    let ayse = app.person("ayse").await;
    let version = one(&mut admin, &ayse.id).await["version"].clone();
    let change = json!({"id": ayse.id, "version": version, "name": "Ayşe Kaya", "labels": ["a"], "phone": null});
    admin.post("/api/users/update", change).await.expect(200);
    let details = texts(&app, "SELECT details FROM audit WHERE action = 'user_changed'").await;
    let details: serde_json::Value = serde_json::from_str(&details[0]).unwrap();
    assert_eq!(
        details,
        json!({"before": {"name": "Ayse Yilmaz", "labels": []}, "after": {"name": "Ayşe Kaya", "labels": ["a"]}})
    );
}

async fn a_stale_version_changes_nothing(app: TestApp) {
    let mut admin = administrator(&app).await;
    let (ayse, ada) = (app.person("ayse").await, app.person("ada").await);
    let change = |id: &str, version: i64, field: &str, value: &str| json!({"id": id, "version": version, field: value});
    admin.post("/api/users/update", change(&ayse.id, 1, "name", "B")).await.expect(200);
    let stale = admin.post("/api/users/update", change(&ayse.id, 1, "name", "C")).await.refused(409, "conflict");
    assert_eq!(stale["current"]["name"], "B");
    let taken = admin
        .post("/api/users/update", change(&ayse.id, 2, "email", &ada.email))
        .await
        .refused(422, "validation_failed");
    assert!(taken["fields"]["email"].is_string(), "{taken}");
    admin.post("/api/users/update", change("nobody", 1, "name", "C")).await.refused(404, "not_found");
    for wrong in [
        json!({"id": ayse.id, "name": "C"}),
        json!({"id": ayse.id, "version": 2, "isActive": false}),
        json!({"id": ayse.id, "version": 2, "name": null}),
    ] {
        admin.post("/api/users/update", wrong).await.refused(400, "invalid_request");
    }
    assert_eq!(one(&mut admin, &ayse.id).await["name"], "B");
}

async fn a_reset_link_replaces_the_password_and_ends_sessions(app: TestApp) {
    let mut admin = administrator(&app).await;
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    let data = act(&mut admin, "reset-link", &[&ayse.id]).await.expect(200).data();
    assert_eq!((&data["done"], &data["urls"][0]["id"]), (&json!(1), &json!(ayse.id)));
    let link = token(data["urls"][0]["url"].as_str().unwrap());
    for _ in 0..2 {
        app.browser().navigate(&format!("/activate?token={link}")).await.expect(200);
    }
    assert!(browser.is_signed_in().await, "nothing happens until the link is used");
    app.browser().try_password(&ayse.email, PASSWORD).await.expect(200);
    let mut fresh = app.browser();
    fresh.post("/api/activate", json!({"token": link, "password": OTHER})).await.expect(200);
    assert_eq!(browser.get("/api/auth/session").await.refused(401, "unauthenticated")["reason"], "password_changed");
    app.browser().try_password(&ayse.email, PASSWORD).await.refused(401, "invalid_credentials");
    fresh.try_password(&ayse.email, OTHER).await.expect(200);
    app.browser()
        .post("/api/activate", json!({"token": link, "password": PASSWORD}))
        .await
        .refused(422, "validation_failed");
    assert_eq!(app.audited("reset_link_made").await, 1);
}

async fn a_deleted_person_leaves_only_a_name(app: TestApp) {
    let mut admin = administrator(&app).await;
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    let wrong = json!({"ids": [ayse.id], "confirmEmail": "other@example.org"});
    let fields = admin.post("/api/users/delete", wrong).await.refused(422, "validation_failed")["fields"].clone();
    assert!(fields["confirmEmail"].is_string());
    assert!(browser.is_signed_in().await);
    let right = json!({"ids": [ayse.id], "confirmEmail": " AYSE@example.org"});
    assert_eq!(admin.post("/api/users/delete", right).await.expect(200).data()["done"], 1);
    browser.get("/api/auth/session").await.refused(401, "unauthenticated");
    app.browser().try_password(&ayse.email, PASSWORD).await.refused(401, "invalid_credentials");
    assert!(one(&mut admin, &ayse.id).await.is_null());
    for table in ["users WHERE id", "sessions WHERE user_id", "user_search WHERE user_id", "pictures WHERE user_id"] {
        let left = texts(&app, &format!("SELECT '1' FROM {table} = '{}'", ayse.id)).await;
        assert!(left.is_empty(), "{table}");
    }
    assert_eq!(texts(&app, "SELECT name FROM former_users").await, ["Ayse Yilmaz"]);
    assert_eq!(refused(act(&mut admin, "delete", &[&ayse.id]).await), [(ayse.id.clone(), "not_found".to_owned())]);
    // The address is free again.
    admin.post("/api/users/create", json!({"email": ayse.email, "name": "B", "role": "staff"})).await.expect(200);
}

async fn each_person_is_judged_alone(app: TestApp) {
    let mut admin = administrator(&app).await;
    let me = app.existing_person("yonetici").await;
    let (ayse, ada) = (app.person("ayse").await, app.person("ada").await);
    let answer = admin
        .post("/api/users/disable", json!({"ids": [ayse.id, "nobody", me.id, ada.id, ayse.id], "reason": "left"}))
        .await;
    assert_eq!(answer.data()["done"], 2);
    assert_eq!(
        refused(answer),
        [("nobody".to_owned(), "not_found".to_owned()), (me.id, "last_administrator".to_owned())]
    );
    for person in [&ayse, &ada] {
        assert_eq!(one(&mut admin, &person.id).await["state"], "disabled");
    }
    let reasons = texts(&app, "SELECT details FROM audit WHERE action = 'user_disabled'").await;
    assert_eq!(reasons, [r#"{"reason":"left"}"#; 2]);
    let too_long = json!({"ids": [ayse.id], "reason": "x".repeat(201)});
    admin.post("/api/users/disable", too_long).await.refused(422, "validation_failed");
    act(&mut admin, "disable", &[]).await.refused(422, "validation_failed");
    admin.post("/api/users/enable", json!({"ids": [ayse.id], "reason": "x"})).await.refused(400, "invalid_request");
}

async fn labels_and_roles_are_assigned_to_several(app: TestApp) {
    let mut admin = administrator(&app).await;
    let (ayse, ada) = (app.person("ayse").await, app.person("ada").await);
    let assign = json!({"ids": [ayse.id, ada.id], "role": "member", "addLabels": ["Ankara", "Bursa"]});
    assert_eq!(admin.post("/api/users/assign", assign).await.expect(200).data()["done"], 2);
    let remove = json!({"ids": [ada.id], "removeLabels": ["Ankara"]});
    admin.post("/api/users/assign", remove).await.expect(200);
    let (first, second) = (one(&mut admin, &ayse.id).await, one(&mut admin, &ada.id).await);
    assert_eq!((&first["role"], &first["labels"]), (&json!("member"), &json!(["Ankara", "Bursa"])));
    assert_eq!((&second["role"], &second["labels"]), (&json!("member"), &json!(["Bursa"])));
    admin.post("/api/users/assign", json!({"ids": [ada.id], "role": "root"})).await.refused(422, "validation_failed");
}

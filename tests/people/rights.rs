use serde_json::json;

use super::{USERS, act, administrator, grant, new, one, refused, texts};
use crate::support::{MINUTE, PASSWORD, TestApp};

both![
    nobody_climbs,
    somebody_with_fewer_rights_changes_nobody_with_more,
    the_last_administrator_stays,
    two_administrators_never_demote_each_other_at_once,
    acts_need_a_recent_sign_in,
    a_change_of_rights_is_in_force_at_the_next_request,
];

async fn nobody_climbs(app: TestApp) {
    let helper = app.person("helin").await;
    grant(&app, &helper, r#"["users:manage"]"#).await;
    let mut helin = app.signed_in(&helper).await;
    for (field, value, missing) in [
        ("role", json!("admin"), "sessions:manage"),
        ("role", json!("viewer"), "reports:access"),
        ("permissions", json!(["settings:manage"]), "settings:manage"),
        ("permissions", json!(["users:manage", "finance:access"]), "finance:access"),
    ] {
        let mut person = new("yeni");
        person[field] = value.clone();
        assert_eq!(helin.post("/api/users/create", person).await.refused(403, "forbidden")["missing"], missing);
        let me = one(&mut helin, &helper.id).await;
        let change = json!({"id": helper.id, "version": me["version"], field: value});
        assert_eq!(helin.post("/api/users/update", change).await.refused(403, "forbidden")["missing"], missing);
    }
    let made = helin.post("/api/users/create", new("yeni")).await.expect(200).data();
    let id = made["user"]["id"].as_str().unwrap();
    let raised = helin.post("/api/users/assign", json!({"ids": [id], "role": "admin"})).await;
    assert_eq!(refused(raised), [(id.to_owned(), "forbidden".to_owned())]);
    assert_eq!(one(&mut helin, id).await["role"], "staff");
}

async fn somebody_with_fewer_rights_changes_nobody_with_more(app: TestApp) {
    let mut admin = administrator(&app).await;
    let boss = app.existing_person("yonetici").await;
    let helper = app.person("helin").await;
    grant(&app, &helper, r#"["users:manage"]"#).await;
    let mut helin = app.signed_in(&helper).await;
    let before = one(&mut admin, &boss.id).await;
    for what in ["disable", "enable", "reset-link", "delete", "remove-picture"] {
        assert_eq!(
            refused(act(&mut helin, what, &[&boss.id]).await),
            [(boss.id.clone(), "forbidden".to_owned())],
            "{what}"
        );
    }
    let change = json!({"id": boss.id, "version": before["version"], "name": "Nobody"});
    assert_eq!(helin.post("/api/users/update", change).await.refused(403, "forbidden")["missing"], "sessions:manage");
    let assigned = helin.post("/api/users/assign", json!({"ids": [boss.id], "addLabels": ["x"]})).await;
    assert_eq!(refused(assigned), [(boss.id.clone(), "forbidden".to_owned())]);
    assert_eq!(one(&mut admin, &boss.id).await["version"], before["version"]);
    assert!(admin.is_signed_in().await);
    // Lifting a lockout gives nobody anything.
    assert!(refused(act(&mut helin, "unlock", &[&boss.id]).await).is_empty());
    let page = helin.navigate(&format!("/users/{}", boss.id)).await.expect(200);
    assert!(page.text().contains("You may look, but change nothing"), "{page}");
    assert!(!page.text().contains("action=\"/api/users/delete\""), "{page}");
}

async fn the_last_administrator_stays(app: TestApp) {
    let mut admin = administrator(&app).await;
    let me = app.existing_person("yonetici").await;
    // Neither an invited nor a disabled administrator could sign in.
    admin.post("/api/users/create", json!({"email": "i@example.org", "name": "I", "role": "admin"})).await.expect(200);
    let disabled = app.person_with("devre", "admin", PASSWORD).await;
    app.disable(&disabled).await;
    let last = || vec![(me.id.clone(), "last_administrator".to_owned())];
    assert_eq!(refused(act(&mut admin, "disable", &[&me.id]).await), last());
    assert_eq!(refused(act(&mut admin, "delete", &[&me.id]).await), last());
    assert_eq!(refused(admin.post("/api/users/assign", json!({"ids": [me.id], "role": "staff"})).await), last());
    let version = one(&mut admin, &me.id).await["version"].clone();
    admin
        .post("/api/users/update", json!({"id": me.id, "version": version, "role": "manager"}))
        .await
        .refused(409, "conflict");
    assert_eq!(one(&mut admin, &me.id).await["role"], "admin");
    assert!(refused(act(&mut admin, "enable", &[&disabled.id]).await).is_empty());
    assert!(refused(act(&mut admin, "disable", &[&me.id]).await).is_empty());
    assert!(!admin.is_signed_in().await);
}

async fn two_administrators_never_demote_each_other_at_once(app: TestApp) {
    let people = [app.person_with("bir", "admin", PASSWORD).await, app.person_with("iki", "admin", PASSWORD).await];
    let browsers = [app.signed_in(&people[0]).await, app.signed_in(&people[1]).await];
    for round in 0..200 {
        let demote = |from: usize, to: usize| {
            let (mut browser, id) = (browsers[from].clone(), people[to].id.clone());
            async move { browser.post(&format!("{USERS}/assign"), json!({"ids": [id], "role": "staff"})).await.status }
        };
        let statuses = tokio::join!(demote(0, 1), demote(1, 0));
        let admins: Vec<String> = texts(&app, "SELECT id FROM users WHERE role = 'admin'").await;
        assert_eq!(admins.len(), 1, "round {round}: {statuses:?}");
        app.database.execute("UPDATE users SET role = 'admin'").await;
        app.database.execute("UPDATE sessions SET mutations = 0").await;
    }
}

async fn acts_need_a_recent_sign_in(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut admin = administrator(&app).await;
    app.pass(15 * MINUTE);
    for what in ["disable", "enable", "reset-link", "delete", "remove-picture", "assign"] {
        act(&mut admin, what, &[&ayse.id]).await.refused(403, "reauth_required");
    }
    admin.post("/api/users/create", new("yeni")).await.refused(403, "reauth_required");
    admin
        .post("/api/users/update", json!({"id": ayse.id, "version": 1, "name": "B"}))
        .await
        .refused(403, "reauth_required");
    // An office behind a lockout is waiting.
    act(&mut admin, "unlock", &[&ayse.id]).await.expect(200);
}

async fn a_change_of_rights_is_in_force_at_the_next_request(app: TestApp) {
    let mut admin = administrator(&app).await;
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    browser.get(USERS).await.refused(403, "forbidden");
    let version = one(&mut admin, &ayse.id).await["version"].clone();
    let change = json!({"id": ayse.id, "version": version, "permissions": ["users:manage"]});
    let changed = admin.post("/api/users/update", change).await.expect(200).data();
    assert_eq!(changed["permissions"], json!(["users:manage", "messages:access"]));
    browser.get(USERS).await.expect(200);
    act(&mut admin, "disable", &[&ayse.id]).await.expect(200);
    assert_eq!(browser.get(USERS).await.refused(401, "unauthenticated")["reason"], "account_disabled");
}

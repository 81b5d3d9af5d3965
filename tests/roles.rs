//! Roles are rows: administrators make, change and delete them.

use serde_json::{Value, json};

use crate::support::{Answer, Browser, CommandOutput, MINUTE, PASSWORD, Person, TestApp, run_cli};

both![
    the_shipped_roles_are_listed_with_their_permissions,
    a_new_role_is_made_given_and_deleted,
    a_changed_role_is_in_force_at_the_next_request_and_in_open_pages,
    every_bound_of_a_role_is_checked,
    a_stale_or_foreign_version_changes_nothing,
    the_role_admin_and_shipped_roles_stay,
    nobody_gives_or_takes_what_they_lack,
    roles_need_a_recent_sign_in,
    a_shipped_role_is_named_in_the_readers_language_until_it_is_renamed,
    the_pages_review_before_they_save,
    a_review_of_nonsense_names_the_fields,
    the_command_line_lists_saves_and_deletes_roles,
];

const ROLES: &str = "/api/roles";
const SAVE: &str = "/api/roles/save";
const DELETE: &str = "/api/roles/delete";

async fn administrator(app: &TestApp) -> Browser {
    let admin = app.person_with("yonetici", "admin", PASSWORD).await;
    app.signed_in(&admin).await
}

async fn role(browser: &mut Browser, name: &str) -> Value {
    let data = browser.get(ROLES).await.expect(200).data();
    data["items"].as_array().unwrap().iter().find(|role| role["name"] == name).cloned().unwrap_or_default()
}

fn save(name: &str, permissions: &[&str], version: i64) -> Value {
    json!({"name": name, "label": "Gece ekibi", "permissions": permissions, "version": version})
}

fn refused(answer: Answer) -> Vec<(String, String)> {
    let data = answer.expect(200).data();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    data["refused"].as_array().unwrap().iter().map(|item| (text(&item["id"]), text(&item["code"]))).collect()
}

async fn give(app: &TestApp, person: &Person, role: &str) {
    app.database.execute(&format!("UPDATE users SET role = '{role}' WHERE id = '{}'", person.id)).await;
}

async fn the_shipped_roles_are_listed_with_their_permissions(app: TestApp) {
    let mut admin = administrator(&app).await;
    app.person("ayse").await;
    let data = admin.get(ROLES).await.expect(200).data();
    let names: Vec<&str> =
        data["items"].as_array().unwrap().iter().map(|role| role["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["staff", "viewer", "member", "manager", "admin"]);
    assert_eq!((&data["total"], &data["nextCursor"]), (&json!(5), &Value::Null));
    assert_eq!(
        data["items"][0],
        json!({"name": "staff", "label": "Staff", "permissions": ["messages:access"], "shipped": true, "people": 1, "version": 1})
    );
    assert_eq!(role(&mut admin, "admin").await["permissions"].as_array().unwrap().len(), 14);
    assert_eq!(role(&mut admin, "manager").await["permissions"].as_array().unwrap().len(), 10);
}

async fn a_new_role_is_made_given_and_deleted(app: TestApp) {
    let mut admin = administrator(&app).await;
    let ayse = app.person("ayse").await;
    let made = admin.post(SAVE, save("gece", &["reports:access", "messages:access"], 0)).await.expect(200).data();
    assert_eq!(
        made,
        json!({"name": "gece", "label": "Gece ekibi", "permissions": ["messages:access", "reports:access"],
               "shipped": false, "people": 0, "version": 1})
    );
    let mut browser = app.signed_in(&ayse).await;
    admin.post("/api/users/assign", json!({"ids": [ayse.id], "role": "gece"})).await.expect(200);
    let user = browser.get("/api/auth/user").await.expect(200).data();
    assert_eq!((&user["role"], &user["permissions"]), (&json!("gece"), &json!(["messages:access", "reports:access"])));
    assert!(browser.navigate("/").await.expect(200).text().contains("Gece ekibi"));
    let kept = admin.post(DELETE, json!({"names": ["gece", "nothing"]})).await;
    assert_eq!(
        refused(kept),
        [("gece".to_owned(), "in_use".to_owned()), ("nothing".to_owned(), "not_found".to_owned())]
    );
    assert_eq!(role(&mut admin, "gece").await["people"], 1);
    admin.post("/api/users/assign", json!({"ids": [ayse.id], "role": "staff"})).await.expect(200);
    assert_eq!(refused(admin.post(DELETE, json!({"names": ["gece"]})).await), []);
    assert_eq!(role(&mut admin, "gece").await, Value::Null);
    for person in [json!({"ids": [ayse.id], "role": "gece"}), json!({"ids": [ayse.id], "role": "\u{0}"})] {
        admin.post("/api/users/assign", person).await.refused(422, "validation_failed");
    }
    assert_eq!((app.audited("role_saved").await, app.audited("role_deleted").await), (1, 1));
}

async fn a_changed_role_is_in_force_at_the_next_request_and_in_open_pages(app: TestApp) {
    let mut admin = administrator(&app).await;
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    app.listen_for_notices().await;
    let mut events = browser.events().await;
    browser.get("/api/users").await.refused(403, "forbidden");
    let before = browser.session();
    let wider = json!({"name": "staff", "label": "Staff", "permissions": ["users:manage"], "version": 1});
    let saved = admin.post(SAVE, wider).await.expect(200).data();
    assert_eq!((&saved["version"], &saved["label"]), (&json!(2), &json!("Staff")));
    loop {
        let (name, _) = events.next().await.expect("an event");
        if name == "user-changed" {
            break;
        }
    }
    browser.get("/api/users").await.expect(200);
    browser.navigate("/users").await.expect(200);
    assert_ne!(browser.session(), before, "the session id is replaced when the rights change");
    // What nobody changed is not written.
    let same = json!({"name": "staff", "label": "Staff", "permissions": ["users:manage"], "version": 2});
    assert_eq!(admin.post(SAVE, same).await.expect(200).data()["version"], 2);
    let rows = app.database.texts("SELECT details FROM audit WHERE action = 'role_saved'").await;
    assert_eq!(rows.len(), 1);
    let details: Value = serde_json::from_str(&rows[0][0]).unwrap();
    assert_eq!(details["before"]["permissions"], json!(["messages:access"]));
    assert_eq!(details["after"]["permissions"], json!(["users:manage"]));
}

async fn every_bound_of_a_role_is_checked(app: TestApp) {
    let mut admin = administrator(&app).await;
    for name in ["ab", "a-b_2", &"x".repeat(40)] {
        admin.post(SAVE, save(name, &[], 0)).await.expect(200);
    }
    for name in ["", "a", "Gece", "ge ce", "gêce", "\u{131}\u{131}", &"x".repeat(41), "a\u{0}b"] {
        let fields = admin.post(SAVE, save(name, &[], 0)).await.refused(422, "validation_failed")["fields"].clone();
        assert!(fields.get("name").is_some() && fields.as_object().unwrap().len() == 1, "{name}: {fields}");
    }
    for (length, status) in [(0, 200), (1, 200), (60, 200), (61, 422)] {
        let role = json!({"name": format!("r{length}"), "label": "ş".repeat(length), "permissions": [], "version": 0});
        let answer = admin.post(SAVE, role).await.expect(status);
        if status == 200 {
            let label = if length == 0 { "r0".to_owned() } else { "ş".repeat(length) };
            assert_eq!(answer.data()["label"], label);
        }
    }
    admin.post(SAVE, save("other", &["root:everything"], 0)).await.refused(422, "validation_failed");
    for (field, value) in [
        ("shipped", json!(true)),
        ("people", json!(3)),
        ("version", json!("1")),
        ("permissions", json!("users:manage")),
    ] {
        let mut role = save("other", &[], 0);
        role[field] = value;
        admin.post(SAVE, role).await.refused(400, "invalid_request");
    }
    admin.post(DELETE, json!({})).await.refused(422, "validation_failed");
    admin.post(DELETE, json!({"names": vec!["ab"; 201]})).await.refused(400, "invalid_request");
    assert_eq!(role(&mut admin, "other").await, Value::Null);
}

async fn a_stale_or_foreign_version_changes_nothing(app: TestApp) {
    let mut admin = administrator(&app).await;
    admin.post(SAVE, save("gece", &["reports:access"], 0)).await.expect(200);
    admin.post(SAVE, save("gece", &["messages:access"], 1)).await.expect(200);
    let conflict = admin.post(SAVE, save("gece", &[], 1)).await.refused(409, "conflict");
    assert_eq!(conflict["current"]["permissions"], json!(["messages:access"]));
    assert_eq!(conflict["current"]["version"], 2);
    assert!(
        admin.post(SAVE, save("gece", &[], 0)).await.refused(422, "validation_failed")["fields"]["name"].is_string()
    );
    admin.post(SAVE, save("yok", &[], 3)).await.refused(404, "not_found");
    assert_eq!(role(&mut admin, "gece").await["permissions"], json!(["messages:access"]));
}

async fn the_role_admin_and_shipped_roles_stay(app: TestApp) {
    let mut admin = administrator(&app).await;
    for version in [0, 1, 2] {
        admin.post(SAVE, save("admin", &["users:manage"], version)).await.refused(409, "conflict");
    }
    let all = json!({"names": ["staff", "viewer", "member", "manager", "admin"]});
    let kept = refused(admin.post(DELETE, all).await);
    assert_eq!(kept.len(), 5);
    assert!(kept.iter().all(|(_, code)| code == "shipped"), "{kept:?}");
    // A shipped role can lose everything, and come back.
    admin.post(SAVE, json!({"name": "viewer", "label": "", "permissions": [], "version": 1})).await.expect(200);
    assert_eq!(role(&mut admin, "viewer").await["permissions"], json!([]));
}

async fn nobody_gives_or_takes_what_they_lack(app: TestApp) {
    let mut admin = administrator(&app).await;
    let helper = app.person("helin").await;
    app.database
        .execute(&format!(r#"UPDATE users SET permissions = '["users:manage"]' WHERE id = '{}'"#, helper.id))
        .await;
    let mut helin = app.signed_in(&helper).await;
    // What a new role would get, what a role would get, and what it has and would lose.
    for (change, missing) in [
        (save("yeni", &["reports:access"], 0), "reports:access"),
        (save("staff", &["settings:manage"], 1), "settings:manage"),
        (save("viewer", &[], 1), "reports:access"),
        (save("manager", &["messages:access"], 1), "beneficiaries:access"),
    ] {
        assert_eq!(helin.post(SAVE, change).await.refused(403, "forbidden")["missing"], missing);
    }
    admin.post(SAVE, save("gece", &["reports:access"], 0)).await.expect(200);
    assert_eq!(
        refused(helin.post(DELETE, json!({"names": ["gece"]})).await),
        [("gece".to_owned(), "forbidden".to_owned())]
    );
    helin.post(SAVE, save("yeni", &["messages:access", "users:manage"], 0)).await.expect(200);
    // Somebody without the permission reads no roles either.
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    assert_eq!(browser.get(ROLES).await.refused(403, "forbidden")["missing"], "users:manage");
    assert_eq!(browser.post(SAVE, save("x1", &[], 0)).await.refused(403, "forbidden")["missing"], "users:manage");
    assert_eq!(
        browser.post(DELETE, json!({"names": ["gece"]})).await.refused(403, "forbidden")["missing"],
        "users:manage"
    );
    // A page shows no way to change what is out of reach.
    let page = helin.navigate("/roles").await.expect(200);
    assert!(page.text().contains("/roles?edit=yeni") && !page.text().contains("/roles?edit=viewer"), "{page}");
}

async fn roles_need_a_recent_sign_in(app: TestApp) {
    let mut admin = administrator(&app).await;
    app.pass(15 * MINUTE);
    admin.get(ROLES).await.expect(200);
    admin.post(SAVE, save("gece", &[], 0)).await.refused(403, "reauth_required");
    admin.post(DELETE, json!({"names": ["gece"]})).await.refused(403, "reauth_required");
}

async fn a_shipped_role_is_named_in_the_readers_language_until_it_is_renamed(app: TestApp) {
    let mut admin = administrator(&app).await;
    let in_turkish = async |browser: &mut Browser| {
        let answer = browser.fetch("GET", ROLES).header("accept-language", "tr").send().await;
        answer.data()["items"][0]["label"].as_str().unwrap().to_owned()
    };
    let turkish = in_turkish(&mut admin).await;
    assert_ne!(turkish, "Staff");
    // Its name in either language is no new name.
    for (label, version) in [("Staff", 1), (&*turkish, 1)] {
        let change = json!({"name": "staff", "label": label, "permissions": ["messages:access"], "version": version});
        admin.post(SAVE, change).await.expect(200);
        assert_eq!(in_turkish(&mut admin).await, turkish);
    }
    let renamed = json!({"name": "staff", "label": "Gönüllü", "permissions": ["messages:access"], "version": 1});
    admin.post(SAVE, renamed).await.expect(200);
    assert_eq!(in_turkish(&mut admin).await, "Gönüllü");
    assert_eq!(role(&mut admin, "staff").await["label"], "Gönüllü");
    assert!(admin.navigate("/users").await.expect(200).text().contains("Gönüllü"));
}

async fn the_pages_review_before_they_save(app: TestApp) {
    let mut admin = administrator(&app).await;
    app.person("ayse").await;
    let page = admin.navigate("/roles").await.expect(200);
    for words in ["Manage users", "Add, change, disable and delete people", "1 person", "/roles?edit=staff"] {
        assert!(page.text().contains(words), "{words}: {page}");
    }
    assert!(!page.text().contains("/roles?edit=admin"), "{page}");
    let edit = admin.navigate("/roles?edit=staff").await.expect(200);
    assert!(edit.text().contains("Change the role “Staff”"), "{edit}");
    let address = "/roles?review=true&name=staff&version=1&label=Staff&permissions=reports:access";
    let review = admin.navigate(address).await.expect(200);
    for words in ["1 person has this role", "They get:", "They lose:", "Reports", "Messages"] {
        assert!(review.text().contains(words), "{words}: {review}");
    }
    let fields = [
        ("name", "staff"),
        ("label", "Staff"),
        ("version", "1"),
        ("permissions", "reports:access"),
        ("permissions", ""),
        ("redirect", "/roles?saved=role"),
    ];
    let to = admin.submit(address, SAVE, &fields).await.see_other().to_owned();
    assert!(admin.navigate(&to).await.expect(200).text().contains("The role is saved."));
    assert_eq!(role(&mut admin, "staff").await["permissions"], json!(["reports:access"]));
    // Somebody else was faster.
    let back = admin.submit(address, SAVE, &fields).await.see_other().to_owned();
    assert!(back.contains("error=conflict"), "{back}");
    assert!(admin.navigate(&back).await.expect(200).text().contains("Somebody else has changed this role"));
    // A new role is named by its label.
    let review = admin.navigate("/roles?review=true&version=0&label=Gece+n%C3%B6beti&name=").await.expect(200);
    assert!(
        review.text().contains("value=\"gece-nobeti\"") && review.text().contains("Nobody has this role"),
        "{review}"
    );
    let fields = [("name", "gece-nobeti"), ("label", "Gece nöbeti"), ("version", "0"), ("permissions", "")];
    admin.submit("/roles", SAVE, &fields).await.see_other();
    let page = admin.navigate("/roles?edit=gece-nobeti").await.expect(200);
    assert!(page.text().contains("Delete this role"), "{page}");
    let to = admin.submit("/roles", DELETE, &[("names", "gece-nobeti"), ("redirect", "/roles")]).await;
    let to = to.see_other().to_owned();
    admin.navigate(&to).await.expect(200);
    assert_eq!(role(&mut admin, "gece-nobeti").await, Value::Null);
}

async fn a_review_of_nonsense_names_the_fields(app: TestApp) {
    let mut admin = administrator(&app).await;
    let page = admin.navigate("/roles?review=true&name=Gece!&label=x&version=0").await.expect(200);
    assert!(page.text().contains("name-error") && page.text().contains("value=\"Gece!\""), "{page}");
    for address in
        ["/roles?review=true&version=x", "/roles?edit=nothing", "/roles?review=true&other=1", "/roles?edit=%00"]
    {
        admin.navigate(address).await.expect(200);
    }
}

async fn cli(app: &TestApp, args: &[&str]) -> CommandOutput {
    run_cli(app, args, &[], "").await
}

async fn the_command_line_lists_saves_and_deletes_roles(app: TestApp) {
    let ayse = app.person("ayse").await;
    let saved =
        cli(&app, &["role", "save", "gece", "--label", "Gece", "--permission", "reports:access", "--json"]).await;
    let saved: Value = serde_json::from_str(&saved.expect(0).stdout).unwrap();
    assert_eq!((&saved["label"], &saved["permissions"]), (&json!("Gece"), &json!(["reports:access"])));
    // What is not given stays.
    let kept = cli(&app, &["role", "save", "gece", "--label", "Nöbet"]).await.expect(0).stdout;
    assert_eq!(kept, "gece\tNöbet\t0 people\treports:access\n");
    let none = cli(&app, &["role", "save", "gece", "--no-permissions"]).await.expect(0).stdout;
    assert_eq!(none, "gece\tNöbet\t0 people\t\n");
    let listed = cli(&app, &["role", "list", "--json"]).await.expect(0).stdout;
    let listed: Value = serde_json::from_str(&listed).unwrap();
    assert_eq!(listed.as_array().unwrap().len(), 6);
    assert!(
        cli(&app, &["role", "list"]).await.expect(0).stdout.contains("admin\tAdministrator\t0 people\tusers:manage")
    );
    give(&app, &ayse, "gece").await;
    assert!(cli(&app, &["role", "delete", "gece"]).await.expect(1).stderr.contains("Somebody has the role"));
    give(&app, &ayse, "staff").await;
    cli(&app, &["role", "delete", "gece"]).await.expect(0);
    for (args, words) in [
        (&["role", "delete", "gece"][..], "There is no role"),
        (&["role", "delete", "staff"], "shipped"),
        (&["role", "save", "admin", "--no-permissions"], "can't be changed"),
        (&["role", "save", "X"], "2 to 40"),
        (&["role", "save", "yeni", "--permission", "root"], "permissions"),
    ] {
        assert!(cli(&app, args).await.expect(1).stderr.contains(words), "{args:?}");
    }
    cli(&app, &["role", "save", "yeni", "--no-permissions", "--permission", "reports:access"]).await.expect(2);
    assert_eq!(app.audited("role_saved").await, 3);
}

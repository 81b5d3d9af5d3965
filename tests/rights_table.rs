//! Who may do what: every route, page and server function against every role and a person with each
//! single permission, over JSON and over forms.

use kafkasder_panel::model::permission::{Permission, Permissions, SHIPPED};
use kafkasder_panel::server::access::{FOLDERS, Kind, Needs, ROUTES, Route};
use serde_json::{Value, json};

use crate::support::{Answer, Browser, MINUTE, PASSWORD, TestApp};

both![
    every_route_against_every_role_and_every_single_permission,
    a_refusal_is_recorded_once_a_minute_for_each_session_and_route,
];

/// The routes that need a permission. A route that is added to the inventory has to be added here.
const TABLE: [(&str, &str); 31] = [
    ("/api/audit", "audit:view"),
    ("/api/audit/export", "audit:view"),
    ("/api/lockouts", "users:manage"),
    ("/api/lockouts/lift", "users:manage"),
    ("/api/roles", "users:manage"),
    ("/api/roles/delete", "users:manage"),
    ("/api/roles/save", "users:manage"),
    ("/api/sessions", "sessions:manage"),
    ("/api/sessions/end", "sessions:manage"),
    ("/api/settings/policy", "settings:manage"),
    ("/api/settings/policy", "settings:manage"),
    ("/api/settings/policy/preview", "settings:manage"),
    ("/api/users", "users:manage"),
    ("/api/users/assign", "users:manage"),
    ("/api/users/create", "users:manage"),
    ("/api/users/delete", "users:manage"),
    ("/api/users/disable", "users:manage"),
    ("/api/users/enable", "users:manage"),
    ("/api/users/remove-picture", "users:manage"),
    ("/api/users/require-password", "users:manage"),
    ("/api/users/reset-link", "users:manage"),
    ("/api/users/unlock", "users:manage"),
    ("/api/users/update", "users:manage"),
    ("/audit", "audit:view"),
    ("/lockouts", "users:manage"),
    ("/roles", "users:manage"),
    ("/sessions", "sessions:manage"),
    ("/settings", "settings:manage"),
    ("/users", "users:manage"),
    ("/users/", "users:manage"),
    ("/users/new", "users:manage"),
];

/// Everybody who asks: the shipped roles, and a person without a role's permissions for each
/// permission.
async fn askers(app: &TestApp) -> Vec<(String, Browser, Permissions)> {
    let mut askers = Vec::new();
    for role in SHIPPED {
        let person = app.person_with(role, role, PASSWORD).await;
        let browser = app.signed_in_without_hashing(&person).await;
        let set = app.database.texts(&format!("SELECT permissions FROM roles WHERE name = '{role}'")).await;
        askers.push((role.to_owned(), browser, names(&set[0][0])));
    }
    app.database
        .execute("INSERT INTO roles (name, permissions, shipped, version) VALUES ('none', '[]', FALSE, 1)")
        .await;
    for (number, permission) in Permission::ALL.into_iter().enumerate() {
        let name = format!("single{number}");
        let person = app.person_with(&name, "none", PASSWORD).await;
        let grant = format!("UPDATE users SET permissions = '[\"{}\"]' WHERE id = '{}'", permission.name(), person.id);
        app.database.execute(&grant).await;
        let browser = app.signed_in_without_hashing(&person).await;
        askers.push((permission.name().to_owned(), browser, Permissions::of(&[permission])));
    }
    askers
}

fn names(json: &str) -> Permissions {
    let names: Vec<String> = serde_json::from_str(json).unwrap();
    Permissions::of_names(names.iter().map(String::as_str))
}

fn path_of(route: &Route) -> String {
    if route.path.ends_with('/') && route.path.len() > 1 {
        format!("{}nobody", route.path)
    } else {
        route.path.to_owned()
    }
}

async fn by_json(browser: &mut Browser, route: &Route) -> Answer {
    match route.kind {
        Kind::Page(_) => browser.navigate(&path_of(route)).await,
        kind if kind.changes() => browser.post(route.path, json!({})).await,
        _ => browser.get(&path_of(route)).await,
    }
}

async fn every_route_against_every_role_and_every_single_permission(app: TestApp) {
    let all: Vec<&Route> = ROUTES.iter().chain(FOLDERS).collect();
    let guarded: Vec<&&Route> = all.iter().filter(|route| matches!(route.needs, Needs::Permission(_))).collect();
    let mut rows: Vec<(&str, &str)> = guarded
        .iter()
        .map(|route| match route.needs {
            Needs::Permission(permission) => (route.path, permission.name()),
            _ => unreachable!("filtered"),
        })
        .collect();
    rows.sort_unstable();
    assert_eq!(rows, TABLE);
    for (who, mut browser, has) in askers(&app).await {
        for route in &guarded {
            let Needs::Permission(needed) = route.needs else { unreachable!("filtered") };
            let answer = by_json(&mut browser, route).await;
            let refused = answer.status == 403;
            assert_eq!(refused, !has.contains(needed), "{who} at {}: {answer}", route.path);
            if refused && !route.kind.is_page() {
                assert_eq!(answer.refused(403, "forbidden")["missing"], needed.name(), "{who} at {}", route.path);
            }
            if route.kind.changes() && refused {
                let by_form = browser.submit("/", route.path, &[]).await;
                assert!(by_form.see_other().contains("error=forbidden"), "{who} at {}: {by_form}", route.path);
            }
        }
        app.database.execute("UPDATE sessions SET mutations = 0").await;
    }
}

async fn a_refusal_is_recorded_once_a_minute_for_each_session_and_route(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    let recorded = async |count: i64| {
        crate::support::wait_until("the record", async || app.audited("refused").await == count).await;
    };
    for _ in 0..3 {
        browser.get("/api/users").await.refused(403, "forbidden");
        recorded(1).await;
    }
    browser.post("/api/users/delete", json!({"ids": ["x"]})).await.refused(403, "forbidden");
    recorded(2).await;
    assert_eq!(browser.navigate("/audit").await.status, 403);
    recorded(3).await;
    let mut elsewhere = app.signed_in(&ayse).await;
    elsewhere.get("/api/users").await.refused(403, "forbidden");
    recorded(4).await;
    app.pass(MINUTE);
    browser.get("/api/users").await.refused(403, "forbidden");
    recorded(5).await;
    // Somebody without a session, and a wrong token, are no refusals of a signed-in user.
    app.browser().get("/api/users").await.refused(401, "unauthenticated");
    browser.fetch("POST", "/api/users/delete").json(&json!({})).send().await.refused(403, "csrf_failed");
    let mut admin = app.signed_in(&app.person_with("yonetici", "admin", PASSWORD).await).await;
    let rows = admin.get("/api/audit?action=refused").await.expect(200).data();
    let row: &Value = &rows["items"][0];
    assert_eq!((&row["actor"]["id"], &row["result"]), (&json!(ayse.id), &json!("failure")));
    assert_eq!(row["details"], json!({"route": "/api/users", "missing": "users:manage"}));
    assert_eq!(rows["items"].as_array().unwrap().len(), 5);
}

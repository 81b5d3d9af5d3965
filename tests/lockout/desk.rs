//! The list of lockouts, for administrators.

use serde_json::{Value, json};

use super::{fail, lock};
use crate::desk::{administrator, items};
use crate::support::{Browser, MINUTE, PASSWORD, TestApp, iso_time};

both![
    lockouts_are_listed_and_lifted,
    the_page_says_since_when_and_until_when,
    an_account_and_its_owners_browsers_are_one_lockout,
    counters_without_a_lock_are_not_listed,
];

const LOCKOUTS: &str = "/api/lockouts";

async fn lockouts_are_listed_and_lifted(app: TestApp) {
    let ayse = app.person("ayse").await;
    for email in [ayse.email.as_str(), "nobody@example.org"] {
        for _ in 0..5 {
            app.browser().try_password(email, "wrong wrong wrong").await;
        }
    }
    let mut admin = administrator(&app).await;
    let all = items(&mut admin, LOCKOUTS).await;
    assert_eq!(all.len(), 2);
    assert_eq!(all[0]["user"], json!({"id": ayse.id, "name": "Ayse Yilmaz", "email": ayse.email}));
    assert_eq!(
        (&all[1]["name"], &all[1]["user"], &all[1]["failures"]),
        (&json!("nobody@example.org"), &Value::Null, &json!(5))
    );
    assert!(all[0]["until"].as_str().unwrap().ends_with('Z'));
    for (query, count) in [("kind=address", 0), ("kind=identifier", 2), ("q=AY%C5%9FE", 1), ("limit=1", 1)] {
        assert_eq!(items(&mut admin, &format!("{LOCKOUTS}?{query}")).await.len(), count, "{query}");
    }
    let first = admin.get(&format!("{LOCKOUTS}?limit=1")).await.data();
    let cursor = first["nextCursor"].as_str().unwrap().replace('@', "%40");
    assert_eq!(
        items(&mut admin, &format!("{LOCKOUTS}?limit=1&cursor={cursor}")).await[0]["name"],
        "nobody@example.org"
    );
    app.pass(16 * MINUTE);
    let names = json!([{"kind": "identifier", "name": ayse.email}, {"kind": "identifier", "name": "other@example.org"}, {"kind": "address", "name": "nobody@example.org"}]);
    let data = admin.post("/api/lockouts/lift", json!({ "items": names })).await.expect(200).data();
    assert_eq!(
        data,
        json!({"done": 1, "refused": [{"id": "other@example.org", "code": "not_found"}, {"id": "nobody@example.org", "code": "not_found"}]})
    );
    app.browser().try_password(&ayse.email, PASSWORD).await.expect(200);
    admin.post("/api/lockouts/lift", json!({"items": []})).await.refused(422, "validation_failed");
    for bad in [
        json!({"items": [{"kind": "x", "name": "a"}]}),
        json!({"items": [{"kind": "address"}]}),
        json!({"items": [1]}),
        json!({"names": []}),
    ] {
        admin.post("/api/lockouts/lift", bad).await.refused(400, "invalid_request");
    }
}

async fn the_page_says_since_when_and_until_when(app: TestApp) {
    let ayse = app.person("ayse").await;
    lock(&app, &ayse.email).await;
    let since = iso_time(app.now());
    app.pass(20 * MINUTE);
    let until = iso_time(app.now() + 10 * MINUTE.as_millis() as i64);
    let mut admin = administrator(&app).await;
    let shown = async |admin: &mut Browser| {
        let page = admin.navigate("/lockouts").await.expect(200);
        let text = page.text().to_owned();
        (text.contains(&format!("datetime=\"{since}\"")), text.contains(&format!("datetime=\"{until}\"")))
    };
    assert_eq!(shown(&mut admin).await, (true, true));
    // Attempts under a lock change nothing, and swept attempts neither.
    fail(&app, &ayse.email).await.refused(429, "account_locked");
    app.sweep().await;
    assert_eq!(shown(&mut admin).await, (true, true));
    let item = &items(&mut admin, LOCKOUTS).await[0];
    let keys: Vec<_> = item.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["failures", "kind", "name", "until", "user"]);
}

async fn an_account_and_its_owners_browsers_are_one_lockout(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browsers = [app.signed_in(&ayse).await, app.signed_in(&ayse).await];
    for browser in &mut browsers {
        browser.sign_out().await;
        for _ in 0..5 {
            browser.try_password(&ayse.email, super::WRONG).await.refused(401, "invalid_credentials");
        }
    }
    let mut admin = administrator(&app).await;
    assert_eq!(items(&mut admin, LOCKOUTS).await.len(), 1);
    let own = "on their own device only";
    assert!(admin.navigate("/lockouts").await.expect(200).text().contains(own));
    lock(&app, &ayse.email).await;
    let all = items(&mut admin, LOCKOUTS).await;
    assert_eq!((all.len(), &all[0]["user"]["id"]), (1, &json!(ayse.id)));
    assert!(!admin.navigate("/lockouts").await.expect(200).text().contains(own));
    let names = json!([{"kind": "identifier", "name": ayse.email}]);
    assert_eq!(admin.post("/api/lockouts/lift", json!({ "items": names })).await.expect(200).data()["done"], 1);
    assert!(items(&mut admin, LOCKOUTS).await.is_empty());
    for browser in &mut browsers {
        browser.sign_in(&ayse).await;
    }
}

async fn counters_without_a_lock_are_not_listed(app: TestApp) {
    let mut admin = administrator(&app).await;
    for number in 0..3 {
        fail(&app, &format!("guess{number}@example.org")).await.refused(401, "invalid_credentials");
    }
    lock(&app, "known@example.org").await;
    assert_eq!(items(&mut admin, LOCKOUTS).await[0]["name"], "known@example.org");
    app.pass(31 * MINUTE);
    let mut admin = app.signed_in(&app.existing_person("yonetici").await).await;
    assert!(items(&mut admin, LOCKOUTS).await.is_empty());
}

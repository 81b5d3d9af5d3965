//! What administrators hear of others.

use serde_json::{Value, json};

use crate::support::events::Events;
use crate::support::{Browser, MINUTE, PASSWORD, Person, TestApp};

both![
    lists_of_others_are_sent_to_those_who_may_see_them,
    changes_are_sent_once_a_second_at_most,
    a_lost_right_silences_the_stream,
    administrators_hear_who_became_one_and_who_is_none_any_more,
    every_way_to_become_an_administrator_is_heard,
];

async fn signed_in(app: &TestApp, name: &str, role: &str) -> (Person, Browser) {
    let person = app.person_with(name, role, PASSWORD).await;
    let browser = app.signed_in(&person).await;
    (person, browser)
}

/// Reads events until one has this name and data.
async fn hear(events: &mut Events, name: &str, data: &Value) {
    while events.next().await.unwrap_or_else(|| panic!("the stream ended before {name} {data}"))
        != (name.to_owned(), data.clone())
    {}
}

async fn grant(app: &TestApp, person: &Person, permission: &str) {
    app.database
        .execute(&format!("UPDATE users SET permissions = '[\"{permission}\"]' WHERE id = '{}'", person.id))
        .await;
}

async fn lists_of_others_are_sent_to_those_who_may_see_them(app: TestApp) {
    let (_, mut admin) = signed_in(&app, "yonetici", "admin").await;
    let (helper, mut helin) = signed_in(&app, "helin", "staff").await;
    grant(&app, &helper, "audit:view").await;
    let (ayse, mut browser) = signed_in(&app, "ayse", "staff").await;
    app.listen_for_notices().await;
    let (mut all, mut audit, mut own) = (admin.events().await, helin.events().await, browser.events().await);
    let what = |part: &str| json!({ "what": part });
    app.browser().try_password(&ayse.email, "a wrong password").await.refused(401, "invalid_credentials");
    hear(&mut audit, "desk-changed", &what("audit")).await;
    hear(&mut all, "desk-changed", &what("audit")).await;
    app.signed_in(&app.existing_person("yonetici").await).await;
    hear(&mut all, "desk-changed", &what("sessions")).await;
    admin.post("/api/users/create", json!({"email": "b@example.org", "name": "B", "role": "staff"})).await.expect(200);
    hear(&mut all, "desk-changed", &what("users")).await;
    for _ in 0..5 {
        app.browser().try_password("mehmet@example.org", "a wrong password").await;
    }
    hear(&mut all, "desk-changed", &what("lockouts")).await;
    // Others hear nothing of it: the next event of their stream is their own.
    app.change_user(&ayse).await;
    own.expect("user-changed").await;
    app.change_user(&helper).await;
    loop {
        match audit.next().await.expect("an event") {
            (name, _) if name == "user-changed" => break,
            event => assert_eq!(event, ("desk-changed".to_owned(), what("audit"))),
        }
    }
}

async fn changes_are_sent_once_a_second_at_most(app: TestApp) {
    let (_, mut admin) = signed_in(&app, "yonetici", "admin").await;
    let (ayse, _) = signed_in(&app, "ayse", "staff").await;
    app.listen_for_notices().await;
    let mut events = admin.events().await;
    let begun = std::time::Instant::now();
    for _ in 0..30 {
        app.change_user(&ayse).await;
        admin.post("/api/users/unlock", json!({"ids": [ayse.id]})).await.expect(200);
        admin.post("/api/users/disable", json!({"ids": [ayse.id]})).await.expect(200);
        admin.post("/api/users/enable", json!({"ids": [ayse.id]})).await.expect(200);
    }
    // The last change is always told.
    app.disable(&ayse).await;
    app.change_user(&app.existing_person("yonetici").await).await;
    let mut told = 0;
    loop {
        match events.next().await.expect("an event") {
            (name, _) if name == "user-changed" => break,
            (name, data) => told += u128::from(name == "desk-changed" && data == json!({"what": "users"})),
        }
    }
    let seconds = begun.elapsed().as_secs();
    assert!(told <= u128::from(seconds) + 1, "{told} events in {seconds} seconds");
    hear(&mut events, "desk-changed", &json!({"what": "users"})).await;
}

async fn a_lost_right_silences_the_stream(app: TestApp) {
    let (_, mut admin) = signed_in(&app, "yonetici", "admin").await;
    let (helper, mut helin) = signed_in(&app, "helin", "staff").await;
    grant(&app, &helper, "users:manage").await;
    app.listen_for_notices().await;
    let mut events = helin.events().await;
    let version = app.database.number(&format!("SELECT version FROM users WHERE id = '{}'", helper.id)).await;
    let change = json!({"id": helper.id, "version": version, "permissions": []});
    admin.post("/api/users/update", change).await.expect(200);
    hear(&mut events, "user-changed", &json!({})).await;
    admin.post("/api/users/create", json!({"email": "b@example.org", "name": "B", "role": "staff"})).await.expect(200);
    app.change_user(&helper).await;
    assert_eq!(events.next().await, Some(("user-changed".to_owned(), json!({}))));
}

async fn administrators_hear_who_became_one_and_who_is_none_any_more(app: TestApp) {
    let (boss, mut admin) = signed_in(&app, "yonetici", "admin").await;
    let (ayse, mut browser) = signed_in(&app, "ayse", "staff").await;
    let (_, mut manager) = signed_in(&app, "mudur", "manager").await;
    app.listen_for_notices().await;
    let mut events = admin.events().await;
    let (mut own, mut other) = (browser.events().await, manager.events().await);
    let change = |is: bool| json!({"name": "Ayse Yilmaz", "is": is});
    admin.post("/api/users/assign", json!({"ids": [ayse.id], "role": "admin"})).await.expect(200);
    hear(&mut events, "administrator-changed", &change(true)).await;
    admin.post("/api/users/assign", json!({"ids": [ayse.id], "role": "staff"})).await.expect(200);
    hear(&mut events, "administrator-changed", &change(false)).await;
    // Neither the person nor anybody else hears of it.
    app.change_user(&boss).await;
    app.change_user(&app.existing_person("mudur").await).await;
    assert_eq!(other.next().await, Some(("user-changed".to_owned(), json!({}))));
    app.disable(&ayse).await;
    loop {
        let (name, _) = own.next().await.expect("an event");
        assert_ne!(name, "administrator-changed");
        if name == "session-ended" {
            break;
        }
    }
}

async fn every_way_to_become_an_administrator_is_heard(app: TestApp) {
    let (_, mut admin) = signed_in(&app, "yonetici", "admin").await;
    let (ayse, _) = signed_in(&app, "ayse", "admin").await;
    app.listen_for_notices().await;
    let mut events = admin.events().await;
    let change = |name: &str, is: bool| json!({"name": name, "is": is});
    app.disable(&ayse).await;
    hear(&mut events, "administrator-changed", &change("Ayse Yilmaz", false)).await;
    app.enable(&ayse).await;
    hear(&mut events, "administrator-changed", &change("Ayse Yilmaz", true)).await;
    admin.post("/api/users/delete", json!({"ids": [ayse.id]})).await.expect(200);
    hear(&mut events, "administrator-changed", &change("Ayse Yilmaz", false)).await;
    // Somebody invited is one only after choosing a password.
    let made = json!({"email": "irmak@example.org", "name": "Irmak", "role": "admin"});
    let made = admin.post("/api/users/create", made).await.expect(200).data();
    let token = made["activationUrl"].as_str().unwrap().split_once("token=").unwrap().1.to_owned();
    app.pass(MINUTE);
    app.browser()
        .post("/api/activate", json!({"token": token, "password": "nine umbrellas in the garden"}))
        .await
        .expect(200);
    hear(&mut events, "administrator-changed", &change("Irmak", true)).await;
}

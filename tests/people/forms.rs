//! The same without scripts: forms lead to pages that say what happened.

use super::{administrator, one};
use crate::support::{Browser, PASSWORD, TestApp};

both![
    a_new_person_is_added_and_the_link_is_shown_once,
    an_act_on_those_who_are_ticked_says_what_happened,
    the_persons_page_edits_and_deletes,
    what_one_session_did_is_not_shown_to_another,
    a_change_of_rights_is_reviewed_first,
];

/// Posts a form of a page and opens the page that it leads to.
async fn submit(browser: &mut Browser, from: &str, action: &str, fields: &[(&str, &str)]) -> String {
    let to = browser.submit(from, action, fields).await.see_other().to_owned();
    browser.navigate(to.split('#').next().unwrap()).await.expect(200).text().to_owned()
}

async fn a_new_person_is_added_and_the_link_is_shown_once(app: TestApp) {
    let mut admin = administrator(&app).await;
    let fields = [
        ("email", "ayla@example.org"),
        ("name", "Ayla"),
        ("role", "staff"),
        ("labels", "a, b"),
        ("phone", ""),
        ("permissions", ""),
        ("permissions", "reports:access"),
        ("redirect", "/users"),
    ];
    let page = submit(&mut admin, "/users/new", "/api/users/create", &fields).await;
    assert!(page.contains("/activate?token=") && page.contains("Give this link to Ayla"), "{page}");
    assert!(page.contains("Done for 1 person"), "{page}");
    let again = admin.navigate("/users").await.expect(200);
    assert!(!again.text().contains("token="), "{again}");
    let back = submit(
        &mut admin,
        "/users/new",
        "/api/users/create",
        &[("email", "ayla@example.org"), ("name", "B"), ("role", "staff")],
    )
    .await;
    assert!(back.contains("value=\"B\"") && back.contains("email-error"), "{back}");
}

async fn an_act_on_those_who_are_ticked_says_what_happened(app: TestApp) {
    let mut admin = administrator(&app).await;
    let me = app.existing_person("yonetici").await;
    let ayse = app.person("ayse").await;
    let page = submit(
        &mut admin,
        "/users",
        "/api/users/disable",
        &[
            ("ids", &ayse.id),
            ("ids", &me.id),
            ("assign.role", ""),
            ("assign.addLabels", ""),
            ("assign.removeLabels", ""),
            ("redirect", "/users?q=a"),
        ],
    )
    .await;
    assert!(
        page.contains("Done for 1 person.") && page.contains("Yonetici Yilmaz: is the last administrator"),
        "{page}"
    );
    let fields = [
        ("ids", ayse.id.as_str()),
        ("assign.role", "viewer"),
        ("assign.addLabels", "x, y"),
        ("assign.removeLabels", ""),
        ("redirect", "/users"),
    ];
    assert!(submit(&mut admin, "/users", "/api/users/assign", &fields).await.contains("Done for 1 person."));
    let user = one(&mut admin, &ayse.id).await;
    assert_eq!((user["role"].as_str(), user["labels"].as_array().map(Vec::len)), (Some("viewer"), Some(2)));
    let nobody = admin.submit("/users", "/api/users/enable", &[]).await;
    assert!(nobody.see_other().ends_with("/users?error=validation_failed"), "{nobody}");
}

async fn the_persons_page_edits_and_deletes(app: TestApp) {
    let mut admin = administrator(&app).await;
    let ayse = app.person("ayse").await;
    let path = format!("/users/{}", ayse.id);
    let saved = format!("{path}?saved=person");
    let fields = [
        ("id", ayse.id.as_str()),
        ("version", "1"),
        ("name", "Ayşe Kaya"),
        ("email", "ayse@example.org"),
        ("role", "member"),
        ("phone", ""),
        ("labels", "x, y"),
        ("permissions", ""),
        ("permissions", "reports:access"),
        ("redirect", &saved),
    ];
    let page = submit(&mut admin, &path, "/api/users/update", &fields).await;
    assert!(page.contains("Saved.") && page.contains("Ayşe Kaya"), "{page}");
    let user = one(&mut admin, &ayse.id).await;
    assert_eq!((&user["phone"], user["labels"].as_array().unwrap().len()), (&serde_json::Value::Null, 2));
    assert!(user["permissions"].as_array().unwrap().contains(&"reports:access".into()), "{user}");
    // With nothing ticked, the grants go.
    let none = [("id", ayse.id.as_str()), ("version", "2"), ("permissions", ""), ("redirect", &saved)];
    submit(&mut admin, &path, "/api/users/update", &none).await;
    assert!(!one(&mut admin, &ayse.id).await["permissions"].as_array().unwrap().contains(&"reports:access".into()));
    let stale = submit(&mut admin, &path, "/api/users/update", &fields).await;
    assert!(stale.contains("Somebody else changed this person"), "{stale}");
    let wrong = submit(
        &mut admin,
        &path,
        "/api/users/delete",
        &[("ids", &ayse.id), ("confirmEmail", "x"), ("redirect", "/users")],
    )
    .await;
    assert!(wrong.contains("That is not this person"), "{wrong}");
    let gone = submit(
        &mut admin,
        &path,
        "/api/users/delete",
        &[("ids", &ayse.id), ("confirmEmail", &ayse.email), ("redirect", "/users")],
    )
    .await;
    assert!(gone.contains("Done for 1 person."), "{gone}");
    admin.navigate(&path).await.expect(404);
}

async fn what_one_session_did_is_not_shown_to_another(app: TestApp) {
    let mut admin = administrator(&app).await;
    let ayse = app.person("ayse").await;
    admin.submit("/users", "/api/users/reset-link", &[("ids", &ayse.id), ("redirect", "/users")]).await.see_other();
    // The same browser, signed in as somebody else in between, still has the flash cookie.
    let other = app.person_with("baska", "admin", PASSWORD).await;
    let mut stolen = app.signed_in(&other).await;
    stolen.set_cookie("flash", &admin.cookie("flash").expect("a flash"));
    assert!(!stolen.navigate("/users").await.expect(200).text().contains("token="));
    assert!(admin.navigate("/users").await.expect(200).text().contains("token="));
}

async fn a_change_of_rights_is_reviewed_first(app: TestApp) {
    let mut admin = administrator(&app).await;
    let (me, ayse) = (app.existing_person("yonetici").await, app.person("ayse").await);
    let review = format!("/users/{}?review=rights&role=viewer&permissions=users:manage", ayse.id);
    let page = admin.navigate(&review).await.expect(200);
    for words in ["New role: Viewer.", "Ayse Yilmaz gets:", "Ayse Yilmaz loses:", "Manage users", "Reports", "Messages"]
    {
        assert!(page.text().contains(words), "{words}: {page}");
    }
    let save = |id: &str, role: &str| {
        let fields =
            [("id", id), ("version", "1"), ("role", role), ("permissions", ""), ("permissions", "users:manage")];
        fields.map(|(name, value)| (name.to_owned(), value.to_owned()))
    };
    let submit = async |admin: &mut Browser, from: &str, fields: [(String, String); 5]| {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let to = admin.submit(from, "/api/users/update", &fields).await.see_other().to_owned();
        admin.navigate(&to).await.expect(200).text().to_owned()
    };
    submit(&mut admin, &review, save(&ayse.id, "viewer")).await;
    assert_eq!(one(&mut admin, &ayse.id).await["permissions"], serde_json::json!(["users:manage", "reports:access"]));
    let stale = submit(&mut admin, &review, save(&ayse.id, "staff")).await;
    assert_eq!(stale.matches("Somebody else").count(), 1, "{stale}");
    let mine = format!("/users/{}?review=rights&role=staff", me.id);
    let last = submit(&mut admin, &mine, save(&me.id, "staff")).await;
    assert!(last.contains("last administrator who can sign in") && !last.contains("Somebody else"), "{last}");
    for odd in ["role=nothing", "role=viewer&permissions=root", "role=viewer&version=1", "x=y"] {
        admin.navigate(&format!("/users/{}?review=rights&{odd}", ayse.id)).await.expect(200);
    }
}

use serde_json::json;

use super::{administrator, list, names, new};
use crate::support::{DAY, MINUTE, TestApp};

both![
    names_are_found_in_every_spelling,
    people_are_found_by_any_part,
    filters_narrow_the_list,
    pages_have_no_gaps_in_any_order,
    an_entry_has_the_contracts_fields,
    malformed_queries_are_refused,
    the_page_shows_filters_as_chips,
];

async fn names_are_found_in_every_spelling(app: TestApp) {
    let mut admin = administrator(&app).await;
    admin
        .post("/api/users/create", json!({"email": "x@example.org", "name": "Işıl ÖĞÜT", "role": "staff"}))
        .await
        .expect(200);
    for q in ["isil", "I%C5%9EIL", "%C4%B1%C5%9F%C4%B1l", "%C4%B0S%C4%B0L", "ogut+i%C5%9F", "%20%20OGUT"] {
        assert_eq!(names(&mut admin, &format!("q={q}")).await, ["Işıl ÖĞÜT"], "{q}");
    }
    assert!(names(&mut admin, "q=isil+nobody").await.is_empty());
}

async fn people_are_found_by_any_part(app: TestApp) {
    let mut admin = administrator(&app).await;
    let mut person = new("zeynep");
    person["phone"] = "+90 (312) 555 00-11".into();
    person["labels"] = json!(["Gönüllü", "50%_off"]);
    let made = admin.post("/api/users/create", person).await.expect(200).data();
    let id = made["user"]["id"].as_str().unwrap();
    for q in ["zey", "nep%40exam", "5550011", "555+00", "gonullu", id, &id[9..20], "50%25_"] {
        assert_eq!(names(&mut admin, &format!("q={q}")).await, ["zeynep"], "{q}");
    }
    for q in ["%25", "_", "%5C", "%27"] {
        assert!(names(&mut admin, &format!("q={q}")).await.len() <= 1, "{q} stands for itself");
    }
    // The index follows a change, whoever makes it.
    let mut zeynep = app.browser();
    zeynep.post("/api/activate", json!({"token": super::token(made["activationUrl"].as_str().unwrap()), "password": crate::support::PASSWORD})).await.expect(200);
    zeynep.try_password("zeynep@example.org", crate::support::PASSWORD).await.expect(200);
    zeynep.post("/api/account/profile", json!({"name": "Leyla"})).await.expect(200);
    assert_eq!(names(&mut admin, "q=leyla").await, ["Leyla"]);
    assert_eq!(names(&mut admin, "q=zeynep").await, ["Leyla"], "still by the email");
}

async fn filters_narrow_the_list(app: TestApp) {
    let viewer = app.person_with("vildan", "viewer", crate::support::PASSWORD).await;
    app.signed_in(&viewer).await;
    let gone = app.person("galip").await;
    app.disable(&gone).await;
    app.invited("irmak").await;
    let locked = app.person("kadir").await;
    for _ in 0..5 {
        app.browser().try_password(&locked.email, "wrong wrong wrong").await;
    }
    let mut admin = administrator(&app).await;
    let mut labelled = new("leman");
    labelled["labels"] = json!(["Ankara"]);
    admin.post("/api/users/create", labelled).await.expect(200);
    let found =
        |names: Vec<String>| names.iter().map(|name| name.split(' ').next().unwrap().to_owned()).collect::<Vec<_>>();
    for (query, wanted) in [
        ("role=viewer", vec!["Vildan"]),
        ("state=disabled", vec!["Galip"]),
        ("state=locked", vec!["Kadir"]),
        ("state=invited", vec!["Irmak", "leman"]),
        ("state=active", vec!["Vildan", "Yonetici"]),
        ("label=Ankara", vec!["leman"]),
        ("label=Ank", vec![]),
        ("lastActive=never", vec!["Galip", "Irmak", "Kadir", "leman"]),
        ("lastActive=30", vec![]),
        ("role=staff&state=invited&q=irm", vec!["Irmak"]),
    ] {
        assert_eq!(found(names(&mut admin, query).await), wanted, "{query}");
        assert_eq!(list(&mut admin, query).await["total"], wanted.len(), "{query}");
    }
    app.pass(31 * DAY);
    let again = app.existing_person("yonetici").await;
    let mut admin = app.signed_in(&again).await;
    assert_eq!(found(names(&mut admin, "lastActive=30").await), ["Vildan"]);
    assert_eq!(found(names(&mut admin, "lastActive=90").await), [""; 0]);
}

async fn pages_have_no_gaps_in_any_order(app: TestApp) {
    let mut admin = administrator(&app).await;
    for name in ["ayla", "berk", "can", "can2", "deniz", "efe", "figen"] {
        app.pass(MINUTE / 10);
        admin.post("/api/users/create", new(name)).await.expect(200);
    }
    let sorts = ["name", "-name", "lastActive", "-lastActive", "createdAt", "-createdAt"];
    // All of them, and some by a search, by another filter, and by both.
    let filters = [("", 8), ("&q=example.org", 8), ("&q=can", 2), ("&role=staff", 7), ("&q=a&role=staff", 7)];
    for (sort, (filter, count)) in sorts.iter().flat_map(|sort| filters.iter().map(move |filter| (sort, filter))) {
        let whole = names(&mut admin, &format!("sort={sort}{filter}")).await;
        assert_eq!(whole.len(), *count, "{sort}{filter}");
        let (mut pages, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = list(&mut admin, &format!("sort={sort}{filter}&limit=3{cursor}")).await;
            pages
                .extend(page["items"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap().to_owned()));
            assert_eq!(page["total"], *count);
            match page["nextCursor"].as_str() {
                Some(next) => cursor = format!("&cursor={}", next.replace(' ', "+")),
                None => break,
            }
        }
        assert_eq!(pages, whole, "{sort}{filter}");
    }
    let (up, mut down) = (names(&mut admin, "").await, names(&mut admin, "sort=-name").await);
    down.reverse();
    assert_eq!(up, down);
    assert_eq!(up[0], "ayla");
    assert_eq!(names(&mut admin, "sort=-createdAt").await[0], "figen");
}

async fn an_entry_has_the_contracts_fields(app: TestApp) {
    let mut admin = administrator(&app).await;
    let item = list(&mut admin, "").await["items"][0].clone();
    let keys: Vec<&String> = item.as_object().unwrap().keys().collect();
    assert_eq!(
        keys,
        [
            "id",
            "email",
            "name",
            "role",
            "permissions",
            "isActive",
            "phone",
            "labels",
            "avatar",
            "createdAt",
            "updatedAt",
            "lastLogin",
            "state",
            "liveSessions",
            "lastActiveAt",
            "version"
        ]
        .iter()
        .collect::<std::collections::BTreeSet<_>>()
        .into_iter()
        .collect::<Vec<_>>()
    );
    assert_eq!((&item["state"], &item["liveSessions"], &item["version"]), (&json!("active"), &json!(1), &json!(1)));
    assert_eq!(item["lastActiveAt"], item["lastLogin"]);
}

async fn malformed_queries_are_refused(app: TestApp) {
    let mut admin = administrator(&app).await;
    for bad in [
        "state=gone",
        "lastActive=31",
        "sort=email",
        "limit=0",
        "limit=201",
        "cursor=x",
        "unknown=1",
        "q=a&q=b",
        "sort=createdAt&cursor=a.b",
    ] {
        admin.get(&format!("/api/users?{bad}")).await.refused(400, "invalid_request");
    }
    for odd in ["role=%00", "q=%00", "label=%00%22", "q=%F0%9F%98%80", "cursor=a.b"] {
        admin.get(&format!("/api/users?{odd}")).await.expect(200);
    }
}

async fn the_page_shows_filters_as_chips(app: TestApp) {
    let mut admin = administrator(&app).await;
    admin.post("/api/users/create", new("ayla")).await.expect(200);
    let page = admin.navigate("/users?q=ay&role=staff&state=&label=&lastActive=never&sort=-name").await.expect(200);
    assert!(page.text().contains("href=\"/users?role=staff&amp;lastActive=never&amp;sort=-name\""), "{page}");
    assert!(page.text().contains("href=\"/users?q=ay&amp;lastActive=never&amp;sort=-name\""), "{page}");
    assert!(page.text().contains("1 person") && page.text().contains("ayla@example.org"), "{page}");
    let odd = admin.navigate("/users?state=gone").await.expect(200);
    assert!(odd.text().contains("could not be understood") && odd.text().contains("2 people"), "{odd}");
    assert!(admin.navigate("/users?q=nobody-at-all").await.expect(200).text().contains("Nobody matches"));
}

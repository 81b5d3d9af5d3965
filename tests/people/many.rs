//! Acts on everybody whom a filter finds, and jobs for more people than a request should wait for.

use serde_json::{Value, json};

use super::{USERS, act, administrator, grant, one, texts};
use crate::support::{Browser, MINUTE, PASSWORD, SECOND, TestApp, wait_until};

both![
    a_filter_touches_everybody_it_finds_but_the_caller,
    a_filter_never_touches_more_than_was_shown,
    exactly_one_way_to_choose_people_is_accepted,
    every_filter_of_the_list_finds_the_same_people,
    more_than_two_hundred_become_a_job,
    a_job_is_shown_to_its_session_alone,
    a_job_ends_with_the_rights_or_the_session_of_its_caller,
    a_silent_job_counts_as_interrupted,
    more_than_two_hundred_sessions_end_by_a_job,
    a_search_that_finds_thousands_of_people_finds_all_their_sessions,
    the_page_asks_before_it_acts_on_everybody,
    links_and_deletions_take_ids_alone,
];

/// Adds people named `p0000` and so on, in the role `viewer`.
async fn crowd(app: &TestApp, count: usize) {
    let id = |n: usize| format!("p{n:04}");
    let users: Vec<String> = (0..count)
        .map(|n| format!("('{0}', '{0}@example.org', '{0}', 'viewer', '[]', TRUE, '[]', 'x', 1, 1, 1)", id(n)))
        .collect();
    let columns =
        "(id, email, name, role, permissions, is_active, labels, password_hash, created_at, updated_at, version)";
    app.database.execute(&format!("INSERT INTO users {columns} VALUES {}", users.join(", "))).await;
    let search: Vec<String> = (0..count).map(|n| format!("('{0}', '{0}', ' {0} ', 1)", id(n))).collect();
    let columns = "(name_key, user_id, hay, folded)";
    app.database.execute(&format!("INSERT INTO user_search {columns} VALUES {}", search.join(", "))).await;
}

/// Adds a live session to each of these people of a [`crowd`].
async fn sessions(app: &TestApp, people: impl IntoIterator<Item = usize>) {
    let (now, end) = (app.now(), app.now() + 3_600_000);
    let blob = |n: usize| match app.database.backend() {
        crate::support::Backend::Sqlite => format!("x'{n:064x}'"),
        crate::support::Backend::Postgres => format!("'\\x{n:064x}'::bytea"),
    };
    let row =
        |n: usize| format!("('sid_{n:022}', {n}, {}, 'p{n:04}', FALSE, {now}, {now}, {end}, {now}, '', '')", blob(n));
    let rows: Vec<String> = people.into_iter().map(row).collect();
    let columns = "(handle, id_key, id_hash, user_id, remembered, started_at, last_seen_at, expires_at, proved_at, address, user_agent)";
    app.database.execute(&format!("INSERT INTO sessions {columns} VALUES {}", rows.join(", "))).await;
}

async fn job(browser: &mut Browser, id: &str) -> Value {
    browser.get(&format!("/api/jobs/{id}")).await.expect(200).data()
}

/// Waits until a job no longer runs.
async fn ended(app: &TestApp, browser: &mut Browser, id: &str) -> Value {
    wait_until("the end of the job", async || {
        app.database.number(&format!("SELECT count(*) FROM jobs WHERE id = '{id}' AND state = 'running'")).await == 0
    })
    .await;
    job(browser, id).await
}

async fn a_filter_touches_everybody_it_finds_but_the_caller(app: TestApp) {
    let mut admin = administrator(&app).await;
    for name in ["ayse", "aylin", "berk"] {
        app.person(name).await;
    }
    let body = json!({"filter": {"q": "yilmaz"}, "expected": 3, "reason": "a test"});
    let done = admin.post("/api/users/disable", body).await.expect(200).data();
    assert_eq!((&done["done"], &done["refused"]), (&json!(3), &json!([])));
    assert!(admin.is_signed_in().await, "whoever asks is never among them");
    assert_eq!(texts(&app, "SELECT email FROM users WHERE is_active").await, ["yonetici@example.org"]);
    let body = json!({"filter": {"q": "ay", "state": "disabled"}, "expected": 9});
    assert_eq!(admin.post("/api/users/enable", body).await.expect(200).data()["done"], 2);
    let body = json!({"filter": {}, "expected": 3, "addLabels": ["hepsi"], "role": "viewer"});
    assert_eq!(admin.post("/api/users/assign", body).await.expect(200).data()["done"], 3);
    assert_eq!(
        app.database.number("SELECT count(*) FROM users WHERE role = 'viewer' AND labels = '[\"hepsi\"]'").await,
        3
    );
    for what in ["require-password", "unlock", "remove-picture"] {
        let body = json!({"filter": {"role": "viewer"}, "expected": 3});
        assert_eq!(admin.post(&format!("{USERS}/{what}"), body).await.expect(200).data()["done"], 3, "{what}");
    }
}

async fn a_filter_never_touches_more_than_was_shown(app: TestApp) {
    let mut admin = administrator(&app).await;
    crowd(&app, 3).await;
    let before = app.database.dump().await;
    let body = json!({"filter": {"role": "viewer"}, "expected": 2});
    let refused = admin.post("/api/users/disable", body).await.refused(409, "conflict");
    assert_eq!(refused["count"], 3);
    assert_eq!(texts(&app, "SELECT id FROM users WHERE NOT is_active").await, [""; 0]);
    assert_eq!(app.database.dump().await.matches("p0001@").count(), before.matches("p0001@").count());
}

async fn exactly_one_way_to_choose_people_is_accepted(app: TestApp) {
    let mut admin = administrator(&app).await;
    let ayse = app.person("ayse").await;
    for what in ["disable", "enable", "unlock", "require-password", "remove-picture", "assign"] {
        let path = format!("{USERS}/{what}");
        for bad in [
            json!({"ids": [ayse.id], "filter": {}, "expected": 5}),
            json!({"ids": [], "filter": {}, "expected": 5}),
            json!({"filter": {}}),
            json!({"ids": [ayse.id], "expected": 1}),
            json!({"expected": 1}),
            json!({"filter": {"limit": 1}, "expected": 5}),
            json!({"filter": {"state": "gone"}, "expected": 5}),
            json!({"filter": {}, "expected": -1}),
            json!({"filter": {}, "expected": "5"}),
        ] {
            admin.post(&path, bad.clone()).await.refused(400, "invalid_request");
        }
        for nobody in [json!({}), json!({"ids": []})] {
            admin.post(&path, nobody).await.refused(422, "validation_failed");
        }
    }
    assert_eq!(one(&mut admin, &ayse.id).await["version"], 1);
}

async fn every_filter_of_the_list_finds_the_same_people(app: TestApp) {
    let mut admin = administrator(&app).await;
    let me = app.existing_person("yonetici").await;
    crowd(&app, 2).await;
    app.person("ayse").await;
    app.invited("irmak").await;
    for (query, filter) in [
        ("", json!({})),
        ("q=p00", json!({"q": "p00"})),
        ("role=viewer", json!({"role": "viewer"})),
        ("state=invited", json!({"state": "invited"})),
        ("lastActive=never", json!({"lastActive": "never"})),
        ("lastActive=30", json!({"lastActive": "30"})),
        ("label=x", json!({"label": "x"})),
        ("role=staff&sort=-name", json!({"role": "staff", "sort": "-name"})),
    ] {
        let listed = super::list(&mut admin, query).await;
        let others = listed["items"].as_array().unwrap().iter().filter(|item| item["id"] != me.id.as_str()).count();
        let body = json!({"filter": filter, "expected": others});
        let answer = admin.post("/api/users/unlock", body).await;
        assert_eq!(answer.expect(200).data()["done"], others, "{query}");
        if others > 0 {
            let body = json!({"filter": filter, "expected": others - 1});
            assert_eq!(admin.post("/api/users/unlock", body).await.refused(409, "conflict")["count"], others);
        }
    }
}

async fn more_than_two_hundred_become_a_job(app: TestApp) {
    let mut admin = administrator(&app).await;
    crowd(&app, 201).await;
    // One of them has rights that nobody but an administrator has, and stays reachable.
    let body = json!({"filter": {"role": "viewer"}, "expected": 201, "reason": "a test"});
    let begun = admin.post("/api/users/disable", body).await.expect(202).json()["data"]["job"].clone();
    assert_eq!((&begun["total"], &begun["state"]), (&json!(201), &json!("running")));
    let id = begun["id"].as_str().unwrap();
    let done = ended(&app, &mut admin, id).await;
    assert_eq!(done, json!({"id": id, "state": "done", "total": 201, "done": 201, "refused": []}));
    assert_eq!(app.audited("user_disabled").await, 201);
    let page = admin.navigate("/users").await.expect(200);
    assert!(page.text().contains("Done: 201 of 201."), "{page}");
    app.pass(10 * MINUTE + SECOND);
    let mut admin = app.signed_in(&app.existing_person("yonetici").await).await;
    assert!(!admin.navigate("/users").await.expect(200).text().contains("Done: 201"));
    // By ids too; what can't be done is said for each.
    let ids: Vec<String> = (0..201).map(|n| format!("p{n:04}")).chain(["nobody".to_owned()]).collect();
    let begun = admin.post("/api/users/enable", json!({ "ids": ids })).await.expect(202).json()["data"]["job"].clone();
    let done = ended(&app, &mut admin, begun["id"].as_str().unwrap()).await;
    assert_eq!((&done["done"], &done["total"]), (&json!(201), &json!(202)));
    assert_eq!(done["refused"], json!([{"id": "nobody", "code": "not_found"}]));
}

async fn a_job_is_shown_to_its_session_alone(app: TestApp) {
    let mut admin = administrator(&app).await;
    crowd(&app, 201).await;
    let body = json!({"filter": {"role": "viewer"}, "expected": 201});
    let begun = admin.post("/api/users/unlock", body).await.expect(202).json()["data"]["job"].clone();
    let path = format!("/api/jobs/{}", begun["id"].as_str().unwrap());
    ended(&app, &mut admin, begun["id"].as_str().unwrap()).await;
    let mut elsewhere = app.signed_in(&app.existing_person("yonetici").await).await;
    elsewhere.get(&path).await.refused(404, "not_found");
    app.browser().get(&path).await.refused(401, "unauthenticated");
    for odd in ["/api/jobs/", "/api/jobs/nothing", "/api/jobs/%00", "/api/jobs/a/b"] {
        admin.get(odd).await.refused(404, "not_found");
    }
    assert!(!elsewhere.navigate("/users").await.expect(200).text().contains("Done: 201"));
    admin.get(&path).await.expect(200);
}

async fn a_job_ends_with_the_rights_or_the_session_of_its_caller(app: TestApp) {
    let mut admin = administrator(&app).await;
    crowd(&app, 400).await;
    let helper = app.person("helin").await;
    grant(&app, &helper, r#"["users:manage", "reports:access"]"#).await;
    let mut helin = app.signed_in(&helper).await;
    // While writes wait, the first batch can't begin.
    let lock = app.database.lock_writes().await;
    let body = json!({"filter": {"role": "viewer"}, "expected": 400});
    let path = "/api/users/disable";
    let token = helin.ensure_token().await;
    let begin = async { helin.fetch("POST", path).header("x-csrf-token", &token).json(&body).send().await };
    let release = async {
        tokio::task::yield_now().await;
        lock.release().await;
    };
    let (begun, ()) = tokio::join!(begin, release);
    let begun = begun.expect(202).json()["data"]["job"].clone();
    let id = begun["id"].as_str().unwrap().to_owned();
    act(&mut admin, "disable", &[&helper.id]).await.expect(200);
    wait_until("the end of the job", async || {
        app.database.number(&format!("SELECT count(*) FROM jobs WHERE id = '{id}' AND state = 'running'")).await == 0
    })
    .await;
    let rows = app.database.texts(&format!("SELECT state, CAST(done AS TEXT) FROM jobs WHERE id = '{id}'")).await;
    let disabled = app.database.number("SELECT count(*) FROM users WHERE NOT is_active AND id LIKE 'p%'").await;
    assert_eq!(rows[0][1], disabled.to_string(), "what is written is what is done");
    if disabled < 400 {
        assert_eq!(rows[0][0], "interrupted");
    }
}

async fn a_silent_job_counts_as_interrupted(app: TestApp) {
    let mut admin = administrator(&app).await;
    let handle = app.handle_of(&admin).await;
    let now = app.now();
    app.database
        .execute(&format!(
            "INSERT INTO jobs (id, session, what, state, total, done, refused, created_at, updated_at)
             VALUES ('job_1', '{handle}', 'users', 'running', 500, 200, '[]', {now}, {now})"
        ))
        .await;
    assert_eq!(job(&mut admin, "job_1").await["state"], "running");
    let page = admin.navigate("/users").await.expect(200);
    assert!(page.text().contains("<progress max=\"500\" value=\"200\""), "{page}");
    app.pass(31 * SECOND);
    let silent = job(&mut admin, "job_1").await;
    assert_eq!((&silent["state"], &silent["done"]), (&json!("interrupted"), &json!(200)));
    assert!(admin.navigate("/users").await.expect(200).text().contains("Interrupted after 200 of 500"));
    app.database.execute("UPDATE jobs SET done = 6600, total = 10000").await;
    assert!(admin.navigate("/users").await.expect(200).text().contains("Interrupted after 6,600 of 10,000"));
}

async fn more_than_two_hundred_sessions_end_by_a_job(app: TestApp) {
    let mut admin = administrator(&app).await;
    crowd(&app, 201).await;
    sessions(&app, 0..201).await;
    let begun =
        admin.post("/api/sessions/end", json!({"everybodyElse": true})).await.expect(202).json()["data"]["job"].clone();
    let done = ended(&app, &mut admin, begun["id"].as_str().unwrap()).await;
    assert_eq!((&done["state"], &done["done"], &done["total"]), (&json!("done"), &json!(201), &json!(201)));
    assert_eq!(app.live_sessions().await, 1);
    assert!(admin.navigate("/sessions").await.expect(200).text().contains("Done: 201 of 201."));
    assert!(!admin.navigate("/users").await.expect(200).text().contains("Done: 201"), "it belongs to another page");
}

/// A search that finds more than 1,000 people names them by its patterns, and not one by one.
async fn a_search_that_finds_thousands_of_people_finds_all_their_sessions(app: TestApp) {
    let mut admin = administrator(&app).await;
    crowd(&app, 1_100).await;
    sessions(&app, [1, 500, 1_099]).await;
    // "example.org" is in no name, but in the administrator's email.
    let found = admin.get("/api/sessions?q=p").await.expect(200).data();
    assert_eq!(
        (&found["total"], &found["more"], found["items"].as_array().unwrap().len()),
        (&json!(4), &json!(null), 4)
    );
    let page = admin.navigate("/sessions?q=p&everybody=true").await.expect(200);
    assert!(page.text().contains("End 3 sessions"), "{page}");
    assert_eq!(admin.get("/api/sessions?q=p1099").await.expect(200).data()["total"], 1);
    let records = admin.get("/api/audit?actor=p&action=sign_in").await.expect(200).data();
    assert_eq!(records["items"].as_array().unwrap().len(), 1, "{records}");

    sessions(&app, (2..1_099).filter(|n| *n != 500)).await;
    let found = admin.get("/api/sessions?q=p").await.expect(200).data();
    assert_eq!((&found["total"], &found["more"]), (&json!(null), &json!(true)));
    let page = admin.navigate("/sessions?q=p&everybody=true").await.expect(200);
    assert!(page.text().contains("End 1,099 sessions"), "{page}");
}

async fn the_page_asks_before_it_acts_on_everybody(app: TestApp) {
    let mut admin = administrator(&app).await;
    crowd(&app, 3).await;
    let list = admin.navigate("/users?role=viewer").await.expect(200);
    assert!(list.text().contains("/users?role=viewer&amp;everybody=true#everybody"), "{list}");
    let page = admin.navigate("/users?role=viewer&everybody=true").await.expect(200);
    assert!(page.text().contains("All 3 people found, besides you"), "{page}");
    assert!(page.text().contains("name=\"filter.role\" value=\"viewer\""), "{page}");
    let with = |expected: &'static str| {
        let mut fields = vec![("filter.q", ""), ("filter.role", "viewer"), ("filter.label", ""), ("filter.state", "")];
        fields.extend([("filter.lastActive", ""), ("filter.sort", ""), ("expected", expected)]);
        fields.extend([
            ("assign.role", ""),
            ("assign.addLabels", "x"),
            ("assign.removeLabels", ""),
            ("redirect", "/users"),
        ]);
        fields
    };
    let from = "/users?role=viewer&everybody=true";
    let back = admin.submit(from, "/api/users/disable", &with("2")).await.see_other().to_owned();
    assert!(back.contains("error=conflict"), "{back}");
    let again = admin.navigate(&back).await.expect(200);
    assert!(again.text().contains("name=\"expected\" value=\"3\""), "{again}");
    assert_eq!(texts(&app, "SELECT id FROM users WHERE NOT is_active").await, [""; 0]);
    let to = admin.submit(from, "/api/users/assign", &with("3")).await.see_other().to_owned();
    assert!(admin.navigate(&to).await.expect(200).text().contains("Done for 3 people."));
    assert_eq!(app.database.number("SELECT count(*) FROM users WHERE labels = '[\"x\"]'").await, 3);
    let nobody = admin.navigate("/users?q=nobody&everybody=true").await.expect(200);
    assert!(nobody.text().contains("The filter finds nobody besides you."), "{nobody}");
}

async fn links_and_deletions_take_ids_alone(app: TestApp) {
    let mut admin = administrator(&app).await;
    app.person_with("ayse", "staff", PASSWORD).await;
    for what in ["reset-link", "delete"] {
        let body = json!({"filter": {}, "expected": 9});
        admin.post(&format!("{USERS}/{what}"), body).await.refused(400, "invalid_request");
    }
    let ids: Vec<String> = (0..201).map(|n| format!("x{n}")).collect();
    admin.post("/api/users/reset-link", json!({ "ids": ids })).await.refused(400, "invalid_request");
    assert_eq!(app.database.number("SELECT count(*) FROM users").await, 2);
}

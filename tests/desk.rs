//! Everybody's sessions and the audit, for administrators.

use serde_json::{Value, json};

use crate::support::{Answer, Backend, Browser, DAY, MINUTE, PASSWORD, TestApp, wait_until};

both![
    everybodys_sessions_are_listed_with_their_user,
    filters_take_nul,
    pages_of_sessions_have_no_gaps,
    sessions_end_by_handle_user_filter_or_all_at_once,
    a_filter_never_ends_more_than_was_shown,
    sessions_out_of_reach_are_left_out,
    exactly_one_way_to_choose_sessions_is_accepted,
    ending_sessions_needs_a_recent_sign_in,
    the_audit_is_found_by_person_action_result_address_and_time,
    the_audit_keeps_the_names_of_the_deleted,
    the_export_has_exactly_the_rows_of_the_filter,
    the_dashboard_counts_what_needs_a_look,
    everybody_elses_many_sessions_end_without_a_number,
    the_pages_work_without_scripts,
];

const SESSIONS: &str = "/api/sessions";
const END: &str = "/api/sessions/end";
const AUDIT: &str = "/api/audit";

pub async fn administrator(app: &TestApp) -> Browser {
    let admin = app.person_with("yonetici", "admin", PASSWORD).await;
    app.signed_in(&admin).await
}

pub async fn items(browser: &mut Browser, path: &str) -> Vec<Value> {
    browser.get(path).await.expect(200).data()["items"].as_array().unwrap().clone()
}

async fn end(browser: &mut Browser, what: Value) -> Answer {
    browser.post(END, what).await
}

async fn everybodys_sessions_are_listed_with_their_user(app: TestApp) {
    let ayse = app.person("ayse").await;
    app.pass(MINUTE);
    app.remembered(&ayse).await;
    app.pass(MINUTE);
    let mut admin = administrator(&app).await;
    let all = items(&mut admin, SESSIONS).await;
    assert_eq!(all.len(), 2);
    assert_eq!((&all[0]["current"], &all[1]["current"]), (&json!(true), &json!(false)));
    assert_eq!(all[1]["user"], json!({"id": ayse.id, "name": "Ayse Yilmaz", "email": ayse.email}));
    assert_eq!(all[1]["remembered"], true);
    for key in [
        "handle",
        "browser",
        "device",
        "address",
        "startedAt",
        "lastActiveAt",
        "expiresAt",
        "idleExpiresAt",
        "endedAt",
        "endReason",
        "endedBy",
    ] {
        assert!(all[1].get(key).is_some(), "{key}");
    }
    for (query, count) in [
        ("q=ay%C5%9Fe", 1),
        ("q=nobody", 0),
        (&*format!("user={}", ayse.id), 1),
        ("address=192.0.2.99", 0),
        ("user=%00", 0),
    ] {
        assert_eq!(items(&mut admin, &format!("{SESSIONS}?{query}")).await.len(), count, "{query}");
    }
    let own = all[0]["address"].as_str().unwrap();
    assert_eq!(items(&mut admin, &format!("{SESSIONS}?address={own}")).await.len(), 2);
    let mut handles = vec![all[1]["handle"].clone()];
    end(&mut admin, json!({ "handles": handles })).await.expect(200);
    assert_eq!(items(&mut admin, SESSIONS).await.len(), 1);
    let ended = items(&mut admin, &format!("{SESSIONS}?ended=true&user={}", ayse.id)).await;
    assert_eq!((&ended[0]["endReason"], &ended[0]["endedBy"]), (&json!("revoked"), &json!("Yonetici Yilmaz")));
    handles.clear();
    for bad in ["limit=0", "cursor=x", "cursor=1.%00", "unknown=1", "ended=maybe"] {
        admin.get(&format!("{SESSIONS}?{bad}")).await.refused(400, "invalid_request");
    }
}

/// PostgreSQL refuses NUL even in a comparison.
async fn filters_take_nul(app: TestApp) {
    let mut admin = administrator(&app).await;
    let texts = [
        ("users", &["q", "role", "label"][..]),
        ("sessions", &["q", "user", "address"]),
        ("audit", &["actor", "target", "address"]),
        ("lockouts", &["q"]),
    ];
    for (list, keys) in texts {
        for key in keys {
            for value in ["%00", "a%00b", "%00%00+x"] {
                admin.get(&format!("/api/{list}?{key}={value}")).await.expect(200);
            }
        }
    }
}

async fn pages_of_sessions_have_no_gaps(app: TestApp) {
    let ayse = app.person("ayse").await;
    for _ in 0..6 {
        app.signed_in(&ayse).await;
    }
    let mut admin = administrator(&app).await;
    let whole: Vec<Value> = items(&mut admin, SESSIONS).await.iter().map(|item| item["handle"].clone()).collect();
    assert_eq!(whole.len(), 7);
    let (mut pages, mut path) = (Vec::new(), format!("{SESSIONS}?limit=2"));
    loop {
        let page = admin.get(&path).await.expect(200).data();
        assert_eq!(page["total"], 7);
        pages.extend(page["items"].as_array().unwrap().iter().map(|item| item["handle"].clone()));
        match page["nextCursor"].as_str() {
            Some(cursor) => path = format!("{SESSIONS}?limit=2&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(pages, whole);
}

async fn sessions_end_by_handle_user_filter_or_all_at_once(app: TestApp) {
    let (ayse, ada) = (app.person("ayse").await, app.person("ada").await);
    let mut admin = administrator(&app).await;
    let mut browsers = [app.signed_in(&ayse).await, app.signed_in(&ayse).await];
    assert_eq!(
        end(&mut admin, json!({"userId": ayse.id})).await.expect(200).data(),
        json!({"ended": 2, "refused": []})
    );
    for browser in &mut browsers {
        assert_eq!(browser.get("/api/auth/session").await.refused(401, "unauthenticated")["reason"], "revoked");
    }
    let mut browsers = [app.signed_in(&ayse).await, app.signed_in(&ada).await];
    let found = json!({"filter": {"q": "ada"}, "expected": 1});
    assert_eq!(end(&mut admin, found).await.expect(200).data()["ended"], 1);
    assert!(browsers[0].is_signed_in().await && !browsers[1].is_signed_in().await);
    let mut second = app.signed_in(&app.existing_person("yonetici").await).await;
    assert_eq!(end(&mut admin, json!({"everybodyElse": true})).await.expect(200).data()["ended"], 1);
    assert!(!browsers[0].is_signed_in().await && second.is_signed_in().await && admin.is_signed_in().await);
    let mine = items(&mut second, &format!("{SESSIONS}?user={}", app.existing_person("yonetici").await.id)).await;
    let other = mine.iter().find(|item| item["current"] == false).unwrap()["handle"].clone();
    assert_eq!(end(&mut second, json!({"handles": [other, "sid_unknown"]})).await.expect(200).data()["ended"], 1);
    assert!(!admin.is_signed_in().await);
}

async fn a_filter_never_ends_more_than_was_shown(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut admin = administrator(&app).await;
    let mut browsers = [app.signed_in(&ayse).await, app.signed_in(&ayse).await];
    let refused = end(&mut admin, json!({"filter": {"user": ayse.id}, "expected": 1})).await.refused(409, "conflict");
    assert_eq!(refused["count"], 2);
    for browser in &mut browsers {
        assert!(browser.is_signed_in().await);
    }
    end(&mut admin, json!({"filter": {"user": ayse.id}, "expected": 2})).await.expect(200);
    assert!(!browsers[0].is_signed_in().await);
}

async fn sessions_out_of_reach_are_left_out(app: TestApp) {
    let mut admin = administrator(&app).await;
    let boss = app.existing_person("yonetici").await;
    let helper = app.person("helin").await;
    app.database
        .execute(&format!(r#"UPDATE users SET permissions = '["sessions:manage"]' WHERE id = '{}'"#, helper.id))
        .await;
    let mut helin = app.signed_in(&helper).await;
    let ada = app.signed_in(&app.person("ada").await).await;
    for what in [json!({"userId": boss.id}), json!({"filter": {"q": "yonetici"}, "expected": 1})] {
        let data = end(&mut helin, what).await.expect(200).data();
        assert_eq!(data, json!({"ended": 0, "refused": [{"id": boss.id, "code": "forbidden"}]}));
    }
    let data = end(&mut helin, json!({"everybodyElse": true})).await.expect(200).data();
    assert_eq!((&data["ended"], &data["refused"][0]["id"]), (&json!(1), &json!(boss.id)));
    assert!(admin.is_signed_in().await && !ada.clone().is_signed_in().await);
}

async fn exactly_one_way_to_choose_sessions_is_accepted(app: TestApp) {
    let mut admin = administrator(&app).await;
    for bad in [
        json!({}),
        json!({"everybodyElse": false}),
        json!({"handles": ["sid_a"], "userId": "x"}),
        json!({"filter": {}}),
        json!({"userId": "x", "expected": 1}),
        json!({"filter": {"role": "x"}, "expected": 1}),
        json!({"filter": {}, "expected": -1}),
        json!({"handles": "sid_a"}),
        json!({"handles": ["s d"]}),
        json!({"unknown": 1}),
    ] {
        end(&mut admin, bad).await.refused(400, "invalid_request");
    }
    end(&mut admin, json!({"handles": []})).await.refused(422, "validation_failed");
    assert!(admin.is_signed_in().await);
}

async fn ending_sessions_needs_a_recent_sign_in(app: TestApp) {
    let mut admin = administrator(&app).await;
    app.pass(15 * MINUTE);
    end(&mut admin, json!({"everybodyElse": true})).await.refused(403, "reauth_required");
    admin.get(SESSIONS).await.expect(200);
}

async fn the_audit_is_found_by_person_action_result_address_and_time(app: TestApp) {
    let ayse = app.person("ayse").await;
    app.browser().try_password(&ayse.email, "wrong wrong wrong").await;
    app.browser().try_password("nobody@example.org", "wrong wrong wrong").await;
    app.pass(2 * DAY);
    let mut admin = administrator(&app).await;
    admin.post("/api/users/disable", json!({"ids": [ayse.id]})).await.expect(200);
    let row = &items(&mut admin, &format!("{AUDIT}?action=user_disabled")).await[0];
    assert_eq!((&row["actor"]["name"], &row["target"]["name"]), (&json!("Yonetici Yilmaz"), &json!("Ayse Yilmaz")));
    assert_eq!((&row["result"], &row["details"]), (&json!("success"), &json!({})));
    let day = |at: i64| crate::support::iso_time(at)[..10].to_owned();
    let (today, before) = (day(app.now()), day(app.now() - 2 * DAY.as_millis() as i64));
    for (query, least, most) in [
        ("actor=yonet", 2, 9),
        ("actor=ayse", 0, 0),
        ("target=ay%C5%9Fe&action=sign_in_failed", 1, 1),
        ("target=nobody%40example.org", 1, 1),
        ("result=failure", 2, 2),
        ("result=success&action=sign_in_failed", 0, 0),
        ("address=192.0.2.250", 0, 0),
        (&*format!("from={today}&result=failure"), 0, 0),
        (&*format!("to={before}&result=failure"), 2, 2),
        (&*format!("from={before}&to={today}&action=user_disabled"), 1, 1),
        ("action=nothing", 0, 0),
    ] {
        let count = items(&mut admin, &format!("{AUDIT}?{query}")).await.len();
        assert!((least..=most).contains(&count), "{query}: {count}");
    }
    let whole: Vec<Value> = items(&mut admin, AUDIT).await.iter().map(|row| row["id"].clone()).collect();
    let (mut pages, mut path) = (Vec::new(), format!("{AUDIT}?limit=2"));
    loop {
        let page = admin.get(&path).await.expect(200).data();
        pages.extend(page["items"].as_array().unwrap().iter().map(|row| row["id"].clone()));
        match page["nextCursor"].as_str() {
            Some(cursor) => path = format!("{AUDIT}?limit=2&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(pages, whole);
    for bad in ["result=maybe", "from=yesterday", "to=2026-13-01", "cursor=1.%27", "limit=0", "unknown=1"] {
        admin.get(&format!("{AUDIT}?{bad}")).await.refused(400, "invalid_request");
    }
}

async fn the_audit_keeps_the_names_of_the_deleted(app: TestApp) {
    let ayse = app.person("ayse").await;
    app.signed_in(&ayse).await;
    let mut admin = administrator(&app).await;
    admin.post("/api/users/delete", json!({"ids": [ayse.id]})).await.expect(200);
    let rows = items(&mut admin, AUDIT).await;
    let named: Vec<&Value> = rows.iter().filter(|row| row["target"]["id"] == json!(ayse.id)).collect();
    assert!(named.len() >= 3 && named.iter().all(|row| row["target"]["name"] == "Ayse Yilmaz"), "{named:?}");
}

async fn the_export_has_exactly_the_rows_of_the_filter(app: TestApp) {
    let person = app.person("ayse").await;
    app.database.execute(&format!("UPDATE users SET name = '=HYPERLINK(1),\"x\"' WHERE id = '{}'", person.id)).await;
    for _ in 0..3 {
        app.signed_in(&person).await;
    }
    let mut admin = administrator(&app).await;
    app.sweep().await;
    let shown = items(&mut admin, &format!("{AUDIT}?action=sign_in&limit=200")).await;
    let file = admin.get(&format!("{AUDIT}/export?action=sign_in&format=json")).await.expect(200);
    assert_eq!(file.json().as_array(), Some(&shown));
    assert_eq!(file.header("content-disposition"), Some("attachment; filename=\"audit.json\""));
    let file = admin.get(&format!("{AUDIT}/export?action=sign_in&format=csv")).await.expect(200);
    assert_eq!(file.header("content-type"), Some("text/csv; charset=utf-8"));
    assert!(file.text().starts_with("\u{feff}id,at,actorId,actor,"), "{file}");
    assert_eq!(file.text().lines().count(), shown.len() + 1, "{file}");
    assert!(file.text().contains("\"'=HYPERLINK(1),\"\"x\"\"\""), "{file}");
    assert_eq!(app.audited("audit_exported").await, 2);
    let none = admin.get(&format!("{AUDIT}/export?action=nothing&format=json")).await.expect(200);
    assert_eq!(none.json(), json!([]));
    for bad in ["", "format=xml", "format=csv&limit=1", "format=csv&cursor=1.a"] {
        admin.get(&format!("{AUDIT}/export?{bad}")).await.refused(400, "invalid_request");
    }
}

async fn the_dashboard_counts_what_needs_a_look(app: TestApp) {
    let ayse = app.person("ayse").await;
    assert!(!app.signed_in(&ayse).await.navigate("/").await.text().contains("The desk"));
    app.invited("irmak").await;
    let old = app.person_with("eski", "admin", PASSWORD).await;
    app.signed_in(&old).await;
    app.pass(91 * DAY);
    app.invited("leman").await;
    app.pass(DAY * 2 + MINUTE);
    for _ in 0..5 {
        app.browser().try_password(&ayse.email, "wrong wrong wrong").await;
    }
    let fail_from = format!(
        "INSERT INTO buckets (name) VALUES ('address:203.0.113.7');
         INSERT INTO attempts (bucket, id, at) WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 100)
         SELECT 'address:203.0.113.7', 'a' || n, {} FROM n",
        app.now()
    );
    app.database.execute(&fail_from).await;
    let mut admin = administrator(&app).await;
    let page = admin.navigate("/").await.expect(200);
    let desk = page.text().split_once("id=\"desk\"").expect("the desk").1.to_owned();
    let count = |label: &str| {
        let (_, rest) = desk.split_once(&format!(">{label}<")).unwrap_or_else(|| panic!("{label}: {page}"));
        let badge = rest.split_once("badge").unwrap().1.split_once('>').unwrap().1;
        badge.split('<').next().unwrap().to_owned()
    };
    for (label, wanted) in [
        ("Live sessions", "1"),
        ("Lockouts", "2"),
        ("Addresses with too many failed sign-ins", "1"),
        ("Invited, never came", "2"),
        ("Administrators", "2"),
        ("Administrators without activity for 90 days", "1"),
        ("Invitations that end within a day", "1"),
    ] {
        assert_eq!(count(label), wanted, "{label}");
    }
}

async fn everybody_elses_many_sessions_end_without_a_number(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut admin = administrator(&app).await;
    let copies = format!(
        "INSERT INTO sessions (handle, id_key, id_hash, user_id, remembered, started_at, last_seen_at, expires_at, proved_at, address, user_agent)
         WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 1001)
         SELECT 'sid_copy' || n, n, CAST('copy' || n AS {}), '{}', FALSE, {now}, {now}, {later}, {now}, '', '' FROM n",
        if app.database.backend() == Backend::Sqlite { "BLOB" } else { "BYTEA" },
        ayse.id,
        now = app.now(),
        later = app.now() + 60_000,
    );
    app.database.execute(&copies).await;
    let page = admin.navigate("/sessions?everybody=true").await.expect(200);
    assert!(page.text().contains("End more than 1,000 sessions"), "{page}");
    assert!(page.text().contains("name=\"everybodyElse\"") && !page.text().contains("name=\"expected\""), "{page}");
    let page = admin.navigate("/sessions?everybody=true&q=ayse").await.expect(200);
    assert!(page.text().contains("End 1,001 sessions"), "{page}");
    let fields = [("everybodyElse", "true"), ("redirect", "/sessions")];
    assert!(admin.submit("/sessions?everybody=true", END, &fields).await.see_other().starts_with("/sessions"));
    let live = async || app.database.number("SELECT count(*) FROM sessions WHERE ended_at IS NULL").await;
    wait_until("the others' sessions end", async || live().await == 1).await;
    assert!(admin.is_signed_in().await);
}

async fn the_pages_work_without_scripts(app: TestApp) {
    let ayse = app.person("ayse").await;
    for _ in 0..5 {
        app.browser().try_password(&ayse.email, "wrong wrong wrong").await;
    }
    let mut admin = administrator(&app).await;
    let page = admin.navigate("/lockouts").await.expect(200);
    assert!(
        page.text().contains("value=\"identifier:ayse@example.org\"") && page.text().contains("1 lockout"),
        "{page}"
    );
    let lifted = admin
        .submit(
            "/lockouts",
            "/api/lockouts/lift",
            &[("items", "identifier:ayse@example.org"), ("redirect", "/lockouts")],
        )
        .await;
    assert_eq!(lifted.see_other(), "/lockouts");
    let page = admin.navigate("/lockouts").await.expect(200);
    assert!(page.text().contains("1 lockout lifted.") && page.text().contains("Nobody is locked out."), "{page}");

    let mut browsers = [app.signed_in(&ayse).await, app.signed_in(&ayse).await];
    let page = admin.navigate("/sessions").await.expect(200);
    assert!(page.text().contains("3 sessions") && !page.text().contains("End 2 sessions"), "{page}");
    assert!(page.text().contains("href=\"/sessions?everybody=true#everybody\""), "{page}");
    let page = admin.navigate("/sessions?everybody=true").await.expect(200);
    assert!(page.text().contains("End 2 sessions"), "{page}");
    let fields = [("filter.ended", "false"), ("expected", "1"), ("redirect", "/sessions")];
    let refused = admin.submit("/sessions?everybody=true", END, &fields).await;
    assert!(refused.see_other().ends_with("error=conflict"), "{refused}");
    let page = admin.navigate("/sessions?everybody=true&error=conflict").await.expect(200);
    assert!(page.text().contains("This would now affect 2."), "{page}");
    let fields = [("filter.ended", "false"), ("filter.q", "ayse"), ("expected", "2"), ("redirect", "/sessions")];
    admin.submit("/sessions", END, &fields).await.see_other();
    for browser in &mut browsers {
        assert!(!browser.is_signed_in().await);
    }
    let page = admin.navigate("/audit?action=session_ended&actor=yonetici&from=&to=").await.expect(200);
    assert_eq!(page.text().matches("<li class=\"log-row\">").count(), 2, "{page}");
    assert!(page.text().contains("Yonetici Yilmaz → Ayse Yilmaz"), "{page}");
    assert!(admin.navigate("/audit?result=maybe").await.expect(200).text().contains("could not be understood"));
}

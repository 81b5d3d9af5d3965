//! The session list: its fields, its order and who may see it.

use serde_json::{Value, json};

use super::{CHROME, END_ALL, END_OTHERS, LIST, end, handle, handles, items, text};
use crate::support::{DAY, HOUR, MINUTE, TestApp, iso_time};

both![
    a_session_is_listed_to_the_letter,
    the_current_session_comes_first_then_the_last_active,
    a_session_past_a_limit_is_not_listed_as_live,
    an_ended_session_has_its_time_reason_and_actor,
    an_end_by_another_user_has_their_name,
    ended_sessions_are_listed_for_the_retention_days,
    no_user_can_see_or_end_the_sessions_of_others,
    pages_of_the_list_have_no_gaps,
    an_invalid_query_is_refused,
    reading_the_list_changes_nothing,
];

async fn a_session_is_listed_to_the_letter(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.browser().at_address("203.0.113.9");
    let token = browser.ensure_token().await;
    let body = json!({ "email": ayse.email, "password": ayse.password, "rememberMe": false });
    let sign_in = browser.fetch("POST", "/api/auth/login").header("x-csrf-token", &token).header("user-agent", CHROME);
    sign_in.json(&body).send().await.expect(200);
    let start = app.now();
    app.pass(5 * MINUTE);
    browser.navigate("/").await.expect(200);
    let handle = handle(&mut browser).await;
    assert!(handle.starts_with("sid_"));
    assert_eq!(
        browser.get(LIST).await.text(),
        format!(
            r#"{{"success":true,"data":{{"items":[{{"handle":"{handle}","current":true,"browser":"Chrome 156","device":"Windows","address":"203.0.113.9","remembered":false,"startedAt":"{}","lastActiveAt":"{}","expiresAt":"{}","idleExpiresAt":"{}","endedAt":null,"endReason":null,"endedBy":null}}],"nextCursor":null}}}}"#,
            iso_time(start),
            iso_time(app.now()),
            iso_time(start + 86_400_000),
            iso_time(app.now() + 31 * 60_000),
        )
    );
    let mut remembered = app.remembered(&ayse).await;
    let item = items(&mut remembered, "").await[0].clone();
    assert_eq!((&item["remembered"], &item["idleExpiresAt"]), (&json!(true), &Value::Null));
    assert_eq!(item["expiresAt"], iso_time(app.now() + 30 * 86_400_000));
    assert_eq!(
        (&item["browser"], &item["device"]),
        (&json!(""), &json!("")),
        "an unknown user agent gives empty fields"
    );
}

async fn the_current_session_comes_first_then_the_last_active(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browsers = Vec::new();
    for _ in 0..4 {
        browsers.push(app.signed_in(&ayse).await);
        app.pass(2 * MINUTE);
    }
    let mut own = Vec::new();
    for browser in &mut browsers {
        own.push(handle(browser).await);
    }
    browsers[1].navigate("/").await.expect(200);
    let listed = handles(&mut browsers[0]).await;
    assert_eq!(listed, [&own[0], &own[1], &own[3], &own[2]].map(String::clone));
    let current: Vec<bool> = items(&mut browsers[0], "").await.iter().map(|i| i["current"] == true).collect();
    assert_eq!(current, [true, false, false, false]);
}

async fn a_session_past_a_limit_is_not_listed_as_live(app: TestApp) {
    let ayse = app.person("ayse").await;
    app.signed_in(&ayse).await;
    let mut remembered = app.remembered(&ayse).await;
    assert_eq!(handles(&mut remembered).await.len(), 2);
    // Past its idle timeout, but the end is not written yet.
    app.pass(HOUR);
    assert_eq!(handles(&mut remembered).await.len(), 1);
    assert_eq!(items(&mut remembered, "?ended=true").await.len(), 1);
    app.sweep().await;
    let ended = items(&mut remembered, "?ended=true").await[1].clone();
    assert_eq!((&ended["endReason"], &ended["endedBy"]), (&json!("idle"), &Value::Null));

    let mut young = app.signed_in(&ayse).await;
    app.set_policy("rememberMeDays", "1").await;
    app.pass(2 * DAY);
    young.sign_in(&ayse).await;
    assert_eq!(handles(&mut young).await.len(), 1, "the remembered session is past the policy's days");
}

async fn an_ended_session_has_its_time_reason_and_actor(app: TestApp) {
    let ayse = app.person("ayse").await;
    let (mut first, mut second) = (app.signed_in(&ayse).await, app.signed_in(&ayse).await);
    app.pass(MINUTE);
    first.sign_out().await.expect(200);
    let first_end = iso_time(app.now());
    app.pass(MINUTE);
    let mut third = app.signed_in(&ayse).await;
    let second_handle = handle(&mut second).await;
    end(&mut third, &second_handle).await.expect(200);
    let told: Vec<Value> = items(&mut third, "?ended=true")
        .await
        .into_iter()
        .skip(1)
        .map(|i| json!([i["endedAt"], i["endReason"], i["endedBy"], i["current"]]))
        .collect();
    assert_eq!(
        told,
        [
            json!([iso_time(app.now()), "revoked", "Ayse Yilmaz", false]),
            json!([first_end, "logout", "Ayse Yilmaz", false])
        ]
    );
}

async fn an_end_by_another_user_has_their_name(app: TestApp) {
    let (ayse, admin) = (app.person("ayse").await, app.person("zeynep").await);
    let mut ended = app.signed_in(&ayse).await;
    let handle = handle(&mut ended).await;
    let by = admin.id;
    let sql = format!(
        "UPDATE sessions SET ended_at = {}, end_reason = 'revoked', ended_by = '{by}' WHERE handle = '{handle}'",
        app.now()
    );
    app.database.execute(&sql).await;
    let mut browser = app.signed_in(&ayse).await;
    assert_eq!(items(&mut browser, "?ended=true").await[1]["endedBy"], "Zeynep Yilmaz");
    let page = browser.navigate("/account").await.expect(200);
    assert!(page.text().contains("Zeynep Yilmaz"), "{page}");
}

async fn ended_sessions_are_listed_for_the_retention_days(app: TestApp) {
    let ayse = app.person("ayse").await;
    app.set_policy("retentionDays", "30").await;
    app.signed_in(&ayse).await.sign_out().await.expect(200);
    app.pass(30 * DAY - HOUR);
    app.sweep().await;
    assert_eq!(items(&mut app.signed_in(&ayse).await, "?ended=true").await.len(), 2);
    app.pass(2 * HOUR);
    app.sweep().await;
    let mut browser = app.signed_in(&ayse).await;
    let reasons: Vec<Value> =
        items(&mut browser, "?ended=true").await.iter().map(|item| item["endReason"].clone()).collect();
    assert_eq!(reasons, [Value::Null, json!("idle")], "the signed-out session is deleted");
}

async fn no_user_can_see_or_end_the_sessions_of_others(app: TestApp) {
    let (ayse, admin) = (app.person("ayse").await, app.person_with("admin", "admin", crate::support::PASSWORD).await);
    let (mut hers, mut theirs) = (app.signed_in(&ayse).await, app.signed_in(&admin).await);
    let mine = handle(&mut theirs).await;
    assert_eq!(handles(&mut theirs).await, [mine]);
    theirs.post(END_OTHERS, json!({})).await.expect(200);
    end(&mut theirs, &handle(&mut hers).await).await.refused(404, "not_found");
    theirs.post(END_ALL, json!({})).await.expect(200);
    assert!(hers.is_signed_in().await);
}

async fn pages_of_the_list_have_no_gaps(app: TestApp) {
    let ayse = app.person("ayse").await;
    app.set_policy("sessionLimit", "0").await;
    let mut browser = app.signed_in(&ayse).await;
    for number in 0..7 {
        // Some sessions share a timestamp; the order is still total.
        if number % 3 == 0 {
            app.pass(MINUTE);
        }
        let mut other = app.signed_in(&ayse).await;
        if number % 2 == 0 {
            other.sign_out().await.expect(200);
        }
    }
    let whole: Vec<String> = items(&mut browser, "?ended=true").await.iter().map(|i| text(i, "handle")).collect();
    assert_eq!(whole.len(), 8);
    for limit in [1, 2, 3, 7, 8] {
        let (mut read, mut cursor) = (Vec::new(), String::new());
        loop {
            let data = browser.get(&format!("{LIST}?ended=true&limit={limit}{cursor}")).await.data();
            let page = data["items"].as_array().expect("a list");
            assert!(page.len() <= limit, "{data}");
            read.extend(page.iter().map(|i| text(i, "handle")));
            match data["nextCursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(read, whole, "{limit} at a time");
    }
}

async fn an_invalid_query_is_refused(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    for bad in [
        "limit=0",
        "limit=201",
        "limit=x",
        "limit=",
        "limit=1&limit=2",
        "ended=1",
        "ended=yes",
        "ended=true&ended=true",
        "cursor=",
        "cursor=x",
        "cursor=1.2",
        "cursor=1.99999999999999999999.x",
        "user=x",
        "q=",
        "Limit=1",
        "limit=%zz",
    ] {
        browser.get(&format!("{LIST}?{bad}")).await.refused(400, "invalid_request");
    }
    for good in ["limit=1", "limit=200", "ended=false", "cursor=2.0.x", "cursor=0.1.%27%22", ""] {
        browser.get(&format!("{LIST}?{good}")).await.expect(200);
    }
}

async fn reading_the_list_changes_nothing(app: TestApp) {
    let ayse = app.person("ayse").await;
    app.signed_in(&ayse).await;
    let mut browser = app.remembered(&ayse).await;
    app.pass(HOUR);
    let before = app.database.dump().await;
    browser.get(&format!("{LIST}?ended=true")).await.expect(200);
    assert_eq!(app.database.dump().await, before, "reading is no activity and ends no session");
}

//! A person's own sessions: all of them are seen, any of them is ended.

use serde_json::{Value, json};

use crate::support::{Answer, Browser, DAY, HOUR, MINUTE, Person, SESSION, TestApp, at};

both![
    a_session_is_told_to_the_letter,
    this_one_comes_first_then_the_last_active,
    what_is_over_is_not_listed_as_live,
    the_end_is_told_with_when_why_and_by_whom,
    an_end_by_somebody_else_names_them,
    ended_sessions_are_listed_as_long_as_the_policy_keeps_them,
    nobody_sees_or_ends_the_sessions_of_others,
    a_list_comes_in_stretches_without_gaps,
    what_a_list_does_not_know_is_refused,
    asking_for_the_list_changes_nothing,
    one_session_is_ended_and_only_that,
    a_foreign_handle_is_answered_like_one_that_does_not_exist,
    ending_twice_ends_once,
    ending_this_one_ends_it_at_its_next_request,
    ending_the_others_keeps_this_one,
    a_session_that_has_ended_ends_no_others,
    ending_all_clears_this_browser,
    every_end_is_in_the_audit,
    without_wasm_the_page_says_what_a_form_did,
    without_wasm_a_refusal_comes_back_to_the_page,
    the_page_holds_everything_without_scripts,
    the_page_tells_of_sign_ins_failures_and_locks,
    the_page_shows_names_as_text,
];

const LIST: &str = "/api/account/sessions";
const END: &str = "/api/account/sessions/end";
const END_OTHERS: &str = "/api/account/sessions/end-others";
const END_ALL: &str = "/api/account/sessions/end-all";
const CHROME: &str =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36";

async fn items(browser: &mut Browser, query: &str) -> Vec<Value> {
    browser.get(&format!("{LIST}{query}")).await.data()["items"].as_array().expect("a list").clone()
}

/// The handles of the live ones, in their order.
async fn handles(browser: &mut Browser) -> Vec<String> {
    items(browser, "").await.iter().map(|item| text(item, "handle")).collect()
}

fn text(item: &Value, key: &str) -> String {
    item[key].as_str().unwrap_or_else(|| panic!("{key} is text: {item}")).to_owned()
}

async fn handle(browser: &mut Browser) -> String {
    text(&items(browser, "").await[0], "handle")
}

async fn end(browser: &mut Browser, handle: &str) -> Answer {
    browser.post(END, json!({ "handle": handle })).await
}

async fn assert_ended(browser: &mut Browser, reason: &str) {
    assert_eq!(browser.get(SESSION).await.refused(401, "unauthenticated")["reason"], reason);
}

async fn a_session_is_told_to_the_letter(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.browser().at("203.0.113.9");
    let token = browser.ready().await;
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
            at(start),
            at(app.now()),
            at(start + 86_400_000),
            at(app.now() + 31 * 60_000),
        )
    );
    let mut remembered = app.remembered(&ayse).await;
    let item = items(&mut remembered, "").await[0].clone();
    assert_eq!((&item["remembered"], &item["idleExpiresAt"]), (&json!(true), &Value::Null));
    assert_eq!(item["expiresAt"], at(app.now() + 30 * 86_400_000));
    assert_eq!((&item["browser"], &item["device"]), (&json!(""), &json!("")), "unknown is empty");
}

async fn this_one_comes_first_then_the_last_active(app: TestApp) {
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

async fn what_is_over_is_not_listed_as_live(app: TestApp) {
    let ayse = app.person("ayse").await;
    app.signed_in(&ayse).await;
    let mut remembered = app.remembered(&ayse).await;
    assert_eq!(handles(&mut remembered).await.len(), 2);
    // Past its idle limit, and nobody has written that down yet.
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
    assert_eq!(handles(&mut young).await.len(), 1, "the remembered one is past the policy's days");
}

async fn the_end_is_told_with_when_why_and_by_whom(app: TestApp) {
    let ayse = app.person("ayse").await;
    let (mut first, mut second) = (app.signed_in(&ayse).await, app.signed_in(&ayse).await);
    app.pass(MINUTE);
    first.sign_out().await.expect(200);
    let first_end = at(app.now());
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
        [json!([at(app.now()), "revoked", "Ayse Yilmaz", false]), json!([first_end, "logout", "Ayse Yilmaz", false])]
    );
}

async fn an_end_by_somebody_else_names_them(app: TestApp) {
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

async fn ended_sessions_are_listed_as_long_as_the_policy_keeps_them(app: TestApp) {
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
    assert_eq!(reasons, [Value::Null, json!("idle")], "the one that was signed out is gone");
}

async fn nobody_sees_or_ends_the_sessions_of_others(app: TestApp) {
    let (ayse, admin) = (app.person("ayse").await, app.person_with("admin", "admin", crate::support::PASSWORD).await);
    let (mut hers, mut theirs) = (app.signed_in(&ayse).await, app.signed_in(&admin).await);
    let mine = handle(&mut theirs).await;
    assert_eq!(handles(&mut theirs).await, [mine]);
    theirs.post(END_OTHERS, json!({})).await.expect(200);
    end(&mut theirs, &handle(&mut hers).await).await.refused(404, "not_found");
    theirs.post(END_ALL, json!({})).await.expect(200);
    assert!(hers.is_signed_in().await);
}

async fn a_list_comes_in_stretches_without_gaps(app: TestApp) {
    let ayse = app.person("ayse").await;
    app.set_policy("sessionLimit", "0").await;
    let mut browser = app.signed_in(&ayse).await;
    for number in 0..7 {
        // Some at the same moment: the order is whole all the same.
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
            let stretch = data["items"].as_array().expect("a list");
            assert!(stretch.len() <= limit, "{data}");
            read.extend(stretch.iter().map(|i| text(i, "handle")));
            match data["nextCursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(read, whole, "{limit} at a time");
    }
}

async fn what_a_list_does_not_know_is_refused(app: TestApp) {
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

async fn asking_for_the_list_changes_nothing(app: TestApp) {
    let ayse = app.person("ayse").await;
    app.signed_in(&ayse).await;
    let mut browser = app.remembered(&ayse).await;
    app.pass(HOUR);
    let before = app.database.dump().await;
    browser.get(&format!("{LIST}?ended=true")).await.expect(200);
    assert_eq!(app.database.dump().await, before, "no activity, and nothing is ended by looking");
}

async fn one_session_is_ended_and_only_that(app: TestApp) {
    let ayse = app.person("ayse").await;
    let (mut one, mut two, mut three) =
        (app.signed_in(&ayse).await, app.signed_in(&ayse).await, app.signed_in(&ayse).await);
    let target = handle(&mut two).await;
    assert_eq!(end(&mut one, &target).await.text(), r#"{"success":true,"data":{"ended":1}}"#);
    assert_ended(&mut two, "revoked").await;
    assert!(two.session().is_none(), "its cookie is cleared at its next request");
    assert!(one.is_signed_in().await && three.is_signed_in().await);
}

async fn a_foreign_handle_is_answered_like_one_that_does_not_exist(app: TestApp) {
    let (ayse, mehmet) = (app.person("ayse").await, app.person("mehmet").await);
    let (mut hers, mut his) = (app.signed_in(&ayse).await, app.signed_in(&mehmet).await);
    let live = handle(&mut his).await;
    let mut gone = app.signed_in(&mehmet).await;
    let ended = handle(&mut gone).await;
    gone.sign_out().await.expect(200);
    let nowhere = end(&mut hers, "sid_AAAAAAAAAAAAAAAAAAAAAA").await;
    nowhere.refused(404, "not_found");
    let before = app.database.dump().await;
    for foreign in [live, ended] {
        assert_eq!(end(&mut hers, &foreign).await.fingerprint(), nowhere.fingerprint());
    }
    for odd in ["", "'", "sid_%", "\u{0}", &"x".repeat(5000)] {
        end(&mut hers, odd).await.refused(404, "not_found");
    }
    assert_eq!(app.database.dump().await, before);
    assert!(his.is_signed_in().await);
    for bad in [json!({}), json!({ "handle": 1 }), json!({ "handle": null }), json!({ "handle": "x", "all": true })] {
        hers.post(END, bad).await.refused(400, "invalid_request");
    }
}

async fn ending_twice_ends_once(app: TestApp) {
    let ayse = app.person("ayse").await;
    let (mut one, mut two) = (app.signed_in(&ayse).await, app.signed_in(&ayse).await);
    let target = handle(&mut two).await;
    end(&mut one, &target).await.expect(200);
    let ended = app.now();
    app.pass(MINUTE);
    assert_eq!(end(&mut one, &target).await.data()["ended"], 0);
    assert_eq!(one.post(END_OTHERS, json!({})).await.data()["ended"], 0);
    let row = app.database.texts("SELECT CAST(ended_at AS TEXT) FROM sessions WHERE ended_at IS NOT NULL").await;
    assert_eq!(row, [[ended.to_string()]]);
    assert_eq!(app.audited("session_ended").await, 1);
}

async fn ending_this_one_ends_it_at_its_next_request(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    let own = handle(&mut browser).await;
    end(&mut browser, &own).await.expect(200);
    assert_ended(&mut browser, "revoked").await;
    assert!(browser.session().is_none());
    assert!(browser.navigate("/account").await.see_other().starts_with("/login"));
}

async fn ending_the_others_keeps_this_one(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut others = [app.signed_in(&ayse).await, app.remembered(&ayse).await];
    let mut browser = app.signed_in(&ayse).await;
    let answer = browser.post(END_OTHERS, json!({})).await;
    assert_eq!(answer.text(), r#"{"success":true,"data":{"ended":2}}"#);
    for other in &mut others {
        assert_ended(other, "revoked").await;
    }
    assert!(browser.is_signed_in().await);
}

async fn a_session_that_has_ended_ends_no_others(app: TestApp) {
    let ayse = app.person("ayse").await;
    let (mut one, mut two) = (app.signed_in(&ayse).await, app.signed_in(&ayse).await);
    for _ in 0..10 {
        let (mut a, mut b) = (one.clone(), two.clone());
        // Each ends the other: whoever is first stays, and nobody ends somebody after its own end.
        tokio::join!(a.post(END_OTHERS, json!({})), b.post(END_OTHERS, json!({})));
        if app.database.backend() == crate::support::Backend::Sqlite {
            assert_eq!(usize::from(one.is_signed_in().await) + usize::from(two.is_signed_in().await), 1);
        }
        (one, two) = (app.signed_in(&ayse).await, app.signed_in(&ayse).await);
    }
}

async fn ending_all_clears_this_browser(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut other = app.remembered(&ayse).await;
    let mut browser = app.signed_in(&ayse).await;
    let answer = browser.post(END_ALL, json!({})).await;
    assert_eq!(answer.data()["ended"], 2);
    assert!(answer.clears("auth-session") && answer.clears("csrf-token"), "{answer}");
    assert_ended(&mut other, "revoked").await;
    assert!(!browser.is_signed_in().await);

    let mut form = app.signed_in(&ayse).await;
    let answer = form.submit("/account", END_ALL, &[("redirect", "/login")]).await;
    assert_eq!(answer.see_other(), "/login");
    assert!(form.session().is_none());
    form.navigate("/login").await.expect(200);
}

async fn every_end_is_in_the_audit(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    let target = handle(&mut app.signed_in(&ayse).await).await;
    end(&mut browser, &target).await.expect(200);
    app.signed_in(&ayse).await;
    app.signed_in(&ayse).await;
    browser.post(END_OTHERS, json!({})).await.expect(200);
    let rows = app
        .database
        .texts("SELECT actor, target, details FROM audit WHERE action = 'session_ended' AND result = 'success'")
        .await;
    let wanted = [ayse.id.clone(), ayse.id.clone(), r#"{"reason":"revoked"}"#.to_owned()];
    assert_eq!(rows, vec![wanted; 3]);
    let named = app.database.texts("SELECT session FROM audit WHERE action = 'session_ended' ORDER BY id").await;
    assert_eq!(named[0], [target]);
}

async fn without_wasm_the_page_says_what_a_form_did(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    let target = handle(&mut app.signed_in(&ayse).await).await;
    let done = "/account?done=sessions#sessions";
    let answer = browser.submit("/account", END, &[("handle", &target), ("redirect", done)]).await;
    assert_eq!(answer.see_other(), done);
    let page = browser.navigate("/account?done=sessions").await.expect(200);
    assert!(page.text().contains("One session was ended."), "{page}");
    app.signed_in(&ayse).await;
    app.signed_in(&ayse).await;
    browser.submit("/account", END_OTHERS, &[("redirect", done)]).await.see_other();
    let page = browser.navigate("/account?done=sessions").await.expect(200);
    assert!(page.text().contains("2 sessions were ended."), "{page}");
    // A link can't make the page say it.
    let page = app.signed_in(&ayse).await.navigate("/account?done=sessions").await.expect(200);
    assert!(!page.text().contains("ended.</p>"), "{page}");
}

async fn without_wasm_a_refusal_comes_back_to_the_page(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    let answer = browser.submit("/account", END, &[("handle", "sid_none"), ("redirect", "/account")]).await;
    assert_eq!(answer.see_other(), "/account?error=not_found");
    let page = browser.navigate("/account?error=not_found").await.expect(200);
    assert_eq!(page.text().matches("This session is not there any more.").count(), 1, "{page}");
    // Also where a browser does not say where it comes from.
    let token = browser.token().expect("a token");
    let form = browser.form_navigation("/account", END).without("referer");
    let answer = form.form(&[("csrfToken", &token), ("handle", "sid_none")]).send().await;
    assert_eq!(answer.see_other(), "/account?error=not_found");
}

async fn the_page_holds_everything_without_scripts(app: TestApp) {
    let ayse = app.person("ayse").await;
    app.signed_in(&ayse).await.sign_out().await.expect(200);
    let target = handle(&mut app.signed_in(&ayse).await).await;
    let mut browser = app.signed_in(&ayse).await;
    let own = handle(&mut browser).await;
    let page = browser.navigate("/account").await.expect(200);
    let html = page.text();
    for there in [
        "This browser",
        "198.51.100.7",
        "Signed out",
        "They stay listed for 90 days.",
        "Current password",
        r#"action="/api/account/sessions/end""#,
        r#"action="/api/account/sessions/end-others""#,
        r#"action="/api/account/sessions/end-all""#,
        r#"action="/api/account/password""#,
        &format!(r#"value="{target}""#),
    ] {
        assert!(html.contains(there), "{there} is missing");
    }
    assert!(!html.contains(&format!(r#"value="{own}""#)), "this one is ended by signing out");
}

/// What follows a text on the page.
fn after<'a>(page: &'a Answer, text: &str) -> &'a str {
    page.text().split_once(text).unwrap_or_else(|| panic!("no {text} on {page}")).1
}

async fn the_page_tells_of_sign_ins_failures_and_locks(app: TestApp) {
    let ayse: Person = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    for _ in 0..5 {
        app.browser().at("203.0.113.66").try_password(&ayse.email, "not the password").await;
    }
    let page = browser.navigate("/account").await.expect(200);
    let log = after(&page, r#"id="sign-ins-title""#).split("<script").next().expect("a part");
    assert_eq!(log.matches("Failed attempt").count(), 5, "{log}");
    assert_eq!(log.matches("Locked").count(), 1, "{log}");
    assert_eq!(log.matches("Signed in").count(), 1, "{log}");
    assert_eq!(log.matches("203.0.113.66").count(), 6, "{log}");
    let other = app.person("mehmet").await;
    let page = app.signed_in(&other).await.navigate("/account").await.expect(200);
    assert!(!page.text().contains("203.0.113.66"), "the history is one's own");
}

async fn the_page_shows_names_as_text(app: TestApp) {
    let ayse = app.person("ayse").await;
    app.database.execute("UPDATE users SET name = '<img src=x onerror=alert(1)>'").await;
    app.signed_in(&ayse).await.sign_out().await.expect(200);
    let page = app.signed_in(&ayse).await.navigate("/account").await.expect(200);
    assert!(!page.text().contains("<img src=x"), "{page}");
}

//! What open pages hear: their session and their user, and nobody else's.

use kafkasder_panel::server::live;
use serde_json::json;

use crate::support::{Backend, Browser, DAY, EVENTS, MINUTE, Person, SECOND, SESSION, TestApp, USER, at};

both![
    a_stream_begins_as_the_contract_says,
    an_end_reaches_the_streams_of_that_session_and_closes_them,
    every_way_to_end_is_heard_with_its_reason,
    activity_reaches_the_streams_of_that_session,
    reading_is_no_activity_and_tells_nobody,
    a_change_of_the_user_reaches_all_their_streams,
    what_people_change_of_themselves_is_told,
    a_sign_in_elsewhere_reaches_the_other_sessions,
    nobody_hears_of_others,
    a_stream_ends_when_its_session_does_by_itself,
    the_row_decides_when_a_session_ends,
    a_changed_policy_moves_the_end,
    silence_is_broken_now_and_then,
    who_has_no_session_has_no_stream,
    a_head_opens_no_stream,
    a_session_has_twenty_streams,
    a_slow_reader_is_let_go,
    a_shutdown_closes_the_streams,
    an_end_on_another_server_is_heard,
    an_end_nobody_told_of_is_found,
    a_database_that_is_away_ends_no_stream,
    no_notice_is_heard_before_its_transaction,
];

async fn two_sessions(app: &TestApp) -> (Person, Browser, Browser) {
    let ayse = app.person("ayse").await;
    let (here, there) = (app.signed_in(&ayse).await, app.signed_in(&ayse).await);
    app.hears_notices().await;
    (ayse, here, there)
}

impl TestApp {
    async fn change_user(&self, person: &Person) {
        let mut tx = self.state.db.begin().await.expect("a transaction");
        live::user_changed(&mut tx, &person.id).await.expect("told");
        tx.commit().await.expect("committed");
    }

    async fn reasons(&self) -> Vec<Vec<String>> {
        self.database.texts("SELECT end_reason FROM sessions WHERE ended_at IS NOT NULL ORDER BY end_reason").await
    }
}

async fn a_stream_begins_as_the_contract_says(app: TestApp) {
    let ayse = app.person("ayse").await;
    let events = app.signed_in(&ayse).await.events().await;
    let head = &events.head;
    assert_eq!(head.header("content-type"), Some("text/event-stream"));
    assert_eq!(head.header("cache-control"), Some("no-store"));
    assert_eq!(head.header("x-accel-buffering"), Some("no"));
    assert!(head.cookies().is_empty() && head.header("content-length").is_none(), "{head}");
}

async fn an_end_reaches_the_streams_of_that_session_and_closes_them(app: TestApp) {
    let (ayse, mut here, mut there) = two_sessions(&app).await;
    let (mut tab, mut other_tab, mut elsewhere) = (here.events().await, here.events().await, there.events().await);
    here.sign_out().await.expect(200);
    tab.expect_end("logout").await;
    other_tab.expect_end("logout").await;
    app.change_user(&ayse).await;
    elsewhere.expect("user-changed").await;
}

async fn every_way_to_end_is_heard_with_its_reason(app: TestApp) {
    let (ayse, mut here, mut there) = two_sessions(&app).await;
    let (mut replaced, mut disabled) = (here.events().await, there.events().await);
    here.sign_in(&ayse).await;
    replaced.expect_end("replaced").await;
    disabled.expect("signed-in").await;
    app.disable(&ayse).await;
    disabled.expect("user-changed").await;
    disabled.expect_end("account_disabled").await;
}

async fn activity_reaches_the_streams_of_that_session(app: TestApp) {
    let (ayse, mut here, mut there) = two_sessions(&app).await;
    let (mut heard, mut elsewhere) = (here.events().await, there.events().await);
    app.pass(2 * MINUTE);
    here.navigate("/").await.expect(200);
    let data = heard.expect("session-extended").await;
    let status = here.get(SESSION).await.data();
    assert_eq!(
        data,
        json!({ "expiresAt": status["expiresAt"], "idleExpiresAt": status["idleExpiresAt"], "serverTime": at(app.now()) })
    );
    assert_eq!(data["idleExpiresAt"], at(app.now() + 31 * 60_000));
    // Written once a minute, told once a minute.
    here.navigate("/").await.expect(200);
    app.change_user(&ayse).await;
    heard.expect("user-changed").await;
    elsewhere.expect("user-changed").await;
}

async fn reading_is_no_activity_and_tells_nobody(app: TestApp) {
    let (ayse, mut here, _) = two_sessions(&app).await;
    app.pass(2 * MINUTE);
    let before = app.database.dump().await;
    let mut heard = here.events().await;
    for path in [SESSION, USER] {
        here.get(path).await.expect(200);
    }
    here.navigation("/").header("sec-purpose", "prefetch").send().await.expect(200);
    app.pass(MINUTE);
    assert_eq!(heard.block().await.as_deref(), Some(":"));
    assert_eq!(app.database.dump().await, before);
    app.change_user(&ayse).await;
    heard.expect("user-changed").await;
}

async fn what_people_change_of_themselves_is_told(app: TestApp) {
    let (_, mut here, mut there) = two_sessions(&app).await;
    let mut heard = there.events().await;
    here.post("/api/account/profile", json!({ "name": "Ayşe Işık" })).await.expect(200);
    heard.expect("user-changed").await;
}

async fn a_change_of_the_user_reaches_all_their_streams(app: TestApp) {
    let (ayse, mut here, mut there) = two_sessions(&app).await;
    let mut streams = [here.events().await, here.events().await, there.events().await];
    app.change_user(&ayse).await;
    for heard in &mut streams {
        assert_eq!(heard.expect("user-changed").await, json!({}));
    }
}

async fn a_sign_in_elsewhere_reaches_the_other_sessions(app: TestApp) {
    let (ayse, mut here, mut there) = two_sessions(&app).await;
    let (mut heard, mut heard_too) = (here.events().await, there.events().await);
    let mut new = app.browser().at("203.0.113.9");
    let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";
    let body = json!({ "email": ayse.email, "password": ayse.password });
    new.ready().await;
    let ask = new.fetch("POST", crate::support::LOGIN).with_token().header("user-agent", firefox);
    ask.json(&body).send().await.expect(200);
    let mut own = new.events().await;
    let wanted =
        json!({ "handle": app.handle_of(&new).await, "device": "Firefox 145 · Linux", "address": "203.0.113.9" });
    assert_eq!(heard.expect("signed-in").await, wanted);
    assert_eq!(heard_too.expect("signed-in").await, wanted);
    app.change_user(&ayse).await;
    own.expect("user-changed").await;
}

async fn nobody_hears_of_others(app: TestApp) {
    let (ayse, mut here, there) = two_sessions(&app).await;
    let mehmet = app.person("mehmet").await;
    let mut heard = app.signed_in(&mehmet).await.events().await;
    app.pass(2 * MINUTE);
    here.navigate("/").await.expect(200);
    app.signed_in(&ayse).await;
    app.change_user(&ayse).await;
    there.clone().sign_out().await.expect(200);
    app.disable(&ayse).await;
    app.change_user(&mehmet).await;
    heard.expect("user-changed").await;
}

async fn a_stream_ends_when_its_session_does_by_itself(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut idle = app.signed_in(&ayse).await.events().await;
    let mut expired = app.remembered(&ayse).await.events().await;
    app.hears_notices().await;
    app.pass(31 * MINUTE);
    idle.expect_end("idle").await;
    assert_eq!(app.reasons().await, [["idle"]]);
    app.pass(30 * DAY);
    expired.expect_end("expired").await;
    assert_eq!(app.reasons().await, [["expired"], ["idle"]]);
    assert_eq!(app.audited("session_ended").await, 2);
}

async fn the_row_decides_when_a_session_ends(app: TestApp) {
    // Without notices: what is told elsewhere is not heard here.
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    let mut heard = browser.events().await;
    app.pass(20 * MINUTE);
    browser.navigate("/").await.expect(200);
    let moved = app.now() + 31 * 60_000;
    app.pass(15 * MINUTE);
    let data = heard.expect("session-extended").await;
    assert_eq!((&data["idleExpiresAt"], &data["serverTime"]), (&json!(at(moved)), &json!(at(app.now()))));
    app.pass(16 * MINUTE);
    heard.expect_end("idle").await;
}

async fn a_changed_policy_moves_the_end(app: TestApp) {
    let (_, mut here, _) = two_sessions(&app).await;
    let mut heard = here.events().await;
    app.pass(4 * MINUTE);
    app.set_policy("idleTimeoutMinutes", "5").await;
    let data = heard.expect("session-extended").await;
    assert_eq!(data["idleExpiresAt"], at(app.now() + 2 * 60_000));
    app.pass(2 * MINUTE);
    heard.expect_end("idle").await;
}

async fn silence_is_broken_now_and_then(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut heard = app.signed_in(&ayse).await.events().await;
    for _ in 0..3 {
        app.pass(25 * SECOND);
        assert_eq!(heard.block().await.as_deref(), Some(":"));
    }
}

async fn who_has_no_session_has_no_stream(app: TestApp) {
    let ayse = app.person("ayse").await;
    app.browser().get(EVENTS).await.refused(401, "unauthenticated");
    let mut forged = app.signed_in(&ayse).await;
    forged.plant("auth-session", "forged");
    forged.get(EVENTS).await.refused(401, "unauthenticated");
    let mut browser = app.signed_in(&ayse).await;
    let copy = browser.clone();
    browser.sign_out().await.expect(200);
    assert_eq!(copy.clone().get(EVENTS).await.refused(401, "unauthenticated")["reason"], "logout");
    assert!(app.state.live.is_empty());
}

async fn a_head_opens_no_stream(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    let mut open = Vec::new();
    for _ in 0..20 {
        open.push(browser.events().await);
    }
    let (answer, body, _) = browser.fetch("HEAD", EVENTS).open().await;
    assert_eq!(answer.expect(200).header("content-type"), Some("text/event-stream"));
    assert!(axum::body::to_bytes(body, 0).await.unwrap().is_empty());
    // It would have taken the place of the oldest.
    app.hears_notices().await;
    app.change_user(&ayse).await;
    open[0].expect("user-changed").await;
    drop(open);
    browser.fetch("HEAD", EVENTS).send().await.expect(200);
    assert!(app.state.live.is_empty());
}

async fn a_session_has_twenty_streams(app: TestApp) {
    let (ayse, mut here, mut there) = two_sessions(&app).await;
    let mut elsewhere = there.events().await;
    let mut open = Vec::new();
    for _ in 0..21 {
        open.push(here.events().await);
    }
    assert_eq!(open[0].block().await, None, "the oldest is closed");
    app.change_user(&ayse).await;
    for heard in open[1..].iter_mut().chain([&mut elsewhere]) {
        heard.expect("user-changed").await;
    }
}

async fn a_slow_reader_is_let_go(app: TestApp) {
    let (ayse, mut here, _) = two_sessions(&app).await;
    let (mut slow, mut quick) = (here.events().await, here.events().await);
    for _ in 0..40 {
        app.change_user(&ayse).await;
        quick.expect("user-changed").await;
    }
    let mut waited = 0;
    while slow.next().await.is_some() {
        waited += 1;
    }
    assert!((1..=20).contains(&waited), "{waited} events waited");
    app.change_user(&ayse).await;
    quick.expect("user-changed").await;
}

async fn a_shutdown_closes_the_streams(app: TestApp) {
    let (_, mut here, _) = two_sessions(&app).await;
    let mut heard = here.events().await;
    app.state.shutdown.cancel();
    assert_eq!(heard.block().await, None);
    assert!(here.is_signed_in().await, "a stream's end is not the session's");
    let mut again = here.visiting(&app.restarted().await);
    again.events().await;
}

async fn an_end_on_another_server_is_heard(app: TestApp) {
    let (ayse, mut here, there) = two_sessions(&app).await;
    let other = app.restarted().await;
    let (mut heard, mut elsewhere) = (here.events().await, there.clone().events().await);
    here.visiting(&other).sign_out().await.expect(200);
    heard.expect_end("logout").await;
    other.disable(&ayse).await;
    let (name, data) = elsewhere.next().await.unwrap();
    // PostgreSQL carries every notice; SQLite's file shows ends alone.
    if app.database.backend() == Backend::Postgres {
        assert_eq!(name, "user-changed");
        elsewhere.expect_end("account_disabled").await;
    } else {
        assert_eq!((name.as_str(), data), ("session-ended", json!({ "reason": "account_disabled" })));
    }
}

async fn an_end_nobody_told_of_is_found(app: TestApp) {
    let (_, mut here, _) = two_sessions(&app).await;
    let handle = app.handle_of(&here).await;
    let mut heard = here.events().await;
    let end = format!("UPDATE sessions SET ended_at = {}, end_reason = 'revoked' WHERE handle = '{handle}'", app.now());
    app.database.execute(&end).await;
    if app.database.backend() == Backend::Postgres {
        // Its notices have a connection; when that breaks, some may be lost.
        let broken = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
            WHERE datname = current_database() AND query LIKE 'LISTEN%'";
        assert_eq!(app.database.number(broken).await, 1);
    }
    heard.expect_end("revoked").await;
}

async fn a_database_that_is_away_ends_no_stream(app: TestApp) {
    let ayse = app.person("ayse").await;
    let browser = app.signed_in(&ayse).await;
    let mut outage = crate::support::Outage::of(&app).await;
    let away = browser.clone().visiting(&outage.app).get(EVENTS).await;
    away.refused(503, "unavailable");
    outage.over().await;
    let mut heard = browser.visiting(&outage.app).events().await;
    app.pass(31 * MINUTE);
    heard.expect_end("idle").await;
}

async fn no_notice_is_heard_before_its_transaction(app: TestApp) {
    let (ayse, mut here, _) = two_sessions(&app).await;
    let mut heard = here.events().await;
    let mut tx = app.state.db.begin().await.unwrap();
    let handle = app.handle_of(&here).await;
    live::session_extended(&mut tx, &handle, app.now()).await.unwrap();
    drop(tx);
    app.change_user(&ayse).await;
    heard.expect("user-changed").await;
}

//! The events: what is sent, and to which streams.

use kafkasder_panel::model::session::EndReason;
use kafkasder_panel::server::audit::{Action, Event};
use kafkasder_panel::server::live;
use kafkasder_panel::server::sessions::end::end_past_limit;
use serde_json::json;

use super::two_sessions;
use crate::support::{Backend, MINUTE, SESSION, TestApp, USER, iso_time};

both![
    a_stream_begins_with_the_contracts_headers,
    the_end_of_a_session_reaches_and_closes_its_streams,
    every_end_is_sent_with_its_reason,
    a_page_that_asks_for_revocations_receives_who_ended_its_session,
    activity_is_sent_to_the_sessions_streams,
    reading_is_no_activity_and_sends_no_event,
    a_change_of_the_user_is_sent_to_all_their_streams,
    a_profile_change_is_sent_to_other_sessions,
    a_new_sign_in_is_sent_to_the_other_sessions,
    no_stream_receives_events_of_other_users,
    an_end_on_another_server_is_sent,
    an_end_without_a_notice_is_found,
    a_rolled_back_notice_is_not_sent,
];

async fn a_stream_begins_with_the_contracts_headers(app: TestApp) {
    let ayse = app.person("ayse").await;
    let events = app.signed_in(&ayse).await.events().await;
    let head = &events.head;
    assert_eq!(head.header("content-type"), Some("text/event-stream"));
    assert_eq!(head.header("cache-control"), Some("no-store"));
    assert_eq!(head.header("x-accel-buffering"), Some("no"));
    assert!(head.cookies().is_empty() && head.header("content-length").is_none(), "{head}");
}

async fn the_end_of_a_session_reaches_and_closes_its_streams(app: TestApp) {
    let (ayse, mut here, mut there) = two_sessions(&app).await;
    let (mut tab, mut other_tab, mut elsewhere) = (here.events().await, here.events().await, there.events().await);
    here.sign_out().await.expect(200);
    tab.expect_end("logout").await;
    other_tab.expect_end("logout").await;
    app.change_user(&ayse).await;
    elsewhere.expect("user-changed").await;
}

async fn every_end_is_sent_with_its_reason(app: TestApp) {
    let (ayse, mut here, mut there) = two_sessions(&app).await;
    let (mut replaced, mut disabled) = (here.events().await, there.events().await);
    here.sign_in(&ayse).await;
    replaced.expect_end("replaced").await;
    disabled.expect("signed-in").await;
    app.disable(&ayse).await;
    disabled.expect("user-changed").await;
    disabled.expect_end("account_disabled").await;
}

async fn a_page_that_asks_for_revocations_receives_who_ended_its_session(app: TestApp) {
    let (ayse, mut here, mut there) = two_sessions(&app).await;
    let (mut asks, mut does_not) = (here.events_with_revocation().await, here.events().await);
    let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";
    let ask = there.fetch("POST", "/api/account/sessions/end-others").with_token().header("user-agent", firefox);
    ask.send().await.expect(200);
    let wanted = json!({ "byYou": true, "at": iso_time(app.now()), "device": "Firefox 145 · Linux" });
    assert_eq!(asks.expect("session-revoked").await, wanted);
    asks.expect_end("revoked").await;
    does_not.expect_end("revoked").await;

    // Without a request, as from the command line, an administrator ended the session.
    let handle = app.handle_of(&there).await;
    let mut asks = there.events_with_revocation().await;
    let panel = &app.state;
    let end = Event::of_system(Action::SessionEnded, app.now());
    end_past_limit(panel, end, &handle, EndReason::Revoked).await.expect("ended");
    let wanted = json!({ "byYou": false, "at": iso_time(app.now()), "device": "" });
    assert_eq!(asks.expect("session-revoked").await, wanted);
    asks.expect_end("revoked").await;

    // An end for another reason has no `session-revoked` event.
    let mut asks = app.signed_in(&ayse).await.events_with_revocation().await;
    app.disable(&ayse).await;
    asks.expect("user-changed").await;
    asks.expect_end("account_disabled").await;
}

async fn activity_is_sent_to_the_sessions_streams(app: TestApp) {
    let (ayse, mut here, mut there) = two_sessions(&app).await;
    let (mut heard, mut elsewhere) = (here.events().await, there.events().await);
    app.pass(2 * MINUTE);
    here.navigate("/").await.expect(200);
    let data = heard.expect("session-extended").await;
    let status = here.get(SESSION).await.data();
    assert_eq!(
        data,
        json!({ "expiresAt": status["expiresAt"], "idleExpiresAt": status["idleExpiresAt"], "serverTime": iso_time(app.now()) })
    );
    assert_eq!(data["idleExpiresAt"], iso_time(app.now() + 31 * 60_000));
    // Activity is written at most once a minute, so it is sent at most once a minute.
    here.navigate("/").await.expect(200);
    app.change_user(&ayse).await;
    heard.expect("user-changed").await;
    elsewhere.expect("user-changed").await;
}

async fn reading_is_no_activity_and_sends_no_event(app: TestApp) {
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

async fn a_profile_change_is_sent_to_other_sessions(app: TestApp) {
    let (_, mut here, mut there) = two_sessions(&app).await;
    let mut heard = there.events().await;
    here.post("/api/account/profile", json!({ "name": "Ayşe Işık" })).await.expect(200);
    heard.expect("user-changed").await;
}

async fn a_change_of_the_user_is_sent_to_all_their_streams(app: TestApp) {
    let (ayse, mut here, mut there) = two_sessions(&app).await;
    let mut streams = [here.events().await, here.events().await, there.events().await];
    app.change_user(&ayse).await;
    for heard in &mut streams {
        assert_eq!(heard.expect("user-changed").await, json!({}));
    }
}

async fn a_new_sign_in_is_sent_to_the_other_sessions(app: TestApp) {
    let (ayse, mut here, mut there) = two_sessions(&app).await;
    let (mut heard, mut heard_too) = (here.events().await, there.events().await);
    let mut new = app.browser().at_address("203.0.113.9");
    let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";
    let body = json!({ "email": ayse.email, "password": ayse.password });
    new.ensure_token().await;
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

async fn no_stream_receives_events_of_other_users(app: TestApp) {
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

async fn an_end_on_another_server_is_sent(app: TestApp) {
    let (ayse, mut here, there) = two_sessions(&app).await;
    let other = app.restarted().await;
    let (mut heard, mut elsewhere) = (here.events().await, there.clone().events().await);
    here.connected_to(&other).sign_out().await.expect(200);
    heard.expect_end("logout").await;
    other.disable(&ayse).await;
    let (name, data) = elsewhere.next().await.unwrap();
    // PostgreSQL delivers every notice. On SQLite, polling the file finds only ends.
    if app.database.backend() == Backend::Postgres {
        assert_eq!(name, "user-changed");
        elsewhere.expect_end("account_disabled").await;
    } else {
        assert_eq!((name.as_str(), data), ("session-ended", json!({ "reason": "account_disabled" })));
    }
}

async fn an_end_without_a_notice_is_found(app: TestApp) {
    let (_, mut here, _) = two_sessions(&app).await;
    let handle = app.handle_of(&here).await;
    let mut heard = here.events().await;
    let end = format!("UPDATE sessions SET ended_at = {}, end_reason = 'revoked' WHERE handle = '{handle}'", app.now());
    app.database.execute(&end).await;
    if app.database.backend() == Backend::Postgres {
        // PostgreSQL's notices need a connection, and some may be lost when it breaks.
        let broken = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
            WHERE datname = current_database() AND query LIKE 'LISTEN%'";
        assert_eq!(app.database.number(broken).await, 1);
    }
    heard.expect_end("revoked").await;
}

async fn a_rolled_back_notice_is_not_sent(app: TestApp) {
    let (ayse, mut here, _) = two_sessions(&app).await;
    let mut heard = here.events().await;
    let mut tx = app.state.db.begin().await.unwrap();
    let handle = app.handle_of(&here).await;
    live::session_extended(&mut tx, &handle, app.now()).await.unwrap();
    drop(tx);
    app.change_user(&ayse).await;
    heard.expect("user-changed").await;
}

//! The life of a stream: who can open one, how many, and when it ends.

use serde_json::json;

use super::two_sessions;
use crate::support::{DAY, EVENTS, MINUTE, SECOND, TestApp, iso_time};

both![
    a_stream_ends_when_its_session_expires,
    the_sessions_row_decides_when_the_stream_ends,
    a_changed_policy_changes_the_expiry,
    a_comment_is_sent_every_25_seconds,
    a_stream_needs_a_session,
    a_head_request_opens_no_stream,
    a_session_has_at_most_twenty_streams,
    a_slow_readers_stream_is_closed,
    a_shutdown_closes_the_streams,
    streams_work_again_after_a_database_outage,
];

async fn a_stream_ends_when_its_session_expires(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut idle = app.signed_in(&ayse).await.events().await;
    let mut expired = app.remembered(&ayse).await.events().await;
    app.listen_for_notices().await;
    app.pass(31 * MINUTE);
    idle.expect_end("idle").await;
    assert_eq!(app.reasons().await, [["idle"]]);
    app.pass(30 * DAY);
    expired.expect_end("expired").await;
    assert_eq!(app.reasons().await, [["expired"], ["idle"]]);
    assert_eq!(app.audited("session_ended").await, 2);
}

async fn the_sessions_row_decides_when_the_stream_ends(app: TestApp) {
    // This server does not listen for notices.
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    let mut heard = browser.events().await;
    app.pass(20 * MINUTE);
    browser.navigate("/").await.expect(200);
    let moved = app.now() + 31 * 60_000;
    app.pass(15 * MINUTE);
    let data = heard.expect("session-extended").await;
    assert_eq!((&data["idleExpiresAt"], &data["serverTime"]), (&json!(iso_time(moved)), &json!(iso_time(app.now()))));
    app.pass(16 * MINUTE);
    heard.expect_end("idle").await;
}

async fn a_changed_policy_changes_the_expiry(app: TestApp) {
    let (_, mut here, _) = two_sessions(&app).await;
    let mut heard = here.events().await;
    app.pass(4 * MINUTE);
    app.set_policy("idleTimeoutMinutes", "5").await;
    let data = heard.expect("session-extended").await;
    assert_eq!(data["idleExpiresAt"], iso_time(app.now() + 2 * 60_000));
    app.pass(2 * MINUTE);
    heard.expect_end("idle").await;
}

async fn a_comment_is_sent_every_25_seconds(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut heard = app.signed_in(&ayse).await.events().await;
    for _ in 0..3 {
        app.pass(25 * SECOND);
        assert_eq!(heard.block().await.as_deref(), Some(":"));
    }
}

async fn a_stream_needs_a_session(app: TestApp) {
    let ayse = app.person("ayse").await;
    app.browser().get(EVENTS).await.refused(401, "unauthenticated");
    let mut forged = app.signed_in(&ayse).await;
    forged.set_cookie("auth-session", "forged");
    forged.get(EVENTS).await.refused(401, "unauthenticated");
    let mut browser = app.signed_in(&ayse).await;
    let copy = browser.clone();
    browser.sign_out().await.expect(200);
    assert_eq!(copy.clone().get(EVENTS).await.refused(401, "unauthenticated")["reason"], "logout");
    assert!(app.state.live.is_empty());
}

async fn a_head_request_opens_no_stream(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    let mut open = Vec::new();
    for _ in 0..20 {
        open.push(browser.events().await);
    }
    let (answer, body, _) = browser.fetch("HEAD", EVENTS).open().await;
    assert_eq!(answer.expect(200).header("content-type"), Some("text/event-stream"));
    assert!(axum::body::to_bytes(body, 0).await.unwrap().is_empty());
    // The HEAD request would have closed the oldest stream.
    app.listen_for_notices().await;
    app.change_user(&ayse).await;
    open[0].expect("user-changed").await;
    drop(open);
    browser.fetch("HEAD", EVENTS).send().await.expect(200);
    assert!(app.state.live.is_empty());
}

async fn a_session_has_at_most_twenty_streams(app: TestApp) {
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

async fn a_slow_readers_stream_is_closed(app: TestApp) {
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
    assert!((1..=20).contains(&waited), "{waited} events were queued");
    app.change_user(&ayse).await;
    quick.expect("user-changed").await;
}

async fn a_shutdown_closes_the_streams(app: TestApp) {
    let (_, mut here, _) = two_sessions(&app).await;
    let mut heard = here.events().await;
    app.state.shutdown.cancel();
    assert_eq!(heard.block().await, None);
    assert!(here.is_signed_in().await, "closing a stream does not end its session");
    let mut again = here.connected_to(&app.restarted().await);
    again.events().await;
}

async fn streams_work_again_after_a_database_outage(app: TestApp) {
    let ayse = app.person("ayse").await;
    let browser = app.signed_in(&ayse).await;
    let mut outage = crate::support::Outage::of(&app).await;
    let away = browser.clone().connected_to(&outage.app).get(EVENTS).await;
    away.refused(503, "unavailable");
    outage.end().await;
    let mut heard = browser.connected_to(&outage.app).events().await;
    app.pass(31 * MINUTE);
    heard.expect_end("idle").await;
}

//! The end of a server: pending sign-outs are written first.

use std::time::{Duration, Instant};

use crate::support::{LOGOUT, Outage, SESSION, TestApp};

both![
    a_sign_out_from_an_outage_is_written_at_shutdown,
    a_sign_out_behind_a_database_lock_is_written_at_shutdown,
    an_unwritable_sign_out_does_not_block_the_shutdown_and_is_logged,
];

async fn a_sign_out_from_an_outage_is_written_at_shutdown(app: TestApp) {
    let ayse = app.person("ayse").await;
    let browser = app.signed_in_without_hashing(&ayse).await;
    let mut outage = Outage::of(&app).await;
    let mut listening = outage.app.listening().await;
    let mut here = browser.clone().connected_to(&outage.app);
    here.post(LOGOUT, serde_json::json!({})).await.refused(503, "unavailable");
    listening.stop();
    outage.app.state.shutdown.cancelled().await;
    outage.restore().await;
    listening.ended().await;
    let again = app.restarted().await;
    let answer = browser.connected_to(&again).get(SESSION).await;
    assert_eq!(answer.refused(401, "unauthenticated")["reason"], "logout");
}

async fn a_sign_out_behind_a_database_lock_is_written_at_shutdown(app: TestApp) {
    let ayse = app.person("ayse").await;
    let browser = app.signed_in_without_hashing(&ayse).await;
    let mut listening = app.listening().await;
    let lock = app.database.lock_writes().await;
    browser.clone().post(LOGOUT, serde_json::json!({})).await.refused(503, "unavailable");
    listening.stop();
    app.state.shutdown.cancelled().await;
    lock.release().await;
    listening.ended().await;
    let again = app.restarted().await;
    let answer = browser.connected_to(&again).get(SESSION).await;
    assert_eq!(answer.refused(401, "unauthenticated")["reason"], "logout");
}

async fn an_unwritable_sign_out_does_not_block_the_shutdown_and_is_logged(app: TestApp) {
    // The process uses the machine's clock.
    app.clock.set(chrono::Utc::now().timestamp_millis());
    let ayse = app.person("ayse").await;
    let (one, other) = (app.signed_in_without_hashing(&ayse).await, app.signed_in_without_hashing(&ayse).await);
    let panel = app.as_process().await;
    let lock = app.database.lock_writes().await;
    for browser in [one, other] {
        browser.connected_to(&panel).post(LOGOUT, serde_json::json!({})).await.refused(503, "unavailable");
    }
    let begun = Instant::now();
    panel.process().stop().await;
    assert!(begun.elapsed() < Duration::from_secs(40), "{:?}", begun.elapsed());
    let log = panel.process().log();
    assert!(log.contains("sign-outs could not be written") && log.contains("lost=2"), "{log}");
    lock.release().await;
}

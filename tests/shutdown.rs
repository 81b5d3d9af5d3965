//! The end of a server: nothing that was promised goes with it.

use std::time::{Duration, Instant};

use crate::support::{LOGOUT, Outage, SESSION, TestApp};

both![
    a_sign_out_that_waits_is_written_at_the_end,
    a_sign_out_under_a_lock_is_written_at_the_end,
    a_sign_out_that_can_not_be_written_holds_nobody_up_and_is_told,
];

async fn a_sign_out_that_waits_is_written_at_the_end(app: TestApp) {
    let ayse = app.person("ayse").await;
    let browser = app.let_in(&ayse).await;
    let mut outage = Outage::of(&app).await;
    let mut served = outage.app.served().await;
    let mut here = browser.clone().visiting(&outage.app);
    here.post(LOGOUT, serde_json::json!({})).await.refused(503, "unavailable");
    served.stop();
    outage.app.state.shutdown.cancelled().await;
    outage.mend().await;
    served.ended().await;
    let again = app.restarted().await;
    let answer = browser.visiting(&again).get(SESSION).await;
    assert_eq!(answer.refused(401, "unauthenticated")["reason"], "logout");
}

async fn a_sign_out_under_a_lock_is_written_at_the_end(app: TestApp) {
    let ayse = app.person("ayse").await;
    let browser = app.let_in(&ayse).await;
    let mut served = app.served().await;
    let held = app.database.hold().await;
    browser.clone().post(LOGOUT, serde_json::json!({})).await.refused(503, "unavailable");
    served.stop();
    app.state.shutdown.cancelled().await;
    held.release().await;
    served.ended().await;
    let again = app.restarted().await;
    let answer = browser.visiting(&again).get(SESSION).await;
    assert_eq!(answer.refused(401, "unauthenticated")["reason"], "logout");
}

async fn a_sign_out_that_can_not_be_written_holds_nobody_up_and_is_told(app: TestApp) {
    // The process goes by the machine's clock.
    app.clock.set(chrono::Utc::now().timestamp_millis());
    let ayse = app.person("ayse").await;
    let (one, other) = (app.let_in(&ayse).await, app.let_in(&ayse).await);
    let panel = app.as_process().await;
    let held = app.database.hold().await;
    for browser in [one, other] {
        browser.visiting(&panel).post(LOGOUT, serde_json::json!({})).await.refused(503, "unavailable");
    }
    let begun = Instant::now();
    panel.process().stop().await;
    assert!(begun.elapsed() < Duration::from_secs(40), "{:?}", begun.elapsed());
    let log = panel.process().log();
    assert!(log.contains("sign-outs could not be written") && log.contains("lost=2"), "{log}");
    held.release().await;
}

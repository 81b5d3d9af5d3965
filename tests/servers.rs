//! Two processes on one database, as behind a load balancer.

use std::time::{Duration, Instant};

use crate::support::{Browser, TestApp};

both![a_sign_out_in_one_process_reaches_the_event_streams_of_the_other, an_open_event_stream_does_not_delay_a_shutdown,];

async fn signed_in(app: &TestApp) -> Browser {
    // The processes use the machine's clock.
    app.clock.set(chrono::Utc::now().timestamp_millis());
    let ayse = app.person("ayse").await;
    app.signed_in(&ayse).await
}

async fn a_sign_out_in_one_process_reaches_the_event_streams_of_the_other(app: TestApp) {
    let browser = signed_in(&app).await;
    let (one, other) = (app.as_process().await, app.as_process().await);
    let mut heard = browser.clone().connected_to(&one).events().await;
    let begun = Instant::now();
    browser.connected_to(&other).sign_out().await.expect(200);
    heard.expect_end("logout").await;
    println!("heard after {:?}", begun.elapsed());
    other.process().stop().await;
    one.process().stop().await;
}

async fn an_open_event_stream_does_not_delay_a_shutdown(app: TestApp) {
    let browser = signed_in(&app).await;
    let panel = app.as_process().await;
    let mut heard = browser.connected_to(&panel).events().await;
    let begun = Instant::now();
    panel.process().stop().await;
    // A shutdown gives open requests ten seconds, but does not wait for streams.
    assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
    assert_eq!(heard.block().await, None, "the stream ends in order");
}

//! A stream belongs to the id that opened it. The stream of an id that was replaced without
//! grace closes; the stream of a rotated id stays open.

use std::time::Duration;

use serde_json::json;

use super::two_sessions;
use crate::support::{Backend, Browser, Events, MINUTE, PASSWORD, Person, SECOND, TestApp};

both![
    the_stream_of_a_replaced_id_receives_no_more_events,
    the_stream_of_a_rotated_id_stays_open,
    a_new_id_from_another_server_closes_the_stream,
    a_new_id_without_a_notice_is_found,
];

const NEW: &str = "dört mevsim aynı pencerede 12 kez";

/// Replaces the id of a browser's session without grace, in one of two ways.
async fn renew(browser: &mut Browser, way: usize) {
    let (path, body) = match way {
        0 => ("/api/auth/confirm", json!({ "password": PASSWORD })),
        _ => ("/api/account/password", json!({ "currentPassword": PASSWORD, "newPassword": NEW })),
    };
    browser.post(path, body).await.expect(200);
}

/// Asserts that a stream closes without an event. The server closes it as the panel's clock advances.
async fn expect_silent_end(app: &TestApp, heard: &mut Events) {
    let passing = async {
        let mut ticks = tokio::time::interval(Duration::from_millis(200));
        loop {
            ticks.tick().await;
            app.pass(SECOND);
        }
    };
    tokio::select! {
        heard = heard.block() => assert_eq!(heard, None),
        () = passing => {}
    }
}

async fn the_stream_of_a_replaced_id_receives_no_more_events(app: TestApp) {
    let (_, mut here, mut there) = two_sessions(&app).await;
    for way in 0..2 {
        // The thief has a copy of the cookie and an open stream.
        let (mut heard, mut elsewhere) = (here.clone().events().await, there.events().await);
        renew(&mut here, way).await;
        if way == 1 {
            elsewhere.expect_end("password_changed").await;
        }
        let mut own = here.events().await;
        let person = Person { password: [PASSWORD, NEW][way].to_owned(), ..app.existing_person("ayse").await };
        there = app.signed_in(&person).await;
        let new = app.handle_of(&there).await;
        assert_eq!(own.expect("signed-in").await["handle"], new, "the page with the new cookie receives the event");
        if way == 0 {
            elsewhere.expect("signed-in").await;
        }
        expect_silent_end(&app, &mut heard).await;
    }
}

async fn the_stream_of_a_rotated_id_stays_open(app: TestApp) {
    let (ayse, mut here, _) = two_sessions(&app).await;
    let old = here.session();
    let mut heard = here.events().await;
    app.pass(16 * MINUTE);
    here.navigate("/").await.expect(200);
    assert_ne!(here.session(), old);
    heard.expect("session-extended").await;
    app.change_user(&ayse).await;
    heard.expect("user-changed").await;
}

async fn a_new_id_from_another_server_closes_the_stream(app: TestApp) {
    let (_, here, _) = two_sessions(&app).await;
    let other = app.restarted().await;
    let mut heard = here.clone().events().await;
    renew(&mut here.connected_to(&other), 0).await;
    expect_silent_end(&app, &mut heard).await;
}

async fn a_new_id_without_a_notice_is_found(app: TestApp) {
    let (_, mut here, _) = two_sessions(&app).await;
    let handle = app.handle_of(&here).await;
    let mut heard = here.events().await;
    let renewed =
        format!("UPDATE sessions SET renewals = renewals + 1, proved_at = {} WHERE handle = '{handle}'", app.now());
    app.database.execute(&renewed).await;
    if app.database.backend() == Backend::Postgres {
        // PostgreSQL's notices need a connection, and some may be lost when it breaks.
        let broken = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
            WHERE datname = current_database() AND query LIKE 'LISTEN%'";
        assert_eq!(app.database.number(broken).await, 1);
    }
    expect_silent_end(&app, &mut heard).await;
}

//! A stream follows the id it was opened with: one that was renewed without
//! grace hears no more, one that was only rotated is the same browser.

use std::time::Duration;

use serde_json::json;

use super::two_sessions;
use crate::support::{Backend, Browser, Events, MINUTE, PASSWORD, Person, SECOND, TestApp};

both![
    the_stream_of_a_replaced_id_hears_nothing_more,
    a_rotated_ids_stream_stays,
    a_new_id_on_another_server_closes_the_stream_here,
    a_new_id_nobody_told_of_is_found,
];

const NEW: &str = "dört mevsim aynı pencerede 12 kez";

/// Gives a browser's session a new id without grace, in each of the ways there are.
async fn renew(browser: &mut Browser, way: usize) {
    let (path, body) = match way {
        0 => ("/api/auth/confirm", json!({ "password": PASSWORD })),
        _ => ("/api/account/password", json!({ "currentPassword": PASSWORD, "newPassword": NEW })),
    };
    browser.post(path, body).await.expect(200);
}

/// Asserts that a stream is closed without a word. Its end waits for the panel's clock.
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

async fn the_stream_of_a_replaced_id_hears_nothing_more(app: TestApp) {
    let (_, mut here, mut there) = two_sessions(&app).await;
    for way in 0..2 {
        // The thief has a copy of the cookie, and listens.
        let (mut heard, mut elsewhere) = (here.clone().events().await, there.events().await);
        renew(&mut here, way).await;
        if way == 1 {
            elsewhere.expect_end("password_changed").await;
        }
        let mut own = here.events().await;
        let person = Person { password: [PASSWORD, NEW][way].to_owned(), ..app.known("ayse").await };
        there = app.signed_in(&person).await;
        let new = app.handle_of(&there).await;
        assert_eq!(own.expect("signed-in").await["handle"], new, "the page that has the new cookie");
        if way == 0 {
            elsewhere.expect("signed-in").await;
        }
        expect_silent_end(&app, &mut heard).await;
    }
}

async fn a_rotated_ids_stream_stays(app: TestApp) {
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

async fn a_new_id_on_another_server_closes_the_stream_here(app: TestApp) {
    let (_, here, _) = two_sessions(&app).await;
    let other = app.restarted().await;
    let mut heard = here.clone().events().await;
    renew(&mut here.visiting(&other), 0).await;
    expect_silent_end(&app, &mut heard).await;
}

async fn a_new_id_nobody_told_of_is_found(app: TestApp) {
    let (_, mut here, _) = two_sessions(&app).await;
    let handle = app.handle_of(&here).await;
    let mut heard = here.events().await;
    let renewed =
        format!("UPDATE sessions SET renewals = renewals + 1, proved_at = {} WHERE handle = '{handle}'", app.now());
    app.database.execute(&renewed).await;
    if app.database.backend() == Backend::Postgres {
        // Its notices have a connection; when that breaks, some may be lost.
        let broken = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
            WHERE datname = current_database() AND query LIKE 'LISTEN%'";
        assert_eq!(app.database.number(broken).await, 1);
    }
    expect_silent_end(&app, &mut heard).await;
}

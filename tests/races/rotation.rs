//! Concurrent tabs share their cookies, and none of them is treated as a thief.

use std::collections::BTreeSet;

use kafkasder_panel::server::sessions::cookie::SessionClaim;
use kafkasder_panel::server::sessions::rotate;
use serde_json::Value;

use super::{ROUNDS, at_once};
use crate::support::{Answer, Browser, MINUTE, SECOND, SESSION, TestApp};

both![
    concurrent_tabs_rotate_to_one_id,
    concurrent_tabs_never_lose_their_session,
    a_rotation_concurrent_with_a_new_id_is_no_theft,
];

const DUE: std::time::Duration = MINUTE.saturating_mul(15);

/// Loads a page in `tabs` tabs concurrently; returns the tabs with the cookies they received.
async fn load(tabs: usize, browser: &Browser) -> Vec<Browser> {
    let tabs = (0..tabs).map(|_| browser.clone());
    at_once(tabs.map(|mut tab| async move {
        tab.navigate("/").await.expect(200);
        tab
    }))
    .await
}

async fn remembered(app: &TestApp) -> Browser {
    let ayse = app.person("ayse").await;
    app.remembered(&ayse).await
}

async fn concurrent_tabs_rotate_to_one_id(app: TestApp) {
    let browser = remembered(&app).await;
    app.pass(DUE);
    let tabs = load(10, &browser).await;
    let ids: BTreeSet<String> =
        tabs.iter().map(|tab| app.open_session(&tab.session().unwrap()).session_id.to_string()).collect();
    assert!(ids.len() <= 2, "at most the new id and, where the new one was in use already, the old id");
    assert_eq!(app.database.number("SELECT count(*) FROM retired_ids").await, 1);
}

/// Ten tabs store the cookies of their responses in any order.
async fn concurrent_tabs_never_lose_their_session(app: TestApp) {
    let mut browser = remembered(&app).await;
    for round in 0..ROUNDS {
        app.pass(if round % 2 == 0 { DUE } else { 20 * SECOND });
        let before = browser.session();
        for tab in load(10, &browser).await {
            if tab.session() != before {
                browser.jar = tab.jar;
            }
        }
        browser.get(SESSION).await.expect(200);
    }
    assert_eq!(app.live_sessions().await, 1);
    let rotated = i64::try_from(ROUNDS / 2).unwrap();
    assert_eq!(app.database.number("SELECT count(*) FROM retired_ids").await, rotated);
}

/// Confirming the password replaces the id while another tab rotates it.
async fn a_rotation_concurrent_with_a_new_id_is_no_theft(app: TestApp) {
    let mut browser = remembered(&app).await;
    let handle = app.handle_of(&browser).await;
    for round in 0..ROUNDS {
        let mut late = browser.clone();
        let claim = app.open_session(&browser.session().unwrap());
        let (rotated, renewed) = tokio::join!(
            tokio::spawn({
                let (app, handle, claim) = (app.clone(), handle.clone(), claim.clone());
                async move { rotate::rotate(&app.state, &handle, &claim, app.now()).await.expect("rotated or not") }
            }),
            tokio::spawn({
                let (app, handle) = (app.clone(), handle.clone());
                async move {
                    let mut tx = app.state.db.begin().await.expect("a transaction");
                    let id = rotate::replace_id_in(&mut tx, &handle, app.now()).await.expect("a fresh id");
                    tx.commit().await.expect("committed");
                    id
                }
            })
        );
        let fresh = SessionClaim { session_id: renewed.unwrap().into(), ..claim };
        browser.set_cookie("auth-session", &app.seal_session(&fresh));
        assert_refused_as_outdated(&late.get(SESSION).await, round);
        // The response with the rotated id may arrive last.
        if let Some(between) = rotated.unwrap() {
            late.set_cookie("auth-session", &app.seal_session(&between));
            assert_refused_as_outdated(&late.get(SESSION).await, round);
        }
        browser.get(SESSION).await.expect(200);
    }
}

/// Asserts a refusal that neither ends the session nor touches the browser's newer cookie.
fn assert_refused_as_outdated(answer: &Answer, round: usize) {
    assert_eq!(answer.refused(401, "unauthenticated")["reason"], Value::Null, "round {round}");
    assert!(answer.cookies().is_empty(), "round {round}: {answer}");
}

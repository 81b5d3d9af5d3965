//! A session ends once, and concurrent requests don't revive it.

use futures::FutureExt;
use serde_json::json;

use super::{ROUNDS, at_once};
use crate::support::{MINUTE, TestApp, USER};

both![
    two_concurrent_sign_outs_are_recorded_once,
    concurrent_ends_from_several_tabs_end_a_session_once,
    requests_in_flight_do_not_undo_a_sign_out
];

async fn two_concurrent_sign_outs_are_recorded_once(app: TestApp) {
    let ayse = app.person("ayse").await;
    app.listen_for_notices().await;
    for round in 0..ROUNDS {
        let mut browser = app.signed_in_without_hashing(&ayse).await;
        let handle = app.handle_of(&browser).await;
        let mut heard = browser.events().await;
        let tabs = [browser.clone(), browser];
        at_once(tabs.map(|mut tab| async move { tab.sign_out().await.expect(200) })).await;
        heard.expect_end("logout").await;
        let rows = format!("SELECT count(*) FROM audit WHERE session = '{handle}' AND action = 'sign_out'");
        assert_eq!(app.database.number(&rows).await, 1, "round {round}");
    }
}

async fn concurrent_ends_from_several_tabs_end_a_session_once(app: TestApp) {
    let ayse = app.person("ayse").await;
    let one = app.signed_in_without_hashing(&ayse).await;
    for round in 0..ROUNDS {
        let target = app.handle_of(&app.signed_in_without_hashing(&ayse).await).await;
        let ends = at_once((0..4).map(|_| {
            let (mut tab, body) = (one.clone(), json!({ "handle": target }));
            async move { tab.post("/api/account/sessions/end", body).await.data()["ended"].as_u64() }
        }));
        assert_eq!(ends.await.into_iter().flatten().sum::<u64>(), 1, "round {round}");
        assert_eq!(app.audited("session_ended").await, 1 + i64::try_from(round).unwrap());
        if round % 100 == 99 {
            // Lets the session's rate limit of mutations start anew.
            app.pass(5 * MINUTE);
        }
    }
}

async fn requests_in_flight_do_not_undo_a_sign_out(app: TestApp) {
    let ayse = app.person("ayse").await;
    app.listen_for_notices().await;
    for round in 0..ROUNDS {
        let mut browser = app.signed_in_without_hashing(&ayse).await;
        let mut heard = browser.events().await;
        // After two minutes, the concurrent requests write their activity.
        app.pass(2 * MINUTE);
        let (mut leaving, mut loading, mut asking) = (browser.clone(), browser.clone(), browser.clone());
        let works = [
            async move { leaving.sign_out().await }.boxed(),
            async move { loading.navigate("/").await }.boxed(),
            async move { asking.get(USER).await }.boxed(),
        ];
        let [left, loaded, asked] = <[_; 3]>::try_from(at_once(works).await).expect("three answers");
        left.expect(200);
        for answer in [loaded, asked] {
            assert!([200, 303, 401].contains(&answer.status), "{answer}");
            assert!(answer.cookie("auth-session").is_none_or(|cookie| cookie.clears()), "{answer}");
        }
        assert!(!browser.is_signed_in().await, "round {round}");
        let mut ends = 0;
        while let Some((name, data)) = heard.next().await {
            assert!(ends == 0, "{name} {data} after the end");
            match name.as_str() {
                "session-extended" => {}
                "session-ended" => ends += 1,
                _ => panic!("{name} {data}"),
            }
        }
        assert_eq!(ends, 1, "round {round}");
    }
    assert_eq!(app.live_sessions().await, 0);
}

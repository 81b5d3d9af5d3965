//! Ending one session, all others, or all.

use serde_json::json;

use super::{END, END_ALL, END_OTHERS, assert_ended, end, handle};
use crate::support::{MINUTE, TestApp};

both![
    only_the_chosen_session_is_ended,
    another_users_handle_gets_the_same_response_as_an_unknown_one,
    ending_twice_is_recorded_once,
    ending_the_current_session_takes_effect_at_its_next_request,
    ending_the_others_keeps_the_current_session,
    an_ended_session_ends_no_others,
    ending_all_clears_the_browsers_cookies,
    every_end_is_in_the_audit_log,
];

async fn only_the_chosen_session_is_ended(app: TestApp) {
    let ayse = app.person("ayse").await;
    let (mut one, mut two, mut three) =
        (app.signed_in(&ayse).await, app.signed_in(&ayse).await, app.signed_in(&ayse).await);
    let target = handle(&mut two).await;
    assert_eq!(end(&mut one, &target).await.text(), r#"{"success":true,"data":{"ended":1}}"#);
    assert_ended(&mut two, "revoked").await;
    assert!(two.session().is_none(), "its cookie is cleared at its next request");
    assert!(one.is_signed_in().await && three.is_signed_in().await);
}

async fn another_users_handle_gets_the_same_response_as_an_unknown_one(app: TestApp) {
    let (ayse, mehmet) = (app.person("ayse").await, app.person("mehmet").await);
    let (mut hers, mut his) = (app.signed_in(&ayse).await, app.signed_in(&mehmet).await);
    let live = handle(&mut his).await;
    let mut gone = app.signed_in(&mehmet).await;
    let ended = handle(&mut gone).await;
    gone.sign_out().await.expect(200);
    let nowhere = end(&mut hers, "sid_AAAAAAAAAAAAAAAAAAAAAA").await;
    nowhere.refused(404, "not_found");
    let before = app.database.dump().await;
    for foreign in [live, ended] {
        assert_eq!(end(&mut hers, &foreign).await.fingerprint(), nowhere.fingerprint());
    }
    for odd in ["", "'", "sid_%", "\u{0}", &"x".repeat(5000)] {
        end(&mut hers, odd).await.refused(404, "not_found");
    }
    assert_eq!(app.database.dump().await, before);
    assert!(his.is_signed_in().await);
    for bad in [json!({}), json!({ "handle": 1 }), json!({ "handle": null }), json!({ "handle": "x", "all": true })] {
        hers.post(END, bad).await.refused(400, "invalid_request");
    }
}

async fn ending_twice_is_recorded_once(app: TestApp) {
    let ayse = app.person("ayse").await;
    let (mut one, mut two) = (app.signed_in(&ayse).await, app.signed_in(&ayse).await);
    let target = handle(&mut two).await;
    end(&mut one, &target).await.expect(200);
    let ended = app.now();
    app.pass(MINUTE);
    assert_eq!(end(&mut one, &target).await.data()["ended"], 0);
    assert_eq!(one.post(END_OTHERS, json!({})).await.data()["ended"], 0);
    let row = app.database.texts("SELECT CAST(ended_at AS TEXT) FROM sessions WHERE ended_at IS NOT NULL").await;
    assert_eq!(row, [[ended.to_string()]]);
    assert_eq!(app.audited("session_ended").await, 1);
}

async fn ending_the_current_session_takes_effect_at_its_next_request(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    let own = handle(&mut browser).await;
    end(&mut browser, &own).await.expect(200);
    assert_ended(&mut browser, "revoked").await;
    assert!(browser.session().is_none());
    assert!(browser.navigate("/account").await.see_other().starts_with("/login"));
}

async fn ending_the_others_keeps_the_current_session(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut others = [app.signed_in(&ayse).await, app.remembered(&ayse).await];
    let mut browser = app.signed_in(&ayse).await;
    let answer = browser.post(END_OTHERS, json!({})).await;
    assert_eq!(answer.text(), r#"{"success":true,"data":{"ended":2}}"#);
    for other in &mut others {
        assert_ended(other, "revoked").await;
    }
    assert!(browser.is_signed_in().await);
}

async fn an_ended_session_ends_no_others(app: TestApp) {
    let ayse = app.person("ayse").await;
    let (mut one, mut two) = (app.signed_in(&ayse).await, app.signed_in(&ayse).await);
    for _ in 0..10 {
        let (mut a, mut b) = (one.clone(), two.clone());
        // Each session ends the other: the first one stays, and an ended session ends no other.
        tokio::join!(a.post(END_OTHERS, json!({})), b.post(END_OTHERS, json!({})));
        if app.database.backend() == crate::support::Backend::Sqlite {
            assert_eq!(usize::from(one.is_signed_in().await) + usize::from(two.is_signed_in().await), 1);
        }
        (one, two) = (app.signed_in(&ayse).await, app.signed_in(&ayse).await);
    }
}

async fn ending_all_clears_the_browsers_cookies(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut other = app.remembered(&ayse).await;
    let mut browser = app.signed_in(&ayse).await;
    let answer = browser.post(END_ALL, json!({})).await;
    assert_eq!(answer.data()["ended"], 2);
    assert!(answer.clears("auth-session") && answer.clears("csrf-token"), "{answer}");
    assert_ended(&mut other, "revoked").await;
    assert!(!browser.is_signed_in().await);

    let mut form = app.signed_in(&ayse).await;
    let answer = form.submit("/account", END_ALL, &[("redirect", "/login")]).await;
    assert_eq!(answer.see_other(), "/login");
    assert!(form.session().is_none());
    form.navigate("/login").await.expect(200);
}

async fn every_end_is_in_the_audit_log(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    let target = handle(&mut app.signed_in(&ayse).await).await;
    end(&mut browser, &target).await.expect(200);
    app.signed_in(&ayse).await;
    app.signed_in(&ayse).await;
    browser.post(END_OTHERS, json!({})).await.expect(200);
    let rows = app
        .database
        .texts("SELECT actor, target, details FROM audit WHERE action = 'session_ended' AND result = 'success'")
        .await;
    let wanted = [ayse.id.clone(), ayse.id.clone(), r#"{"reason":"revoked"}"#.to_owned()];
    assert_eq!(rows, vec![wanted; 3]);
    let named = app.database.texts("SELECT session FROM audit WHERE action = 'session_ended' ORDER BY id").await;
    assert_eq!(named[0], [target]);
}

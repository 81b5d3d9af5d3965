//! The session limit, and which session ends for a new one.

use serde_json::json;

use super::{asking, browsers, choose, ended, text};
use crate::support::{HOUR, MINUTE, SESSION, TestApp};

both![
    without_a_choice_the_least_recently_active_session_ends,
    a_lower_limit_applies_at_the_next_sign_in,
    zero_means_no_limit,
    expired_and_replaced_sessions_do_not_count,
    a_right_password_at_the_limit_is_a_success,
];

async fn without_a_choice_the_least_recently_active_session_ends(app: TestApp) {
    let ayse = app.person("ayse").await;
    app.set_policy("sessionLimit", "2").await;
    let mut browsers = browsers(&app, &ayse, 2).await;
    // The older session has been active since, so the younger one is the least recently active.
    app.pass(MINUTE);
    browsers[0].navigate("/").await.expect(200);
    app.browser().sign_in(&ayse).await;

    assert!(browsers[0].is_signed_in().await);
    assert_eq!(browsers[1].get(SESSION).await.refused(401, "unauthenticated")["reason"], "session_limit");
    assert_eq!(app.live_sessions().await, 2);
    assert_eq!(ended(&app).await, [["session_limit", ""]], "ended by no user but by the policy");
    let audit = app.database.texts("SELECT actor, target, details FROM audit WHERE action = 'session_ended'").await;
    assert_eq!(audit, [[ayse.id.as_str(), ayse.id.as_str(), r#"{"reason":"session_limit"}"#]]);
}

async fn a_lower_limit_applies_at_the_next_sign_in(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browsers = browsers(&app, &ayse, 5).await;
    app.set_policy("sessionLimit", "2").await;
    app.sweep().await;
    for browser in &mut browsers {
        assert!(browser.is_signed_in().await);
    }
    let mut browser = app.browser();
    let body = asking(&mut browser, &ayse).await.refused(409, "session_limit");
    assert_eq!((body["sessions"].as_array().unwrap().len(), &body["alsoEnding"]), (5, &json!(3)));
    let newest = text(&body["sessions"][4]["handle"]);
    choose(&mut browser, &text(&body["ticket"]), &newest).await.expect(200);
    let mut signed_in = Vec::new();
    for browser in &mut browsers {
        signed_in.push(browser.is_signed_in().await);
    }
    assert_eq!(
        signed_in,
        [false, false, false, true, false],
        "the chosen session and the three least recently active ones"
    );
    app.set_policy("sessionLimit", "1").await;
    app.browser().sign_in(&ayse).await;
    assert_eq!(app.live_sessions().await, 1);
}

async fn zero_means_no_limit(app: TestApp) {
    let ayse = app.person("ayse").await;
    let limited = app.person("mehmet").await;
    for _ in 0..22 {
        app.browser().sign_in(&limited).await;
    }
    assert_eq!(app.live_sessions().await, 20, "the default is twenty");
    app.set_policy("sessionLimit", "0").await;
    for _ in 0..22 {
        asking(&mut app.browser(), &ayse).await.expect(200);
    }
    assert_eq!(app.live_sessions().await, 42);
}

async fn expired_and_replaced_sessions_do_not_count(app: TestApp) {
    let ayse = app.person("ayse").await;
    app.set_policy("sessionLimit", "2").await;
    let mut sleeper = app.signed_in(&ayse).await;
    app.pass(HOUR);
    // The first session is past its idle timeout, but its end is not written yet.
    let mut first = app.browser();
    asking(&mut first, &ayse).await.expect(200);
    let mut second = app.browser();
    asking(&mut second, &ayse).await.expect(200);
    assert_eq!(sleeper.get(SESSION).await.refused(401, "unauthenticated")["reason"], "idle");
    // A new session in the same browser replaces the old one.
    asking(&mut second, &ayse).await.expect(200);
    assert!(first.is_signed_in().await);
    second.sign_out().await.expect(200);
    asking(&mut app.browser(), &ayse).await.expect(200);
    // At the limit, the browser keeps its current session.
    let mehmet = app.person("mehmet").await;
    let mut other = app.signed_in(&mehmet).await;
    asking(&mut other, &ayse).await.refused(409, "session_limit");
    assert!(other.is_signed_in().await);
}

async fn a_right_password_at_the_limit_is_a_success(app: TestApp) {
    let ayse = app.person("ayse").await;
    app.set_policy("sessionLimit", "1").await;
    app.set_policy("addressLimit", "10").await;
    app.browser().at_address("192.0.2.9").sign_in(&ayse).await;
    for _ in 0..2 {
        for left in [4, 3, 2, 1] {
            let answer = app.browser().try_password(&ayse.email, "not the password at all").await;
            assert_eq!(answer.refused(401, "invalid_credentials")["remainingAttempts"], left);
        }
        asking(&mut app.browser(), &ayse).await.refused(409, "session_limit");
    }
    assert_eq!(app.database.number("SELECT count(*) FROM attempts WHERE bucket NOT LIKE 'address:%'").await, 0);
    assert_eq!(app.database.number("SELECT count(*) FROM attempts WHERE bucket = 'address:198.51.100.7'").await, 8);
}

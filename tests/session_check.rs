//! Staying signed in: the session's row decides on every request.

use std::time::Duration;

use serde_json::Value;

use crate::support::{Browser, DAY, HOUR, MINUTE, Person, SECOND, SESSION, TestApp, USER, iso_time};

both![
    the_response_has_the_expiry_times_to_the_letter,
    an_idle_session_ends_a_minute_after_the_idle_timeout,
    the_end_is_written_once_with_its_reason,
    reading_the_api_is_no_activity,
    a_navigation_is_activity,
    activity_is_written_at_most_once_a_minute,
    a_prefetch_is_no_activity,
    activity_does_not_extend_a_session_past_its_expiry,
    a_remembered_session_has_no_idle_timeout_and_ends_after_its_days,
    the_policy_can_apply_the_idle_timeout_to_remembered_sessions,
    a_lower_idle_timeout_applies_to_live_sessions_at_once,
    raising_a_limit_revives_no_ended_session,
    saving_a_policy_first_ends_sessions_past_the_old_limits,
    with_remember_me_off_remembered_sessions_end_a_day_after_their_start,
    fewer_days_apply_to_remembered_sessions,
    disabling_a_user_ends_every_session,
    an_ended_session_is_ended_on_every_server,
    the_sweep_ends_sessions_past_a_limit,
    the_response_for_an_ended_session_clears_its_cookie,
    a_request_without_a_session_gets_no_reason,
    only_the_session_cookie_identifies_the_user,
    the_login_page_shows_why_the_session_ended,
];

async fn the_response_has_the_expiry_times_to_the_letter(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    let start = app.now();
    app.pass(10 * SECOND);
    let answer = browser.get(SESSION).await.expect(200);
    assert_eq!(
        answer.text(),
        format!(
            r#"{{"success":true,"data":{{"userId":"{}","expiresAt":"{}","idleExpiresAt":"{}","serverTime":"{}"}}}}"#,
            ayse.id,
            iso_time(start + 86_400_000),
            iso_time(start + 31 * 60_000),
            iso_time(app.now())
        )
    );
    assert!(answer.cookies().is_empty(), "a check sets no cookie");
}

/// Returns the time until the idle expiry that a session check reports.
async fn idle_left(app: &TestApp, browser: &mut Browser) -> Duration {
    let data = browser.get(SESSION).await.data();
    let end = data["idleExpiresAt"].as_str().expect("the idle limit applies");
    let end = chrono::DateTime::parse_from_rfc3339(end).expect("a time").timestamp_millis();
    Duration::from_millis(u64::try_from(end - app.now()).expect("the end is to come"))
}

async fn assert_ended(browser: &mut Browser, reason: &str) {
    let answer = browser.get(SESSION).await;
    assert_eq!(answer.refused(401, "unauthenticated")["reason"], reason, "{answer}");
}

async fn an_idle_session_ends_a_minute_after_the_idle_timeout(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    let left = idle_left(&app, &mut browser).await;
    assert_eq!(left, 31 * MINUTE);
    app.pass(left - SECOND);
    browser.get(SESSION).await.expect(200);
    app.pass(2 * SECOND);
    assert_ended(&mut browser, "idle").await;
}

async fn the_end_is_written_once_with_its_reason(app: TestApp) {
    let ayse = app.person("ayse").await;
    let browser = app.signed_in(&ayse).await;
    app.pass(HOUR);
    let ended = app.now();
    for _ in 0..2 {
        assert_ended(&mut browser.clone(), "idle").await;
        app.pass(HOUR);
    }
    let row = app.database.texts("SELECT end_reason, CAST(ended_at AS TEXT) FROM sessions").await;
    assert_eq!(row, [["idle".to_owned(), ended.to_string()]]);
    assert_eq!(app.audited("session_ended").await, 1);
}

async fn reading_the_api_is_no_activity(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    for _ in 0..15 {
        app.pass(2 * MINUTE);
        browser.get(SESSION).await.expect(200);
        browser.get(USER).await.expect(200);
        browser.get("/api/csrf").await.expect(200);
        // Not even when the request looks like a navigation.
        browser.navigation(SESSION).send().await.expect(200);
    }
    app.pass(2 * MINUTE);
    assert_ended(&mut browser, "idle").await;
}

async fn a_navigation_is_activity(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    for _ in 0..3 {
        app.pass(30 * MINUTE);
        browser.navigate("/").await.expect(200);
        assert_eq!(idle_left(&app, &mut browser).await, 31 * MINUTE);
    }
}

async fn activity_is_written_at_most_once_a_minute(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    app.pass(59 * SECOND);
    browser.navigate("/").await.expect(200);
    assert_eq!(
        idle_left(&app, &mut browser).await,
        31 * MINUTE - 59 * SECOND,
        "less than a minute after the last write"
    );
    app.pass(SECOND);
    browser.navigate("/").await.expect(200);
    assert_eq!(idle_left(&app, &mut browser).await, 31 * MINUTE);
}

async fn a_prefetch_is_no_activity(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    app.pass(30 * MINUTE);
    browser.navigation("/").header("sec-purpose", "prefetch").send().await;
    assert_eq!(idle_left(&app, &mut browser).await, MINUTE);
}

async fn activity_does_not_extend_a_session_past_its_expiry(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    for _ in 0..47 {
        app.pass(30 * MINUTE);
        browser.navigate("/").await.expect(200);
    }
    app.pass(30 * MINUTE - SECOND);
    browser.navigate("/").await.expect(200);
    app.pass(2 * SECOND);
    assert_ended(&mut browser, "expired").await;
}

async fn a_remembered_session_has_no_idle_timeout_and_ends_after_its_days(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.remembered(&ayse).await;
    assert_eq!(browser.get(SESSION).await.data()["idleExpiresAt"], Value::Null);
    app.pass(30 * DAY - SECOND);
    browser.get(SESSION).await.expect(200);
    app.pass(2 * SECOND);
    assert_ended(&mut browser, "expired").await;
}

async fn the_policy_can_apply_the_idle_timeout_to_remembered_sessions(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.remembered(&ayse).await;
    app.set_policy("idleAppliesToRemembered", "true").await;
    assert_eq!(idle_left(&app, &mut browser).await, 31 * MINUTE);
    app.pass(32 * MINUTE);
    assert_ended(&mut browser, "idle").await;
}

async fn a_lower_idle_timeout_applies_to_live_sessions_at_once(app: TestApp) {
    let ayse = app.person("ayse").await;
    app.set_policy("idleTimeoutMinutes", "1440").await;
    let mut browser = app.signed_in(&ayse).await;
    app.pass(10 * MINUTE);
    browser.get(SESSION).await.expect(200);
    app.set_policy("idleTimeoutMinutes", "5").await;
    assert_ended(&mut browser, "idle").await;
}

async fn raising_a_limit_revives_no_ended_session(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut remembered = app.remembered(&ayse).await;
    let mut browser = app.signed_in(&ayse).await;
    app.set_policy("idleTimeoutMinutes", "5").await;
    app.pass(10 * MINUTE);
    // No request came in between, so the session's end is not written yet.
    app.set_policy("idleTimeoutMinutes", "1440").await;
    assert_ended(&mut browser, "idle").await;

    app.set_policy("rememberMeDays", "1").await;
    app.pass(2 * DAY);
    app.set_policy("rememberMeDays", "30").await;
    assert_ended(&mut remembered, "expired").await;
}

async fn saving_a_policy_first_ends_sessions_past_the_old_limits(app: TestApp) {
    let ayse = app.person("ayse").await;
    app.signed_in(&ayse).await;
    app.pass(HOUR);
    let live = "SELECT count(*) FROM sessions WHERE ended_at IS NULL";
    assert_eq!(app.database.number(live).await, 1);
    app.set_policy("maxAttempts", "6").await;
    assert_eq!(app.database.number(live).await, 0);
    assert_eq!(app.database.texts("SELECT end_reason FROM sessions").await, [["idle"]]);
}

async fn with_remember_me_off_remembered_sessions_end_a_day_after_their_start(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut old = app.remembered(&ayse).await;
    app.pass(23 * HOUR);
    let mut young = app.remembered(&ayse).await;
    app.set_policy("rememberMe", "false").await;
    app.pass(30 * MINUTE);
    old.get(SESSION).await.expect(200);
    app.pass(HOUR);
    assert_ended(&mut old, "expired").await;
    let data = young.get(SESSION).await.data();
    assert_eq!(
        data["expiresAt"],
        iso_time(app.now() + 22 * 3_600_000 + 30 * 60_000),
        "the reported expiry is the one in force"
    );
}

async fn fewer_days_apply_to_remembered_sessions(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.remembered(&ayse).await;
    let start = app.now();
    app.pass(3 * DAY);
    app.set_policy("rememberMeDays", "4").await;
    assert_eq!(browser.get(SESSION).await.data()["expiresAt"], iso_time(start + 4 * 86_400_000));
    app.set_policy("rememberMeDays", "2").await;
    assert_ended(&mut browser, "expired").await;
}

async fn disabling_a_user_ends_every_session(app: TestApp) {
    let (ayse, mehmet) = (app.person("ayse").await, app.person("mehmet").await);
    let mut browsers = [app.signed_in(&ayse).await, app.remembered(&ayse).await];
    let mut other = app.signed_in(&mehmet).await;
    app.disable(&ayse).await;
    for browser in &mut browsers {
        assert_ended(&mut browser.clone(), "account_disabled").await;
    }
    assert!(other.is_signed_in().await);
    app.enable(&ayse).await;
    for browser in &mut browsers {
        assert_ended(browser, "account_disabled").await;
    }
}

async fn an_ended_session_is_ended_on_every_server(app: TestApp) {
    let ayse = app.person("ayse").await;
    let other = app.restarted().await;
    let mut browser = app.signed_in(&ayse).await;
    let mut there = browser.clone().connected_to(&other);
    assert!(there.is_signed_in().await);
    browser.sign_out().await.expect(200);
    assert_ended(&mut there, "logout").await;
}

async fn the_sweep_ends_sessions_past_a_limit(app: TestApp) {
    let ayse = app.person("ayse").await;
    app.signed_in(&ayse).await;
    app.pass(HOUR);
    app.sweep().await;
    assert_eq!(app.database.texts("SELECT end_reason FROM sessions").await, [["idle"]]);
    app.pass(91 * DAY);
    app.sweep().await;
    assert_eq!(app.database.number("SELECT count(*) FROM sessions").await, 0, "deleted after the retention days");
}

async fn the_response_for_an_ended_session_clears_its_cookie(app: TestApp) {
    let ayse = app.person("ayse").await;
    for path in [SESSION, USER, "/api/nothing", "/"] {
        let mut browser = app.signed_in(&ayse).await;
        app.pass(HOUR);
        let answer = browser.get(path).await;
        assert_eq!(answer.refused(401, "unauthenticated")["reason"], "idle");
        assert!(answer.clears("auth-session"), "{answer}");
        assert!(browser.session().is_none());
        let again = browser.get(path).await;
        assert_eq!(again.refused(401, "unauthenticated")["reason"], Value::Null);
    }
}

async fn a_request_without_a_session_gets_no_reason(app: TestApp) {
    for path in [SESSION, USER, "/api/users", "/api/nothing/at/all"] {
        let answer = app.browser().get(path).await;
        answer.refused(401, "unauthenticated");
        assert_eq!(answer.text(), r#"{"success":false,"error":"Please sign in.","code":"unauthenticated"}"#);
    }
}

async fn only_the_session_cookie_identifies_the_user(app: TestApp) {
    let (ayse, mehmet): (Person, Person) = (app.person("ayse").await, app.person("mehmet").await);
    let mut browser = app.signed_in(&ayse).await;
    let session = browser.session().unwrap();

    let answer =
        browser.fetch("GET", &format!("{USER}?userId={}", mehmet.id)).header("x-user-id", &mehmet.id).send().await;
    assert_eq!(answer.data()["id"], ayse.id.as_str());

    let mut stranger = app.browser();
    for (header, value) in [
        ("authorization", format!("Bearer {session}")),
        ("authorization", "\u{1}\u{ff}".replace('\u{1}', "x")),
        ("x-session", session.clone()),
        ("auth-session", session.clone()),
        ("x-user-id", ayse.id.clone()),
        ("x-forwarded-user", ayse.email.clone()),
        ("x-middleware-subrequest", "middleware".to_owned()),
    ] {
        stranger.fetch("GET", USER).header(header, &value).send().await.refused(401, "unauthenticated");
    }
    let encoded: String = url::form_urlencoded::byte_serialize(session.as_bytes()).collect();
    stranger.get(&format!("{USER}?auth-session={encoded}")).await.refused(401, "unauthenticated");
}

async fn the_login_page_shows_why_the_session_ended(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    app.pass(HOUR);
    let location = browser.navigate("/").await.see_other().to_owned();
    assert_eq!(location, "/login?redirect=%2F");
    let page = browser.navigate(&location).await.expect(200);
    assert!(page.text().contains("You have been signed out: No activity for too long."), "{page}");
    app.pass(MINUTE);
    let mut browser = app.signed_in(&ayse).await;
    let mut copy = browser.clone();
    browser.sign_out().await.expect(200);
    let answer = copy.navigate("/").await;
    assert!(answer.cookie("flash").is_none(), "a user who signed out gets no reason: {answer}");
}

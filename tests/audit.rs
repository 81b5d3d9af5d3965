//! The audit log: which events it records, atomically with the change and without secrets.

use crate::support::{Backend, HOUR, LOGIN, PASSWORD, SECOND, TestApp};

both![
    a_sign_in_is_recorded_with_its_address_and_user_agent,
    a_failed_sign_in_is_recorded_for_known_and_unknown_emails,
    a_lockout_is_recorded_once,
    the_end_of_a_session_is_recorded_with_its_reason,
    actions_of_administrators_are_recorded,
    a_change_is_rolled_back_when_its_record_fails,
    records_cannot_be_changed_or_deleted,
    the_user_agent_is_stored_on_one_line_and_truncated,
    the_sweep_deletes_records_past_their_retention,
    no_secret_is_stored_in_plain_text,
    a_failed_sign_in_leaves_exactly_one_record,
];

const COLUMNS: &str =
    "action, result, actor, target, session, address, user_agent, request_id, details, CAST(at AS TEXT)";

async fn rows(app: &TestApp, action: &str) -> Vec<Vec<String>> {
    app.database.texts(&format!("SELECT {COLUMNS} FROM audit WHERE action = '{action}' ORDER BY at, id")).await
}

async fn a_sign_in_is_recorded_with_its_address_and_user_agent(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.browser().at_address("192.0.2.44");
    browser.ensure_token().await;
    let body = serde_json::json!({ "email": ayse.email, "password": ayse.password, "rememberMe": true });
    let answer = browser
        .fetch("POST", LOGIN)
        .with_token()
        .header("user-agent", "Mozilla/5.0 (X11; Linux)")
        .json(&body)
        .send()
        .await
        .expect(200);
    let handle = app.database.texts("SELECT handle FROM sessions").await[0][0].clone();
    assert_eq!(
        rows(&app, "sign_in").await,
        [[
            "sign_in",
            "success",
            &ayse.id,
            &ayse.id,
            &handle,
            "192.0.2.44",
            "Mozilla/5.0 (X11; Linux)",
            answer.header("x-request-id").unwrap(),
            r#"{"remembered":true}"#,
            &app.now().to_string()
        ]]
    );
    let session = app.database.texts("SELECT address, user_agent FROM sessions").await;
    assert_eq!(session, [["192.0.2.44", "Mozilla/5.0 (X11; Linux)"]]);
}

async fn a_failed_sign_in_is_recorded_for_known_and_unknown_emails(app: TestApp) {
    let ayse = app.person("ayse").await;
    let zeynep = app.person("zeynep").await;
    app.disable(&zeynep).await;
    for (email, password, target, reason) in [
        (ayse.email.as_str(), "not the password at all", ayse.id.as_str(), "credentials"),
        ("Nobody@Example.org", "not the password at all", "nobody@example.org", "credentials"),
        (&zeynep.email, PASSWORD, &zeynep.id, "inactive"),
    ] {
        app.pass(SECOND);
        // The actor is empty: the browser is not signed in.
        app.browser().try_password(email, password).await;
        let row = rows(&app, "sign_in_failed").await.pop().unwrap();
        assert_eq!(row[1..4], ["failure", "", target]);
        assert_eq!(row[8], format!(r#"{{"reason":"{reason}"}}"#));
    }
    assert_eq!(rows(&app, "sign_in_failed").await.len(), 3);
}

async fn a_lockout_is_recorded_once(app: TestApp) {
    let ayse = app.person("ayse").await;
    for _ in 0..8 {
        app.browser().try_password(&ayse.email, "not the password at all").await;
    }
    let locked = rows(&app, "locked").await;
    assert_eq!(locked.len(), 1);
    assert_eq!((locked[0][3].as_str(), locked[0][8].as_str()), (ayse.id.as_str(), r#"{"minutes":30}"#));
    assert_eq!(app.audited("sign_in_failed").await, 5);
}

async fn the_end_of_a_session_is_recorded_with_its_reason(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    browser.sign_in(&ayse).await;
    browser.sign_out().await.expect(200);
    let mut sleeper = app.signed_in(&ayse).await;
    app.pass(HOUR);
    assert!(!sleeper.is_signed_in().await);
    app.signed_in(&ayse).await;
    app.disable(&ayse).await;

    let ended = rows(&app, "session_ended").await;
    let details: Vec<&str> = ended.iter().map(|row| row[8].as_str()).collect();
    assert_eq!(details, [r#"{"reason":"replaced"}"#, r#"{"reason":"idle"}"#, r#"{"reason":"account_disabled"}"#]);
    assert!(ended.iter().all(|row| row[3] == ayse.id && row[4].starts_with("sid_")));
    let signed_out = rows(&app, "sign_out").await;
    assert_eq!(signed_out.len(), 1);
    assert_eq!((&signed_out[0][2], &signed_out[0][3]), (&ayse.id, &ayse.id));
}

async fn actions_of_administrators_are_recorded(app: TestApp) {
    let ayse = app.person("ayse").await;
    app.disable(&ayse).await;
    app.enable(&ayse).await;
    app.set_policy("idleTimeoutMinutes", "45").await;
    for action in ["user_created", "user_disabled", "user_enabled", "policy_changed"] {
        assert_eq!(app.audited(action).await, 1, "{action}");
    }
    let change = rows(&app, "policy_changed").await.remove(0);
    let details: serde_json::Value = serde_json::from_str(&change[8]).unwrap();
    assert_eq!(
        (details["before"]["idleTimeoutMinutes"].as_i64(), details["after"]["idleTimeoutMinutes"].as_i64()),
        (Some(30), Some(45))
    );
}

async fn a_change_is_rolled_back_when_its_record_fails(app: TestApp) {
    let ayse = app.person("ayse").await;
    app.browser().try_password(&ayse.email, "not the password at all").await.expect(401);
    let invitation = app.invited("irmak").await;
    let browser = app.signed_in(&ayse).await;
    app.browser().try_password(&ayse.email, "not the password at all").await.expect(401);
    app.database.execute("ALTER TABLE audit RENAME TO audit_elsewhere").await;
    let before = app.database.dump().await;

    let answer = app.browser().try_password(&ayse.email, PASSWORD).await;
    answer.refused(500, "internal");
    assert!(answer.cookie("auth-session").is_none());
    let body = serde_json::json!({ "token": invitation, "password": PASSWORD });
    app.browser().post("/api/activate", body).await.refused(500, "internal");
    let after = app.database.dump().await;
    let without_counts = |dump: &str| {
        dump.split("\n\n")
            .filter(|table| !table.starts_with("buckets") && !table.starts_with("attempts"))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(without_counts(&after), without_counts(&before));

    app.database.execute("ALTER TABLE audit_elsewhere RENAME TO audit").await;
    assert!(browser.clone().is_signed_in().await);
    app.browser().sign_in(&ayse).await;
}

async fn records_cannot_be_changed_or_deleted(app: TestApp) {
    let ayse = app.person("ayse").await;
    app.signed_in(&ayse).await;
    let before = rows(&app, "sign_in").await;
    let mut tried =
        vec!["UPDATE audit SET actor = 'somebody else'", "DELETE FROM audit", "DELETE FROM audit WHERE at < 1"];
    tried.push(match app.database.backend() {
        Backend::Sqlite => "REPLACE INTO audit SELECT id, 0, action, result, 'x', target, session, address, user_agent, request_id, details FROM audit",
        Backend::Postgres => "TRUNCATE audit",
    });
    for sql in tried {
        // A statement that matches no row changes none.
        let refused = app.database.try_execute(sql).await.is_err();
        assert_eq!(refused, !sql.contains("at < 1"), "{sql}");
        assert_eq!(rows(&app, "sign_in").await, before, "{sql}");
    }
    // After a sweep the remaining records are still protected.
    app.pass(HOUR * 24 * 89);
    app.sweep().await;
    assert!(app.database.try_execute("DELETE FROM audit").await.is_err());
    assert_eq!(rows(&app, "sign_in").await, before);
}

async fn the_user_agent_is_stored_on_one_line_and_truncated(app: TestApp) {
    let ayse = app.person("ayse").await;
    let long = "Mozilla ".repeat(100);
    for (agent, kept) in [
        ("x\t{\"level\":\"info\"}", "x{\"level\":\"info\"}"),
        ("=cmd()|' /C calc'!A0", "=cmd()|' /C calc'!A0"),
        (long.as_str(), &long[..300]),
    ] {
        app.pass(SECOND);
        let mut browser = app.browser();
        browser.ensure_token().await;
        let body = serde_json::json!({ "email": ayse.email, "password": ayse.password });
        browser.fetch("POST", LOGIN).with_token().header("user-agent", agent).json(&body).send().await.expect(200);
        assert_eq!(rows(&app, "sign_in").await.pop().unwrap()[6], kept);
    }
}

async fn the_sweep_deletes_records_past_their_retention(app: TestApp) {
    let ayse = app.person("ayse").await;
    app.set_policy("retentionDays", "30").await;
    app.browser().sign_in(&ayse).await;
    app.pass(HOUR * 24 * 29);
    app.sweep().await;
    assert_eq!(app.audited("sign_in").await, 1);
    app.pass(HOUR * 24 * 2);
    app.sweep().await;
    assert_eq!(app.audited("sign_in").await, 0);
}

async fn no_secret_is_stored_in_plain_text(app: TestApp) {
    let ayse = app.person("ayse").await;
    let (first, invitation) = (app.set_up_token().await.unwrap(), app.invited("irmak").await);
    let guess = "a guess that somebody typed";
    app.browser().try_password(&ayse.email, guess).await;
    let mut browser = app.signed_in(&ayse).await;
    let id = app.open_session(&browser.session().unwrap()).session_id;
    app.browser()
        .post("/api/activate", serde_json::json!({ "token": invitation, "password": "yağmurda koşan üç kaplumbağa" }))
        .await
        .expect(200);
    let (session, token) = (browser.session().unwrap(), browser.token().unwrap());
    browser.sign_out().await.expect(200);

    let dump = app.database.dump().await;
    assert!(dump.contains("ayse@example.org") && dump.contains("$argon2id$v=19$m=19456,t=2,p=1$"));
    for secret in [
        PASSWORD,
        guess,
        "yağmurda koşan üç kaplumbağa",
        &first,
        &invitation,
        &id,
        id.trim_start_matches("session_"),
        &session,
        &token,
        crate::support::SECRET,
    ] {
        assert!(!dump.contains(secret), "{secret:?} is in the database");
    }
}

async fn a_failed_sign_in_leaves_exactly_one_record(app: TestApp) {
    let ayse = app.person("ayse").await;
    let before = app.database.number("SELECT count(*) FROM audit").await;
    app.browser().try_password(&ayse.email, "not the password at all").await;
    assert_eq!(app.database.number("SELECT count(*) FROM audit").await, before + 1);
    app.browser().post(LOGIN, serde_json::json!({})).await;
    app.browser().get("/api/auth/session").await;
    assert_eq!(
        app.database.number("SELECT count(*) FROM audit").await,
        before + 1,
        "a malformed request is no attempt and is not recorded"
    );
}

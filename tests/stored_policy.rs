//! A stored policy out of its bounds never applies: requests fail. The command line
//! reports it and repairs it.

use crate::support::{SESSION, TestApp, run_cli};

both![
    a_policy_out_of_bounds_makes_requests_fail,
    the_command_line_repairs_the_policy,
    the_doctor_names_the_key_out_of_bounds,
];

const WRONG: &str = "not the password at all";

async fn store(app: &TestApp, rules: &str) {
    app.database.execute(&format!("UPDATE policy SET rules = '{rules}', version = version + 1")).await;
}

async fn a_policy_out_of_bounds_makes_requests_fail(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut signed_in = app.signed_in(&ayse).await;
    for rules in [
        r#"{"maxAttempts":0}"#,
        r#"{"maxAttempts":1}"#,
        r#"{"maxAttempts":2}"#,
        r#"{"maxAttempts":11}"#,
        r#"{"maxAttempts":4294967295}"#,
        r#"{"maxAttempts":4294967296}"#,
        r#"{"maxAttempts":-1}"#,
        r#"{"attemptWindowMinutes":0}"#,
        r#"{"lockoutMinutes":0}"#,
        r#"{"lockoutMinutes":4294967295}"#,
        r#"{"addressLimit":0}"#,
        r#"{"addressLimit":4294967295}"#,
        r#"{"idleTimeoutMinutes":0}"#,
        r#"{"idleTimeoutMinutes":1441}"#,
        r#"{"rememberMeDays":31}"#,
        r#"{"sessionLimit":101}"#,
        r#"{"passwordMinLength":0}"#,
        r#"{"retentionDays":0}"#,
        r#"{"rememberMe":"yes"}"#,
        "[]",
        "",
    ] {
        store(&app, rules).await;
        for password in [WRONG, ayse.password.as_str()] {
            app.browser().try_password(&ayse.email, password).await.refused(500, "internal");
        }
        signed_in.get(SESSION).await.refused(500, "internal");
    }
    store(&app, "{}").await;
    assert!(signed_in.is_signed_in().await, "the invalid policy ended no session");
    let counted = app.browser().try_password(&ayse.email, WRONG).await.refused(401, "invalid_credentials");
    assert_eq!(counted["remainingAttempts"], 4, "no attempt was evaluated under the invalid policy");
    app.browser().sign_in(&ayse).await;
}

async fn the_command_line_repairs_the_policy(app: TestApp) {
    let ayse = app.person("ayse").await;
    store(&app, r#"{"maxAttempts":0,"retentionDays":1}"#).await;
    let shown = run_cli(&app, &["policy", "show"], &[], "").await.expect(0);
    assert!(shown.stdout.contains("maxAttempts = 0") && shown.stderr.contains("not from 3 to 10"), "{shown:?}");
    run_cli(&app, &["policy", "set", "maxAttempts", "0"], &[], "").await.expect(1);
    let repaired = run_cli(&app, &["policy", "set", "maxAttempts", "5"], &[], "").await.expect(0);
    assert!(repaired.stderr.contains("retentionDays is 1"), "the other invalid key is still reported: {repaired:?}");
    app.browser().try_password(&ayse.email, &ayse.password).await.refused(500, "internal");
    let repaired = run_cli(&app, &["policy", "set", "retentionDays", "90"], &[], "").await.expect(0);
    assert_eq!(repaired.stderr, "");
    app.browser().sign_in(&ayse).await;
}

async fn the_doctor_names_the_key_out_of_bounds(app: TestApp) {
    let said = run_cli(&app, &["doctor"], &[], "").await;
    assert!(said.stdout.contains("ok    Policy: every key is within its bounds."), "{said:?}");
    store(&app, r#"{"addressLimit":1}"#).await;
    let said = run_cli(&app, &["doctor"], &[], "").await.expect(1);
    assert!(said.stdout.contains("BAD   Policy: addressLimit is 1, not from 10 to 10000"), "{said:?}");
}

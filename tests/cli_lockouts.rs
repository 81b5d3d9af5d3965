//! The `lockout` commands: list and lift lockouts of identifiers and of addresses.

use serde_json::{Value, json};

use crate::support::{MINUTE, TestApp, run_cli};

both![
    the_list_shows_locked_identifiers_and_addresses,
    a_lockout_is_lifted_by_email_or_address,
    an_invalid_name_is_refused,
];

const WRONG: &str = "not the password at all";

/// Locks identifiers and an address, by the machine's clock, which the command line uses.
async fn lock_some(app: &TestApp) {
    app.clock.set(chrono::Utc::now().timestamp_millis());
    let ayse = app.person("ayse").await;
    app.person("mehmet").await;
    app.set_policy("addressLimit", "10").await;
    for email in [ayse.email.as_str(), "nobody@example.org"] {
        for _ in 0..5 {
            app.browser().at_address("192.0.2.1").try_password(email, WRONG).await.expect(401);
        }
    }
    app.browser()
        .at_address("192.0.2.1")
        .try_password("mehmet@example.org", WRONG)
        .await
        .refused(429, "too_many_requests");
    app.browser().at_address("2001:db8::7").try_password("mehmet@example.org", WRONG).await.expect(401);
    let mut own = app.signed_in(&app.existing_person("mehmet").await).await.at_address("192.0.2.9");
    for _ in 0..5 {
        own.try_password("mehmet@example.org", WRONG).await.expect(401);
    }
}

async fn list_lockouts(app: &TestApp) -> Vec<Value> {
    let ran = run_cli(app, &["lockout", "list", "--json"], &[], "").await.expect(0);
    serde_json::from_str(&ran.stdout).expect("JSON")
}

async fn the_list_shows_locked_identifiers_and_addresses(app: TestApp) {
    lock_some(&app).await;
    let list = list_lockouts(&app).await;
    let lines: Vec<_> = list
        .iter()
        .map(|line| json!([line["kind"], line["name"], line["known"], line["ownBrowser"], line["failures"]]))
        .collect();
    assert_eq!(
        lines,
        [
            json!(["identifier", "ayse@example.org", true, false, 5]),
            json!(["identifier", "mehmet@example.org", true, true, 5]),
            json!(["identifier", "nobody@example.org", false, false, 5]),
            json!(["address", "192.0.2.1", false, false, 10]),
        ]
    );
    let until = |line: &Value| chrono::DateTime::parse_from_rfc3339(line["until"].as_str().unwrap()).unwrap();
    for (line, minutes) in list.iter().zip([30, 30, 30, 15]) {
        let left = (until(line).timestamp_millis() - app.now()) / 60_000;
        assert_eq!(left, minutes, "{line}");
    }
    let plain = run_cli(&app, &["lockout", "list"], &[], "").await.expect(0).stdout;
    assert_eq!(plain.lines().count(), 4, "{plain}");
    assert!(plain.contains("address\t192.0.2.1\t10 failed\tuntil "), "{plain}");
}

async fn a_lockout_is_lifted_by_email_or_address(app: TestApp) {
    lock_some(&app).await;
    let lift = async |name: &str| run_cli(&app, &["lockout", "lift", name], &[], "").await.expect(0).stdout;
    for name in ["AYSE@example.org", "nobody@example.org", "mehmet@example.org", "192.0.2.1"] {
        assert!(lift(name).await.ends_with("may sign in again.\n"), "{name}");
        assert!(lift(name).await.ends_with("was not locked.\n"), "{name}");
    }
    // Lifting any address of an IPv6 network clears the network's failures.
    assert_eq!(lift("2001:db8::1").await, "2001:db8::/64 may sign in again.\n");
    assert_eq!(list_lockouts(&app).await, [Value::Null; 0]);
    assert_eq!(app.audited("unlocked").await, 5);
    let ayse = app.existing_person("ayse").await;
    app.browser().at_address("192.0.2.1").sign_in(&ayse).await;
    app.pass(MINUTE);
    let left = app.browser().try_password("nobody@example.org", WRONG).await.json()["remainingAttempts"].clone();
    assert_eq!(left, 4);
}

async fn an_invalid_name_is_refused(app: TestApp) {
    for name in ["nobody", "", "10.0.0.0/8", "@"] {
        run_cli(&app, &["lockout", "lift", name], &[], "").await.refused(1, "is neither an email nor an address");
    }
    assert_eq!(run_cli(&app, &["lockout", "lift"], &[], "").await.code, 2);
    assert_eq!(run_cli(&app, &["lockout"], &[], "").await.code, 2);
}

//! Counters from before the upgrade still count after it.

use super::fail;
use crate::support::{MINUTE, TestApp};

both![counters_and_lockouts_survive_the_upgrade,];

/// Restores the tables of the first migration and marks the third as not applied.
const BEFORE: &str = "
    CREATE TABLE lockouts (bucket TEXT PRIMARY KEY, recent TEXT NOT NULL, locked_until BIGINT);
    CREATE TABLE address_limits (bucket TEXT PRIMARY KEY, window_started_at BIGINT NOT NULL, failures BIGINT NOT NULL);
    DROP TABLE buckets;
    DROP TABLE attempts;
    DELETE FROM _sqlx_migrations WHERE version = 3;";

async fn counters_and_lockouts_survive_the_upgrade(app: TestApp) {
    let ayse = app.person("ayse").await;
    app.set_policy("addressLimit", "10").await;
    let now = app.now();
    app.database.execute(BEFORE).await;
    let recent = |count: i64| (0..count).map(|i| format!("{:013}", now - i)).collect::<Vec<_>>().join(",");
    let until = now + 30 * 60_000;
    for (bucket, count, lock) in [
        (ayse.email.as_str(), 3, "NULL".to_owned()),
        ("nobody@example.org", 5, until.to_string()),
        ("device:x:y", 1, "NULL".to_owned()),
    ] {
        let recent = recent(count);
        app.database.execute(&format!("INSERT INTO lockouts VALUES ('{bucket}', '{recent}', {lock})")).await;
    }
    app.database.execute(&format!("INSERT INTO address_limits VALUES ('198.51.100.7', {now}, 9)")).await;

    let app = app.restarted().await;
    assert_eq!(app.database.number("SELECT count(*) FROM attempts").await, 3 + 5 + 1 + 9);
    assert_eq!(fail(&app, &ayse.email).await.refused(401, "invalid_credentials")["remainingAttempts"], 1);
    fail(&app, "somebody@example.org").await.refused(429, "too_many_requests");
    let locked = fail(&app, "nobody@example.org").await.refused(429, "account_locked");
    assert_eq!(locked["remainingSeconds"], 1800);
    app.pass(31 * MINUTE);
    assert_eq!(fail(&app, "nobody@example.org").await.refused(401, "invalid_credentials")["remainingAttempts"], 4);
}

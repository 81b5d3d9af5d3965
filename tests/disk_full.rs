//! A full disk: writes are refused, reads keep working, and everything works again once
//! there is room.

use futures::FutureExt;
use futures::future::join_all;
use kafkasder_panel::server::db::{On, Tx};

use crate::support::{
    Backend, CSRF, LOGIN, LOGOUT, PASSWORD, SECOND, SESSION, TestApp, USER, fill_disk, make_room, wait_until,
};

both![
    a_full_disk_refuses_writes_and_serves_reads_until_there_is_room,
    a_transaction_rolled_back_by_the_database_breaks_no_other,
    cancelling_a_begin_leaves_no_transaction_open,
    readiness_writes_at_most_once_every_five_seconds,
    a_failed_write_changes_readiness_at_once,
];

async fn a_full_disk_refuses_writes_and_serves_reads_until_there_is_room(app: TestApp) {
    // The process uses the machine's clock.
    app.clock.set(chrono::Utc::now().timestamp_millis());
    // With an administrator, the process does not write a set-up link when it starts.
    let ayse = app.person_with("ayse", "admin", PASSWORD).await;
    let (browser, leaving) = (app.signed_in(&ayse).await, app.signed_in(&ayse).await);
    let panel = app.as_process().await;
    let (mut browser, mut leaving) = (browser.connected_to(&panel), leaving.connected_to(&panel));

    fill_disk(&panel).await;
    let mut stranger = panel.browser();
    stranger.get("/readyz").await.refused(503, "unavailable");
    for _ in 0..3 {
        stranger.get("/healthz").await.expect(200);
        for password in [PASSWORD, "not the password at all"] {
            stranger.try_password(&ayse.email, password).await.refused(503, "unavailable");
        }
        let form = stranger.submit("/login", LOGIN, &[("email", &ayse.email), ("password", PASSWORD)]).await;
        assert_eq!(form.see_other(), "/login?error=unavailable");
        browser.post("/api/auth/extend", serde_json::json!({})).await.refused(503, "unavailable");
        stranger.get("/readyz").await.refused(503, "unavailable");
        for path in [SESSION, USER, CSRF, "/api/account/sessions"] {
            browser.get(path).await.expect(200);
        }
        browser.navigate("/account").await.expect(200);
        stranger.navigate("/login").await.expect(200);
    }
    let copy = leaving.clone();
    let answer = leaving.post(LOGOUT, serde_json::json!({})).await;
    answer.refused(503, "unavailable");
    assert!(answer.clears("auth-session"), "{answer}");

    make_room(&panel).await;
    panel.browser().sign_in(&ayse).await;
    stranger.get("/readyz").await.expect(200);
    browser.post("/api/auth/extend", serde_json::json!({})).await.expect(200);
    assert!(!copy.clone().is_signed_in().await);
    panel.process().stop().await;
    let ended = "SELECT count(*) FROM sessions WHERE end_reason = 'logout'";
    assert_eq!(app.database.number(ended).await, 1, "the sign-out was written when there was room");
}

/// Rolls a transaction back without sqlx's knowledge, as SQLite does when the disk is full.
async fn roll_back_behind_sqlx(tx: &mut Tx) {
    match tx.on() {
        On::Sqlite(connection) => sqlx::query("ROLLBACK").execute(connection).await.map(drop),
        On::Postgres(connection) => sqlx::query("ROLLBACK").execute(connection).await.map(drop),
    }
    .expect("rolled back");
}

async fn a_transaction_rolled_back_by_the_database_breaks_no_other(app: TestApp) {
    for commits in [true, false] {
        let mut tx = app.state.db.begin().await.expect("begun");
        roll_back_behind_sqlx(&mut tx).await;
        match commits {
            true => drop(tx.commit().await),
            false => drop(tx),
        }
        for _ in 0..3 {
            app.state.db.begin().await.expect("another begins").commit().await.expect("committed");
        }
    }
    app.person("ayse").await;
}

async fn cancelling_a_begin_leaves_no_transaction_open(app: TestApp) {
    for polls in 1..20 {
        let mut begun = Box::pin(app.state.db.begin());
        for _ in 0..polls {
            // Each round cancels at another poll.
            if (&mut begun).now_or_never().is_some() {
                break;
            }
            tokio::task::yield_now().await;
        }
        drop(begun);
        if app.database.backend() == Backend::Postgres {
            let open = "SELECT count(*) FROM pg_stat_activity
                WHERE datname = current_database() AND state LIKE 'idle in transaction%'";
            wait_until("no transaction is open", async || app.database.number(open).await == 0).await;
        }
    }
    app.person("ayse").await;
}

async fn writes(app: &TestApp) -> i64 {
    app.database.number("SELECT writes FROM write_probe").await
}

async fn readiness_writes_at_most_once_every_five_seconds(app: TestApp) {
    let ask = async || {
        let asking = (0..50).map(|_| {
            let mut balancer = app.browser();
            async move { balancer.get("/readyz").await.expect(200) }
        });
        join_all(asking).await;
        writes(&app).await
    };
    assert_eq!(ask().await, 1);
    app.pass(4 * SECOND);
    assert_eq!(ask().await, 1);
    app.pass(SECOND);
    assert_eq!(ask().await, 2);
    // After the clock is set back, the next request probes again.
    app.clock.set(app.now() - 400 * 24 * 60 * 60 * 1000);
    assert_eq!(ask().await, 3);
}

async fn a_failed_write_changes_readiness_at_once(app: TestApp) {
    if app.database.backend() == Backend::Postgres {
        // On PostgreSQL a transaction begins even on a full disk and its statements fail; the next probe finds that.
        return;
    }
    let ayse = app.person("ayse").await;
    let mut balancer = app.browser();
    balancer.get("/readyz").await.expect(200);
    let lock = app.database.lock_writes().await;
    app.browser().try_password(&ayse.email, PASSWORD).await.refused(503, "unavailable");
    balancer.get("/readyz").await.refused(503, "unavailable");
    assert_eq!(writes(&app).await, 1);
    lock.release().await;
    balancer.get("/readyz").await.refused(503, "unavailable");
    // A successful write also counts as a probe, although the clock stands still.
    app.browser().sign_in(&ayse).await;
    balancer.get("/readyz").await.expect(200);
}

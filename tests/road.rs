//! What every request costs, and what is not given up for it.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use axum::body::Body;
use axum::http::Request;
use kafkasder_panel::FRONT;
use kafkasder_panel::server::db::On;
use kafkasder_panel::server::db::sessions::{check, ends, find, id_key, life};
use kafkasder_panel::server::http::router::App;
use kafkasder_panel::server::sessions::cookie::SessionClaim;
use kafkasder_panel::server::sessions::hash;

use crate::support::{Person, SESSION, TestApp};

both![
    the_future_of_a_request_is_small,
    a_read_in_the_calling_thread_returns_the_pools_row,
    ten_thousand_endings_are_never_late,
    the_activity_of_many_sessions_at_once_is_recorded
];

/// A future is moved to the heap for each request, so its size costs time. Branches that few
/// requests take are boxed.
async fn the_future_of_a_request_is_small(app: TestApp) {
    let request = Request::get(SESSION).body(Body::empty()).expect("a request");
    let answer = App::new(app.state.clone(), FRONT).answer(IpAddr::from([127, 0, 0, 1]), request);
    let bytes = std::mem::size_of_val(&answer);
    assert!(bytes < 4500, "{bytes} bytes");
}

async fn a_read_in_the_calling_thread_returns_the_pools_row(app: TestApp) {
    let ayse = app.person("ayse").await;
    let browser = app.remembered(&ayse).await;
    app.set_policy("idleTimeoutMinutes", "45").await;
    let id = app.open_session(browser.jar.get("auth-session").expect("a session")).session_id;
    let db = &app.state.db;
    let id_hash = hash(&id);
    let there = check(db.reader(), id_key(&id_hash), &id_hash).await.expect("the database is there").expect("a row");
    let here = find(db, id_key(&id_hash), &id_hash).await.expect("the database is there").expect("a row");
    assert_eq!(format!("{there:?}"), format!("{here:?}"));
    assert!(matches!(db.reader(), On::Postgres(_)) || db.reads_here(), "the local reader works");
    let another = hash("another");
    assert!(find(db, id_key(&another), &another).await.expect("the database is there").is_none());
}

/// Live sessions of a user, as cookies.
async fn many_sessions(app: &TestApp, person: &Person, count: usize) -> Vec<String> {
    let mut tx = app.state.db.begin().await.expect("a transaction");
    let mut cookies = Vec::with_capacity(count);
    for number in 0..count {
        let (id, now) = (format!("session_{number:043}"), app.now());
        let (handle, id_hash) = (format!("sid_{number}"), hash(&id));
        let inserted = life::insert(
            tx.on(),
            &handle,
            id_key(&id_hash),
            &id_hash,
            &person.id,
            false,
            now,
            now + 86_400_000,
            "127.0.0.1",
            "",
        );
        assert_eq!(inserted.await.expect("a row"), 1);
        let expire = "2100-01-01T00:00:00.000Z".to_owned();
        let claim = SessionClaim { session_id: id.into(), user_id: person.id.clone(), expire };
        cookies.push(format!("auth-session={}", app.seal_session(&claim)));
    }
    tx.commit().await.expect("committed");
    cookies
}

async fn status_of(panel: &App, app: &TestApp, cookie: &str) -> u16 {
    let request = Request::get(SESSION).header("host", app.host()).header("cookie", cookie);
    let answer = panel.clone().answer(IpAddr::from([127, 0, 0, 1]), request.body(Body::empty()).expect("a request"));
    answer.await.status().as_u16()
}

/// Ends sessions while other tasks check them all the time. A check that begins after the end was
/// committed must refuse.
async fn ten_thousand_endings_are_never_late(app: TestApp) {
    const SESSIONS: usize = 10_000;
    const AT_ONCE: usize = 100;
    let ayse = app.person("ayse").await;
    let cookies = Arc::new(many_sessions(&app, &ayse, SESSIONS).await);
    let panel = App::new(app.state.clone(), FRONT);
    let ended = Arc::new(AtomicUsize::new(0));
    let over = Arc::new(AtomicBool::new(false));
    let checkers: Vec<_> = (0..3_usize)
        .map(|checker| {
            let (panel, app, cookies) = (panel.clone(), app.clone(), cookies.clone());
            let (ended, over) = (ended.clone(), over.clone());
            tokio::spawn(async move {
                let (mut live, mut late, mut number) = (0, 0, checker);
                while !over.load(Ordering::SeqCst) {
                    // Checks around the boundary, where ends are being written.
                    let before = ended.load(Ordering::SeqCst);
                    number = (number * 31 + 7) % (2 * AT_ONCE);
                    let session = (before + number).saturating_sub(AT_ONCE).min(SESSIONS - 1);
                    match status_of(&panel, &app, &cookies[session]).await {
                        200 if session < before => late += 1,
                        200 => live += 1,
                        status => assert_eq!(status, 401),
                    }
                    // A check reads in its own thread and never waits. Without this, the checkers could keep
                    // every worker from the transactions.
                    tokio::task::yield_now().await;
                }
                (live, late)
            })
        })
        .collect();
    for first in (0..SESSIONS).step_by(AT_ONCE) {
        let mut tx = app.state.db.begin().await.expect("a transaction");
        for number in first..first + AT_ONCE {
            let row = ends::one(tx.on(), app.now(), "revoked", None, &format!("sid_{number}")).await;
            assert!(row.expect("the database is there").is_some());
        }
        tx.commit().await.expect("committed");
        ended.store(first + AT_ONCE, Ordering::SeqCst);
        assert_eq!(status_of(&panel, &app, &cookies[first]).await, 401);
    }
    over.store(true, Ordering::SeqCst);
    let (mut live, mut late) = (0, 0);
    for checker in checkers {
        let counts = checker.await.expect("no wrong status");
        (live, late) = (live + counts.0, late + counts.1);
    }
    assert_eq!(late, 0);
    assert!(live > 0, "no check met a live session");
}

async fn the_activity_of_many_sessions_at_once_is_recorded(app: TestApp) {
    let ayse = app.person("ayse").await;
    let cookies = many_sessions(&app, &ayse, 100).await;
    app.pass(std::time::Duration::from_secs(120));
    let loads = cookies.iter().map(|cookie| {
        let request =
            Request::get("/").header("host", app.host()).header("accept", "text/html").header("cookie", cookie);
        let request = request.body(Body::empty()).expect("a request");
        App::new(app.state.clone(), FRONT).answer(IpAddr::from([127, 0, 0, 1]), request)
    });
    for answer in futures::future::join_all(loads).await {
        assert_eq!(answer.status(), 200);
    }
    let seen = app.database.number(&format!("SELECT COUNT(*) FROM sessions WHERE last_seen_at = {}", app.now())).await;
    assert_eq!(seen, 100);
}

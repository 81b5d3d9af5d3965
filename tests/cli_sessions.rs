//! The `session` commands: list, revoke and sweep. They take effect in running servers.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::{CommandOutput, Person, SESSION, TestApp, run_cli};

both![
    the_list_shows_the_live_sessions,
    the_list_filters_by_user_and_can_include_ended_sessions,
    a_revoked_session_is_refused_at_the_next_request,
    an_open_page_receives_the_revocation,
    only_a_live_session_can_be_revoked,
    sweeping_prints_how_many_sessions_it_ended_and_deleted,
    no_session_id_is_printed,
    usage_errors_exit_with_code_two,
];

async fn cli(app: &TestApp, args: &[&str]) -> CommandOutput {
    run_cli(app, args, &[], "").await
}

/// Adds a user, by the machine's clock, which the command line uses.
async fn person(app: &TestApp, name: &str) -> Person {
    app.clock.set(chrono::Utc::now().timestamp_millis());
    app.person(name).await
}

async fn list_sessions(app: &TestApp, args: &[&str]) -> Vec<Value> {
    let args = [["session", "list", "--json"].as_slice(), args].concat();
    serde_json::from_str(&cli(app, &args).await.expect(0).stdout).expect("JSON")
}

async fn the_list_shows_the_live_sessions(app: TestApp) {
    let (ayse, mehmet) = (person(&app, "ayse").await, app.person("mehmet").await);
    app.signed_in(&ayse).await;
    app.remembered(&mehmet).await;
    app.signed_in(&ayse).await.sign_out().await.expect(200);
    let list = list_sessions(&app, &[]).await;
    let people: Vec<_> =
        list.iter().map(|item| (item["user"].as_str().unwrap(), item["remembered"].as_bool())).collect();
    assert_eq!(people, [("ayse@example.org", Some(false)), ("mehmet@example.org", Some(true))]);
    for item in &list {
        assert!(item["handle"].as_str().unwrap().starts_with("sid_"), "{item}");
        assert_eq!(
            (&item["endedAt"], &item["endReason"], &item["endedBy"]),
            (&Value::Null, &Value::Null, &Value::Null)
        );
        assert_eq!(item["address"], "198.51.100.7");
    }
    let mut own = app.signed_in(&ayse).await;
    let items = own.get("/api/account/sessions").await.data()["items"].clone();
    let names = |item: &Value| item.as_object().unwrap().keys().cloned().collect::<BTreeSet<String>>();
    let mut wanted = names(&items[0]);
    wanted.insert("user".to_owned());
    assert_eq!(names(&list[0]), wanted, "an item of the API, plus the user");
    own.sign_out().await.expect(200);
    assert!(list[0]["idleExpiresAt"].is_string() && list[1]["idleExpiresAt"].is_null());
    let plain = cli(&app, &["session", "list"]).await.expect(0).stdout;
    assert_eq!(plain.lines().count(), 2);
    assert!(plain.lines().all(|line| line.starts_with("sid_") && line.ends_with("live")), "{plain}");
}

async fn the_list_filters_by_user_and_can_include_ended_sessions(app: TestApp) {
    let (ayse, mehmet) = (person(&app, "ayse").await, app.person("mehmet").await);
    app.signed_in(&mehmet).await;
    app.signed_in(&ayse).await.sign_out().await.expect(200);
    app.signed_in(&ayse).await;
    assert_eq!(list_sessions(&app, &["--user", "AYSE@example.org"]).await.len(), 1);
    let all = list_sessions(&app, &["--user", "ayse@example.org", "--ended"]).await;
    let ended: Vec<_> = all.iter().filter(|item| item["endReason"] == "logout").collect();
    assert_eq!((all.len(), ended.len()), (2, 1));
    assert!(ended[0]["endedAt"].is_string());
    assert_eq!(ended[0]["endedBy"], "ayse@example.org");
    assert_eq!(list_sessions(&app, &["--ended"]).await.len(), 3);
    assert!(list_sessions(&app, &["--user", "nobody@example.org"]).await.is_empty());
    cli(&app, &["session", "list", "--user", "nobody"]).await.refused(1, "not an email address");
}

async fn a_revoked_session_is_refused_at_the_next_request(app: TestApp) {
    let ayse = person(&app, "ayse").await;
    let (mut here, mut there) = (app.signed_in(&ayse).await, app.remembered(&ayse).await);
    let list = list_sessions(&app, &[]).await;
    let handle = list.iter().find(|item| item["remembered"] == false).unwrap()["handle"].as_str().unwrap();
    let ran = cli(&app, &["session", "revoke", handle]).await.expect(0);
    assert!(ran.stdout.contains(handle), "{ran:?}");
    assert_eq!(here.get(SESSION).await.refused(401, "unauthenticated")["reason"], "revoked");
    assert!(there.is_signed_in().await);
    let audit = "SELECT session, target, details FROM audit WHERE action = 'session_ended'";
    assert_eq!(app.database.texts(audit).await, [[handle, ayse.id.as_str(), r#"{"reason":"revoked"}"#]]);
}

async fn an_open_page_receives_the_revocation(app: TestApp) {
    let ayse = person(&app, "ayse").await;
    let mut heard = app.signed_in(&ayse).await.events().await;
    app.listen_for_notices().await;
    let handle = list_sessions(&app, &[]).await[0]["handle"].as_str().unwrap().to_owned();
    cli(&app, &["session", "revoke", &handle]).await.expect(0);
    heard.expect_end("revoked").await;
}

async fn only_a_live_session_can_be_revoked(app: TestApp) {
    let ayse = person(&app, "ayse").await;
    app.clock.set(chrono::Utc::now().timestamp_millis() - 3_600_000);
    app.signed_in(&ayse).await;
    app.signed_in(&ayse).await.sign_out().await.expect(200);
    let before = app.database.dump().await;
    assert!(list_sessions(&app, &[]).await.is_empty(), "one session has ended, one is past its idle timeout");
    let all = list_sessions(&app, &["--ended"]).await;
    assert!(all.iter().any(|item| item["endReason"] == "idle"), "{all:?}");
    for handle in all.iter().map(|item| item["handle"].as_str().unwrap()).chain(["sid_nothing", "", "%"]) {
        cli(&app, &["session", "revoke", handle]).await.refused(1, "There is no live session");
    }
    assert_eq!(app.database.dump().await, before);
}

async fn sweeping_prints_how_many_sessions_it_ended_and_deleted(app: TestApp) {
    let ayse = person(&app, "ayse").await;
    let now = app.now();
    app.clock.set(now - 100 * 86_400_000);
    app.signed_in(&ayse).await.sign_out().await.expect(200);
    app.clock.set(now - 3_600_000);
    app.signed_in(&ayse).await;
    app.signed_in(&ayse).await;
    app.clock.set(now);
    app.signed_in(&ayse).await;
    let ran = cli(&app, &["session", "sweep"]).await.expect(0);
    assert_eq!(ran.stdout, "2 sessions past a limit ended, 1 past their retention deleted.\n");
    let ran = cli(&app, &["session", "sweep"]).await.expect(0);
    assert_eq!(ran.stdout, "0 sessions past a limit ended, 0 past their retention deleted.\n");
    assert_eq!(app.database.number("SELECT count(*) FROM sessions WHERE ended_at IS NULL").await, 1);
}

async fn no_session_id_is_printed(app: TestApp) {
    let ayse = person(&app, "ayse").await;
    let browser = app.signed_in(&ayse).await;
    let id = app.open_session(&browser.session().unwrap()).session_id;
    for args in [["session", "list"].as_slice(), &["session", "list", "--json", "--ended"], &["session", "sweep"]] {
        let ran = run_cli(&app, args, &[("RUST_LOG", "trace")], "").await.expect(0);
        assert!(!ran.stdout.contains(&*id) && !ran.stderr.contains(&*id), "{args:?}");
    }
}

async fn usage_errors_exit_with_code_two(app: TestApp) {
    for args in
        [["session"].as_slice(), &["session", "revoke"], &["session", "list", "--all"], &["session", "sweep", "x"]]
    {
        let ran = cli(&app, args).await;
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{args:?}: {ran:?}");
    }
}

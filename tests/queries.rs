//! Every query has one SQL text for both databases, and both return its rows.

use kafkasder_panel::server::db::{QUERIES, Query};

use crate::support::{Backend, Database, TestApp};

both![
    both_databases_prepare_every_query,
    every_query_accepts_its_binds_and_returns_a_row,
    the_schema_equals_sqlites_schema,
    the_first_start_migrates_an_empty_database,
    a_migrated_database_can_be_opened_again
];

/// Rows so that every query returns one. A text bind has its own name as its value, a bytes
/// bind too (see [`with_bytes`]), and a number bind is 1.
const SAMPLE_ROWS: &[&str] = &[
    "INSERT INTO users (id, email, name, role, permissions, is_active, labels, password_hash, created_at, updated_at, version,
                        phone, avatar, last_login, language, theme, email_as_before)
     VALUES ('user_id', 'email', 'A', 'admin', '[]', TRUE, '[]', 'password_hash', 1, 1, 1, 'p', 'a', 1, 'tr', 'dark', TRUE),
            ('owner_id', 'other_email', 'B', 'admin', '[]', TRUE, '[]', 'x', 1, 1, 1, 'p', 'a', 1, 'tr', 'dark', FALSE),
            ('invited_id', 'c', 'C', 'staff', '[]', TRUE, '[]', NULL, 1, 1, 1, NULL, NULL, NULL, NULL, NULL, FALSE),
            ('disabled_id', 'd', 'D', 'staff', '[]', FALSE, '[]', 'x', 1, 1, 1, NULL, NULL, NULL, NULL, NULL, FALSE)",
    "INSERT INTO sessions (handle, id_key, id_hash, previous_id_hash, user_id, remembered, started_at, last_seen_at, expires_at,
                           proved_at, renewals, ended_at, end_reason, ended_by, address, user_agent)
     VALUES ('handle', 1, BYTES(id_hash), BYTES(retired_id_hash), 'user_id', FALSE, 1, 1, 1, 1, 0, NULL, NULL, NULL, '', ''),
            ('later', 2, BYTES(later), NULL, 'user_id', TRUE, 2, 2, 2, 2, 1, NULL, NULL, NULL, '', ''),
            ('ended_handle', 3, BYTES(ended), NULL, 'user_id', FALSE, 1, 1, 1, 1, 0, 2, 'revoked', 'user_id', '', ''),
            ('old', 4, BYTES(old), NULL, 'owner_id', FALSE, 0, 0, 0, 0, 0, 0, 'logout', NULL, '', '')",
    "INSERT INTO retired_ids (id_hash, handle, harmless) VALUES (BYTES(retired_id_hash), 'handle', FALSE)",
    "INSERT INTO pictures (name, user_id, image, created_at) VALUES ('picture_name', 'user_id', BYTES(image), 1)",
    "INSERT INTO buckets (name, locked_until)
     VALUES ('bucket', NULL), ('email:email', NULL), ('user:user_id', 2), ('idle', NULL), ('address:a', NULL)",
    "INSERT INTO attempts (bucket, id, at)
     VALUES ('bucket', 'late', 2), ('bucket', 'early', 1), ('email:email', 'attempt_id', 2), ('user:user_id', 'a', 2), ('address:a', 'b', 2)",
    "INSERT INTO links (token_hash, kind, user_id, created_at, expires_at)
     VALUES (BYTES(token_hash), 'kind', 'user_id', 2, 2), (BYTES(expired), 'kind', NULL, 0, 0)",
    "INSERT INTO user_search (name_key, user_id, hay, folded)
     VALUES ('a', 'user_id', 'a', 1), ('b', 'owner_id', 'b', 1), ('c', 'invited_id', 'c', 1), ('d', 'disabled_id', 'd', 1)",
    "INSERT INTO users (id, email, name, role, permissions, is_active, labels, created_at, updated_at, version)
     VALUES ('unused_id', 'unused', 'U', 'staff', '[]', TRUE, '[]', 1, 1, 1)",
    "INSERT INTO former_users (id, name, email, deleted_at) VALUES ('former', 'F', 'f', 0)",
    "INSERT INTO kept (id, session, content, created_at) VALUES ('kept_id', 'session', '{}', 1), ('k', 's', '{}', 0)",
    "INSERT INTO roles (name, label, permissions, shipped, version)
     VALUES ('role', NULL, '[]', TRUE, 1), ('unused_role', 'U', '[]', FALSE, 1)",
    "INSERT INTO users (id, email, name, role, permissions, is_active, labels, created_at, updated_at, version)
     VALUES ('holder', 'holder', 'H', 'role', '[]', TRUE, '[]', 1, 1, 1)",
    "INSERT INTO jobs (id, session, what, state, total, done, refused, created_at, updated_at)
     VALUES ('job_id', 'session', 'what', 'running', 1, 0, '[]', 0, 0)",
    "UPDATE audit_retention SET swept_before = 1",
    "INSERT INTO audit (id, at, action, result, actor, target, session, address, user_agent, request_id, details)
     VALUES ('a', 1, 'sign_in', 'success', 'user_id', 'user_id', 's', '', '', '', '{}'),
            ('b', 2, 'sign_in_failed', 'failure', NULL, 'user_id', NULL, '', '', '', '{}'),
            ('c', 0, 'locked', 'success', NULL, 'email', NULL, '', '', '', '{}'),
            ('d', 1, 'policy_changed', 'success', 'user_id', NULL, NULL, '', '', '', '{}'),
            ('audit_id', 2, 'user_changed', 'success', 'owner_id', 'user_id', NULL, '', '', '', '{}')",
];

fn queries() -> impl Iterator<Item = &'static Query> {
    QUERIES.iter().flat_map(|table| table.iter())
}

async fn both_databases_prepare_every_query(app: TestApp) {
    let texts: Vec<_> = queries().map(|query| (query.name, query.sql)).collect();
    assert!(texts.len() > 80, "{}", texts.len());
    assert_eq!(app.database.refused(&texts).await, [""; 0]);
    assert_eq!(
        app.database.refused(&[("WRONG", "SELECT nothing FROM nowhere")]).await.len(),
        1,
        "an invalid query is reported"
    );
}

async fn every_query_accepts_its_binds_and_returns_a_row(app: TestApp) {
    for rows in SAMPLE_ROWS {
        app.database.execute(&with_bytes(rows, app.database.backend())).await;
    }
    let mut without_rows = Vec::new();
    for query in queries() {
        // Dropping the transaction rolls the query's changes back.
        let mut tx = app.state.db.begin().await.expect("a transaction");
        match (query.run)(&mut tx).await {
            Ok(0) => without_rows.push(query.name),
            Ok(_) => {}
            Err(error) => panic!("{}: {error}", query.name),
        }
    }
    assert_eq!(without_rows, [""; 0], "a query without rows does not test the types of its columns");
}

/// A table of people of one role makes an index by role useless, and then each server would read all people every
/// second.
#[tokio::test]
async fn what_servers_ask_every_second_reads_no_whole_table_of_sqlite() {
    let app = TestApp::start(Backend::Sqlite).await.expect("SQLite is always there");
    let people = "INSERT INTO users (id, email, name, role, permissions, is_active, labels, password_hash, created_at, updated_at, version)
                  WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 2000)
                  SELECT 'p' || n, 'p' || n, 'P', 'staff', '[]', TRUE, '[]', 'x', 1, 1, 1 FROM n; ANALYZE";
    app.database.execute(people).await;
    let file = app.database.url.strip_prefix("sqlite:").expect("a file");
    let database = rusqlite::Connection::open(file).expect("the file opens");
    let every_second = [
        ("people::administrators", "users_administrators"),
        ("lists::ended_since", "sessions_to_sweep"),
        ("lists::renewed_since", "sessions_by_proof"),
    ];
    for (asked, index) in every_second {
        let query = queries().find(|query| query.name.ends_with(asked)).expect("a query");
        let mut plan = database.prepare(&format!("EXPLAIN QUERY PLAN {}", query.sql)).expect("a plan");
        let steps =
            plan.raw_query().mapped(|row| row.get("detail")).collect::<Result<Vec<String>, _>>().expect("steps");
        assert!(matches!(&*steps, [step] if step.starts_with("SEARCH") && step.contains(index)), "{asked}: {steps:?}");
    }
}

/// Replaces `BYTES(text)` with a cast in the database's dialect.
fn with_bytes(rows: &str, backend: Backend) -> String {
    let mut parts = rows.split("BYTES(");
    let first = parts.next().expect("a beginning").to_owned();
    parts.fold(first, |all, part| {
        let (name, rest) = part.split_once(')').expect("an end");
        let kind = if backend == Backend::Sqlite { "BLOB" } else { "BYTEA" };
        format!("{all}CAST('{name}' AS {kind}){rest}")
    })
}

async fn the_schema_equals_sqlites_schema(app: TestApp) {
    let sqlite = TestApp::start(Backend::Sqlite).await.expect("SQLite is always there");
    let schema = sqlite.database.schema().await;
    assert!(schema.iter().any(|[table, column, ..]| (table.as_str(), column.as_str()) == ("sessions", "id_hash")));
    assert_eq!(app.database.schema().await, schema);
}

async fn the_first_start_migrates_an_empty_database(app: TestApp) {
    let empty = Database::empty(app.database.backend()).await.expect("the backend is there");
    let first = TestApp::start_on(empty).await;
    let ayse = first.person("ayse").await;
    assert!(first.signed_in(&ayse).await.is_signed_in().await);
    // The other tests begin with copies of a migrated database.
    assert_eq!(first.database.schema().await, app.database.schema().await);
    first.database.remove().await;
}

async fn a_migrated_database_can_be_opened_again(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    let before = app.database.dump().await;
    let again = app.restarted().await;
    assert_eq!(app.database.dump().await, before);
    assert!(browser.is_signed_in().await && browser.connected_to(&again).is_signed_in().await);
}

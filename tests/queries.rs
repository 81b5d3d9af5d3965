//! One text per query, two databases: both must know it.

use kafkasder_panel::server::db::queries;

use crate::support::{Backend, TestApp};

both![every_query_is_understood, the_schema_is_sqlites_schema, a_migrated_database_is_opened_again];

async fn every_query_is_understood(app: TestApp) {
    assert!(queries::ALL.len() > 30);
    assert_eq!(app.database.refused(queries::ALL).await, [""; 0]);
    assert_eq!(
        app.database.refused(&[("WRONG", "SELECT nothing FROM nowhere")]).await.len(),
        1,
        "a wrong one would be seen"
    );
}

async fn the_schema_is_sqlites_schema(app: TestApp) {
    let sqlite = TestApp::start(Backend::Sqlite).await.expect("SQLite is always there");
    let schema = sqlite.database.schema().await;
    assert!(schema.iter().any(|[table, column, ..]| (table.as_str(), column.as_str()) == ("sessions", "id_hash")));
    assert_eq!(app.database.schema().await, schema);
}

async fn a_migrated_database_is_opened_again(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    let before = app.database.dump().await;
    let again = app.restarted().await;
    assert_eq!(app.database.dump().await, before);
    assert!(browser.is_signed_in().await && browser.visiting(&again).is_signed_in().await);
}

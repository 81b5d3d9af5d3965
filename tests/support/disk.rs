//! A disk that is full under a running process.

use rustix::process::{Pid, Resource, Rlimit, prlimit};

use super::app::TestApp;
use super::database::Backend;

/// PostgreSQL's word for a full disk.
const FULL: &str = "
    CREATE FUNCTION disk_is_full() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$";

const AT_EVERY_WRITE: &str = "BEFORE INSERT OR UPDATE OR DELETE ON";

/// A statement for each table, one after the other: a transaction over all of
/// them would lock each other out with one of the running process.
async fn for_each_table(app: &TestApp, statement: impl Fn(&str) -> String) {
    let tables = "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public'";
    for table in app.database.texts(tables).await {
        app.database.execute(&statement(&table[0])).await;
    }
}

/// Nothing more can be written. A process on SQLite may write no byte into any
/// file, which needs no disk and no rights; PostgreSQL says what it says when
/// its own disk is full.
pub async fn fill(app: &TestApp) {
    match app.database.backend() {
        Backend::Sqlite => limit_files(app.process().id(), Some(0)),
        Backend::Postgres => {
            app.database.execute(FULL).await;
            let trigger = |table: &str| {
                format!(
                    "CREATE TRIGGER disk_is_full {AT_EVERY_WRITE} {table} FOR EACH STATEMENT EXECUTE FUNCTION disk_is_full()"
                )
            };
            for_each_table(app, trigger).await;
        }
    }
}

/// There is room again.
pub async fn make_room(app: &TestApp) {
    match app.database.backend() {
        Backend::Sqlite => limit_files(app.process().id(), None),
        Backend::Postgres => {
            for_each_table(app, |table| format!("DROP TRIGGER disk_is_full ON {table}")).await;
            app.database.execute("DROP FUNCTION disk_is_full()").await;
        }
    }
}

fn limit_files(process: Pid, current: Option<u64>) {
    let limit = Rlimit { current, maximum: None };
    prlimit(Some(process), Resource::Fsize, limit).expect("the process is ours");
}

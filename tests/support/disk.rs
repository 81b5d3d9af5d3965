//! Simulates a full disk for a running process.

use rustix::process::{Pid, Resource, Rlimit, prlimit};

use super::app::TestApp;
use super::database::Backend;

/// Raises PostgreSQL's error for a full disk.
const FULL: &str = "
    CREATE FUNCTION disk_is_full() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$";

const AT_EVERY_WRITE: &str = "BEFORE INSERT OR UPDATE OR DELETE ON";

/// Runs one statement per table, each in its own transaction. One transaction over all
/// tables would deadlock with the running process.
async fn for_each_table(app: &TestApp, statement: impl Fn(&str) -> String) {
    let tables = "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public'";
    for table in app.database.texts(tables).await {
        app.database.execute(&statement(&table[0])).await;
    }
}

/// Makes every write fail. On SQLite the process may not write into any file, which
/// needs no real full disk and no privileges. On PostgreSQL each write raises the error
/// of a full disk.
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

/// Makes writes succeed again.
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

//! A disk that is full under a running process.

use rustix::process::{Pid, Resource, Rlimit, prlimit};

use super::app::TestApp;
use super::database::Backend;

/// PostgreSQL's word for a full disk, at every write.
const FULL: &str = "
    CREATE FUNCTION disk_is_full() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$;
    DO $$ DECLARE t TEXT; BEGIN
        FOR t IN SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' LOOP
            EXECUTE format('CREATE TRIGGER disk_is_full BEFORE INSERT OR UPDATE OR DELETE ON %I
                            FOR EACH STATEMENT EXECUTE FUNCTION disk_is_full()', t);
        END LOOP;
    END $$";

/// Nothing more can be written. A process on SQLite may write no byte into any
/// file, which needs no disk and no rights; PostgreSQL says what it says when
/// its own disk is full.
pub async fn fill(app: &TestApp) {
    match app.database.backend() {
        Backend::Sqlite => limit_files(app.process().id(), Some(0)),
        Backend::Postgres => app.database.execute(FULL).await,
    }
}

/// There is room again.
pub async fn make_room(app: &TestApp) {
    match app.database.backend() {
        Backend::Sqlite => limit_files(app.process().id(), None),
        Backend::Postgres => app.database.execute("DROP FUNCTION disk_is_full() CASCADE").await,
    }
}

fn limit_files(process: Pid, current: Option<u64>) {
    let limit = Rlimit { current, maximum: None };
    prlimit(Some(process), Resource::Fsize, limit).expect("the process is ours");
}

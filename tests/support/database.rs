//! A database for one test: an SQLite file, or a database on the PostgreSQL server in
//! `TEST_DATABASE_URL`.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use sqlx::migrate::Migrator;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection, Row, SqlSafeStr, SqliteConnection};
use tempfile::TempDir;
use tokio::sync::OnceCell;

use kafkasder_panel::server::db::Db;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    Sqlite,
    Postgres,
}

/// A test's database. [`Database::remove`] deletes it.
pub struct Database {
    pub url: String,
    place: Place,
}

/// A connection whose lock keeps others from writing until it is released.
pub enum WriteLock {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl WriteLock {
    pub async fn release(self) {
        match self {
            WriteLock::Sqlite(connection) => connection.close().await,
            WriteLock::Postgres(connection) => connection.close().await,
        }
        .expect("released");
    }
}

enum Place {
    Folder(TempDir),
    Server { url: String, name: String },
}

impl Database {
    /// Creates an empty database; returns `None` when there is no PostgreSQL server.
    pub async fn empty(backend: Backend) -> Option<Database> {
        match backend {
            Backend::Sqlite => Some(Database::in_folder()),
            Backend::Postgres => Some(Database::on_server(postgres_url()?, "template0").await),
        }
    }

    /// Creates a database with today's schema, as a copy of one that was migrated; returns `None` when there
    /// is no PostgreSQL server.
    pub async fn migrated(backend: Backend) -> Option<Database> {
        match backend {
            Backend::Sqlite => {
                static FILE: OnceCell<Vec<u8>> = OnceCell::const_new();
                let file = FILE.get_or_init(async || {
                    let original = Database::in_folder();
                    original.migrate().await;
                    std::fs::read(original.file().expect("SQLite has a file")).expect("the file")
                });
                let copy = Database::in_folder();
                let mut new = std::fs::OpenOptions::new();
                // The panel's own files are private too.
                let new = new.write(true).create_new(true).mode(0o600).open(copy.file().expect("SQLite has a file"));
                new.expect("a new file").write_all(file.await).expect("a copy");
                Some(copy)
            }
            Backend::Postgres => {
                static TEMPLATE: OnceCell<String> = OnceCell::const_new();
                let server = postgres_url()?;
                let template = TEMPLATE.get_or_init(async || {
                    // It stays until the server is removed: no test knows whether it is the last one.
                    let original = Database::on_server(server.clone(), "template0").await;
                    original.migrate().await;
                    original.url.rsplit('/').next().unwrap_or_default().to_owned()
                });
                let template = template.await;
                Some(Database::on_server(server, template).await)
            }
        }
    }

    fn in_folder() -> Database {
        let folder = TempDir::new().expect("a temporary folder");
        let url = format!("sqlite:{}", folder.path().join("panel.db").display());
        Database { url, place: Place::Folder(folder) }
    }

    async fn on_server(server: String, template: &str) -> Database {
        let name = format!("panel_test_{}", uuid::Uuid::now_v7().simple());
        run(&server, &format!("CREATE DATABASE {name} TEMPLATE {template} ENCODING 'UTF8'")).await;
        let mut url = url::Url::parse(&server).expect("TEST_DATABASE_URL is a URL");
        url.set_path(&name);
        Database { url: url.into(), place: Place::Server { url: server, name } }
    }

    async fn migrate(&self) {
        let db = Db::open(&self.url).await.expect("the database opens");
        db.migrate().await.expect("migrated");
        db.close().await;
    }

    /// Migrates an empty database as far as an older version of the panel did.
    pub async fn migrate_to(&self, version: i64) {
        let migrations = |folder: &'static str| Migrator::new(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder));
        match &self.place {
            Place::Folder(_) => {
                let options = self.url.parse::<SqliteConnectOptions>().expect("a URL").create_if_missing(true);
                let mut connection = options.connect().await.expect("a connection");
                let all = migrations("migrations/sqlite").await.expect("migrations");
                all.run_to(version, &mut connection).await.expect("migrated");
            }
            Place::Server { .. } => {
                let mut connection = PgConnection::connect(&self.url).await.expect("a connection");
                let all = migrations("migrations/postgres").await.expect("migrations");
                all.run_to(version, &mut connection).await.expect("migrated");
            }
        }
    }

    /// SQLite's file.
    fn file(&self) -> Option<PathBuf> {
        match &self.place {
            Place::Folder(folder) => Some(folder.path().join("panel.db")),
            Place::Server { .. } => None,
        }
    }

    pub fn backend(&self) -> Backend {
        match self.place {
            Place::Folder(_) => Backend::Sqlite,
            Place::Server { .. } => Backend::Postgres,
        }
    }

    pub async fn remove(&self) {
        // The temporary folder is deleted when its last owner is dropped.
        if let Place::Server { url, name } = &self.place {
            run(url, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
        }
    }

    /// Locks the database against writes, as another program may. Reads still work.
    pub async fn lock_writes(&self) -> WriteLock {
        match &self.place {
            Place::Folder(_) => {
                let mut connection = self.sqlite().await;
                connection.execute("BEGIN EXCLUSIVE").await.expect("the lock");
                WriteLock::Sqlite(connection)
            }
            Place::Server { .. } => {
                let mut connection = postgres(&self.url).await;
                let lock = "BEGIN; LOCK TABLE sessions, audit IN EXCLUSIVE MODE";
                sqlx::raw_sql(lock).execute(&mut connection).await.expect("the lock");
                WriteLock::Postgres(connection)
            }
        }
    }

    /// Runs a statement without the panel.
    pub async fn execute(&self, sql: &str) {
        self.try_execute(sql).await.unwrap_or_else(|e| panic!("{sql}: {e}"));
    }

    /// As [`Self::execute`], but returns the database's error.
    pub async fn try_execute(&self, sql: &str) -> sqlx::Result<()> {
        let sql = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
        match &self.place {
            Place::Folder(_) => sql.execute(&mut self.sqlite().await).await.map(drop),
            Place::Server { .. } => sql.execute(&mut postgres(&self.url).await).await.map(drop),
        }
    }

    /// Returns the rows of a query whose columns are all text. NULL becomes an empty string.
    pub async fn texts(&self, sql: &str) -> Vec<Vec<String>> {
        let sql = AssertSqlSafe(sql.to_owned());
        macro_rules! read {
            ($connection:expr) => {{
                let rows = sqlx::query(sql).fetch_all(&mut $connection).await.expect("the query is right");
                let read = |row: &_, column| Row::get::<Option<String>, usize>(row, column).unwrap_or_default();
                rows.iter().map(|row| (0..row.len()).map(|column| read(row, column)).collect()).collect()
            }};
        }
        match &self.place {
            Place::Folder(_) => read!(self.sqlite().await),
            Place::Server { .. } => read!(postgres(&self.url).await),
        }
    }

    /// Returns the single number of a query.
    pub async fn number(&self, sql: &str) -> i64 {
        let sql = AssertSqlSafe(sql.to_owned());
        match &self.place {
            Place::Folder(_) => sqlx::query_scalar(sql).fetch_one(&mut self.sqlite().await).await,
            Place::Server { .. } => sqlx::query_scalar(sql).fetch_one(&mut postgres(&self.url).await).await,
        }
        .expect("the query is right")
    }

    /// Returns every column of every table: table, column, type and whether it is nullable.
    /// Both databases use the same words.
    pub async fn schema(&self) -> Vec<[String; 4]> {
        let sql = match self.place {
            Place::Folder(_) => {
                "SELECT t.name, c.name, replace(lower(c.type), 'integer', 'bigint'), CASE WHEN c.\"notnull\" OR c.pk > 0 THEN 'NO' ELSE 'YES' END
                 FROM sqlite_master t, pragma_table_info(t.name) c
                 WHERE t.type = 'table' AND t.name NOT LIKE '!_sqlx!_%' ESCAPE '!' AND t.name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY 1, 2"
            }
            Place::Server { .. } => {
                "SELECT table_name::text, column_name::text, data_type::text, is_nullable::text FROM information_schema.columns
                 WHERE table_schema = 'public' AND table_name NOT LIKE '!_sqlx!_%' ESCAPE '!' ORDER BY 1, 2"
            }
        };
        let rows = self.texts(sql).await.into_iter().map(|row| <[String; 4]>::try_from(row).expect("four columns"));
        rows.map(|[table, column, kind, null]| [table, column, kind.replace("bytea", "blob"), null]).collect()
    }

    /// Returns the content of all tables as text, to check that nothing changed or that a
    /// value is stored nowhere.
    pub async fn dump(&self) -> String {
        let schema = self.schema().await;
        let mut dump = String::new();
        // Readiness probes write this table.
        let kept = |columns: &&[[String; 4]]| columns[0][0] != "write_probe";
        for columns in schema.chunk_by(|a, b| a[0] == b[0]).filter(kept) {
            // A session's mutations are counted even when they are refused.
            let columns: Vec<_> = columns.iter().filter(|[_, column, ..]| !column.starts_with("mutations")).collect();
            let texts: Vec<String> = columns.iter().map(|[_, column, kind, _]| self.as_text(column, kind)).collect();
            let (table, texts) = (&columns[0][0], texts.join(", "));
            let mut rows: Vec<String> =
                self.texts(&format!("SELECT {texts} FROM {table}")).await.iter().map(|row| row.join(" | ")).collect();
            rows.sort();
            dump += &format!("{table}\n{}\n\n", rows.join("\n"));
        }
        dump
    }

    fn as_text(&self, column: &str, kind: &str) -> String {
        match (kind, self.backend()) {
            ("blob", Backend::Sqlite) => format!("hex({column})"),
            ("blob", Backend::Postgres) => format!("encode({column}, 'hex')"),
            _ => format!("CAST({column} AS TEXT)"),
        }
    }

    /// Moves SQLite's file away.
    pub fn move_away(&self) {
        self.rename("panel.db", "away.db");
    }

    pub fn move_back(&self) {
        self.rename("away.db", "panel.db");
    }

    fn rename(&self, from: &str, to: &str) {
        if let Place::Folder(folder) = &self.place {
            std::fs::rename(folder.path().join(from), folder.path().join(to)).expect("the file moves");
        }
    }

    /// Prepares each query and returns the errors of those that the database refuses.
    pub async fn refused(&self, queries: &[(&'static str, &'static str)]) -> Vec<String> {
        let mut refused = Vec::new();
        macro_rules! prepare {
            ($connection:expr) => {{
                let mut connection = $connection;
                for (name, sql) in queries {
                    if let Err(error) = connection.prepare(SqlSafeStr::into_sql_str(*sql)).await {
                        refused.push(format!("{name}: {error}"));
                    }
                }
            }};
        }
        match &self.place {
            Place::Folder(_) => prepare!(self.sqlite().await),
            Place::Server { .. } => prepare!(postgres(&self.url).await),
        }
        refused
    }

    async fn sqlite(&self) -> SqliteConnection {
        SqliteConnection::connect(&self.url).await.expect("the file opens")
    }
}

/// The PostgreSQL server that `TEST_DATABASE_URL` names. Without one the tests fail: a
/// test that did not run must not pass. `SKIP_POSTGRES=1` skips them on purpose.
fn postgres_url() -> Option<String> {
    let url = std::env::var("TEST_DATABASE_URL").ok();
    let skipped = std::env::var("SKIP_POSTGRES").is_ok_and(|v| v == "1");
    assert!(
        url.is_some() || skipped,
        "TEST_DATABASE_URL names no PostgreSQL: `tests/with-postgres.sh COMMAND` starts one, SKIP_POSTGRES=1 skips these tests"
    );
    url
}

async fn postgres(url: &str) -> PgConnection {
    PgConnection::connect(url).await.unwrap_or_else(|e| panic!("PostgreSQL: {e}"))
}

async fn run(url: &str, sql: &str) {
    let mut connection = postgres(url).await;
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
        .execute(&mut connection)
        .await
        .unwrap_or_else(|e| panic!("{sql}: {e}"));
    connection.close().await.ok();
}

//! SQLite and PostgreSQL behind one interface: native pools, one text per query.
//!
//! `On` marks the database of a value. A query function runs the same statement on either, with
//! static dispatch. `sqlx::Any` is not used because it supports neither booleans nor options
//! (transact-rs/sqlx#2657).
//!
//! | file | what is in it |
//! |---|---|
//! | here | pools and transactions |
//! | [`fairness`] | transactions beside many reads |
//! | [`group`] | commits that writes share |
//! | [`local`] | reading SQLite in the calling thread |
//! | [`query`], [`sample`] | declaring queries; sample values for their test |
//! | [`audit`], [`buckets`], [`jobs`], [`kept`], [`links`], [`people`], [`pictures`], [`policy`], [`roles`], [`sessions`], [`users`] | the queries of a table |
//! | [`conditions`] | lists with optional filters |
//! | [`schema`], [`health`] | migrations; whether the database is writable |
//! | [`notices`] | messages from a transaction to all servers |
//! | [`open`] | opening, and explaining why it failed |
//! | [`addresses`] | converting emails in a previous spelling |

pub mod addresses;
pub mod audit;
pub mod buckets;
pub mod conditions;
mod fairness;
pub mod group;
mod health;
pub mod jobs;
pub mod kept;
pub mod links;
mod local;
pub mod notices;
pub mod open;
pub mod people;
pub mod pictures;
pub mod policy;
mod query;
pub mod roles;
mod sample;
mod schema;
pub mod sessions;
pub mod users;

use std::collections::BTreeSet;
use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::{PgConnection, PgPool, Postgres, SqliteConnection, SqlitePool, Transaction};

use self::fairness::OpenTransactions;
use self::health::WriteHealth;
use self::local::LocalReader;
pub use self::local::LocalRow;
use self::notices::{LocalNotices, SqliteTx};
pub use self::query::Query;
use crate::server::error::{Result, internal};

/// A value for one of the databases: SQLite's or PostgreSQL's.
#[derive(Clone, Debug)]
pub enum On<S, P> {
    Sqlite(S),
    Postgres(P),
}

/// SQLite's pools: one writer, so that writers queue here and not for the file's lock, and
/// several readers, which WAL never blocks.
#[derive(Clone, Debug)]
pub struct SqlitePools {
    read: SqlitePool,
    /// `None` for a database in memory.
    local: Option<LocalReader>,
    write: SqlitePool,
    transactions: OpenTransactions,
    notices: LocalNotices,
}

/// An open database.
#[derive(Clone, Debug)]
pub struct Db {
    pools: On<SqlitePools, PgPool>,
    write_health: WriteHealth,
}

/// A transaction. It is rolled back if dropped without [`Tx::commit`].
pub struct Tx {
    on: On<SqliteTx, Transaction<'static, Postgres>>,
    write_health: WriteHealth,
    /// The notices that are sent once, however often the transaction asks for them.
    notices: BTreeSet<String>,
}

/// How long a request waits for a connection or for another process's write before it gets
/// `unavailable`.
const TIMEOUT: Duration = Duration::from_secs(3);

static SQLITE_MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES_MIGRATIONS: Migrator = sqlx::migrate!("migrations/postgres");

/// Every query, by table.
pub const QUERIES: &[&[Query]] = &[
    audit::ALL,
    buckets::ALL,
    jobs::ALL,
    kept::ALL,
    links::ALL,
    people::ALL,
    pictures::ALL,
    policy::ALL,
    roles::ALL,
    schema::ALL,
    sessions::ALL,
    sessions::ends::ALL,
    sessions::ids::ALL,
    sessions::life::ALL,
    sessions::lists::ALL,
    users::ALL,
];

impl Db {
    /// Opens the database of a URL. Creates a missing SQLite file.
    ///
    /// # Errors
    /// The URL parser's or the database's error. [`open::explain`] explains those of SQLite.
    pub async fn open(url: &str) -> sqlx::Result<Db> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return open::postgres(url).await;
        }
        open::sqlite(url).await
    }

    /// Migrates the schema, under the database's migration lock.
    ///
    /// # Errors
    /// A migration failed, or the schema is newer than this program.
    pub async fn migrate(&self) -> std::result::Result<(), sqlx::migrate::MigrateError> {
        match &self.pools {
            On::Sqlite(pools) => SQLITE_MIGRATIONS.run(&pools.write).await,
            On::Postgres(pool) => POSTGRES_MIGRATIONS.run(pool).await,
        }
    }

    /// The number of pending migrations.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn pending_migrations(&self) -> Result<usize> {
        let known = match &self.pools {
            On::Sqlite(_) => SQLITE_MIGRATIONS.iter().count(),
            On::Postgres(_) => POSTGRES_MIGRATIONS.iter().count(),
        };
        // If the table of applied migrations is missing, none is applied.
        let applied = schema::applied(self.reader())
            .await
            .unwrap_or_default()
            .map_or(0, |(count,)| usize::try_from(count).unwrap_or_default());
        Ok(known.saturating_sub(applied))
    }

    /// The pool for a single read statement.
    pub fn reader(&self) -> On<&SqlitePool, &PgPool> {
        match &self.pools {
            On::Sqlite(pools) => On::Sqlite(&pools.read),
            On::Postgres(pool) => On::Postgres(pool),
        }
    }

    /// Reads in the calling thread. `None` if a pool must read instead, as always on PostgreSQL.
    fn here<T>(&self, read: impl FnOnce(&LocalReader) -> Option<T>) -> Option<T> {
        match &self.pools {
            On::Sqlite(pools) => {
                pools.transactions.let_run();
                read(pools.local.as_ref()?)
            }
            On::Postgres(_) => None,
        }
    }

    /// Whether queries can run in the calling thread.
    pub fn reads_here(&self) -> bool {
        self.here(|reader| reader.one::<(i64,)>("SELECT 1", &[])).is_some()
    }

    /// The pool for a single write statement.
    pub fn writer(&self) -> On<&SqlitePool, &PgPool> {
        match &self.pools {
            On::Sqlite(pools) => On::Sqlite(&pools.write),
            On::Postgres(pool) => On::Postgres(pool),
        }
    }

    /// Begins a transaction that may write. On SQLite it takes the write lock immediately: a
    /// transaction that upgrades to a write later fails without waiting.
    ///
    /// # Errors
    /// `unavailable` if no connection or lock becomes free in time.
    pub async fn begin(&self) -> Result<Tx> {
        let (pools, write_health) = (self.pools.clone(), self.write_health.clone());
        // In a task of its own: if the caller is dropped between the statement and its
        // response, sqlx returns a PostgreSQL connection to the pool inside a transaction.
        let begin = async move {
            let on = match pools {
                On::Sqlite(pools) => {
                    let open = pools.transactions.begin();
                    let tx = pools.write.begin_with("BEGIN IMMEDIATE").await;
                    tx.map(|tx| On::Sqlite(SqliteTx::new(tx, open, &pools.notices)))
                }
                On::Postgres(pool) => pool.begin().await.map(On::Postgres),
            };
            let on = on.inspect_err(|error| write_health.failed(error))?;
            Ok(Tx { on, write_health, notices: BTreeSet::new() })
        };
        tokio::spawn(begin).await.map_err(internal)?
    }

    /// Checks that the database responds.
    ///
    /// # Errors
    /// `unavailable` if it does not.
    pub async fn ping(&self) -> Result<()> {
        schema::ping(self.reader()).await?;
        Ok(())
    }

    /// Frees disk space that the database no longer needs, if it does not do so itself.
    ///
    /// # Errors
    /// `unavailable`; then the size stays.
    pub async fn tidy(&self) -> Result<()> {
        match &self.pools {
            On::Sqlite(pools) => Ok(open::empty_wal(&pools.write.connect_options()).await?),
            On::Postgres(_) => Ok(()),
        }
    }

    /// Closes every connection, after running statements have ended.
    pub async fn close(&self) {
        match &self.pools {
            On::Sqlite(pools) => {
                pools.local.iter().for_each(LocalReader::close);
                pools.read.close().await;
                pools.write.close().await;
            }
            On::Postgres(pool) => pool.close().await,
        }
    }
}

impl Tx {
    /// The connection that statements run on.
    pub fn on(&mut self) -> On<&mut SqliteConnection, &mut PgConnection> {
        match &mut self.on {
            On::Sqlite(tx) => On::Sqlite(tx.connection()),
            On::Postgres(tx) => On::Postgres(tx),
        }
    }

    /// Commits everything since [`Db::begin`].
    ///
    /// # Errors
    /// `unavailable`; then the transaction is rolled back.
    pub async fn commit(mut self) -> Result<()> {
        for notice in std::mem::take(&mut self.notices) {
            self.notify(&notice).await?;
        }
        let committed = match self.on {
            On::Sqlite(tx) => tx.commit().await,
            On::Postgres(tx) => tx.commit().await,
        };
        committed.inspect_err(|error| self.write_health.failed(error))?;
        self.write_health.committed();
        Ok(())
    }
}

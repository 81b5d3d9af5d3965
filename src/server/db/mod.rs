//! The two databases behind one door: native pools, one text per query.
//!
//! `On` says which database a thing belongs to; a query function runs the same
//! statement on either, statically dispatched. `sqlx::Any` is not used: it knows
//! neither booleans nor options (transact-rs/sqlx#2657).
//!
//! | file | what is in it |
//! |---|---|
//! | here | pools and transactions |
//! | [`query`], [`sample`] | how a query is declared; what a test runs it with |
//! | [`audit`], [`buckets`], [`links`], [`pictures`], [`policy`], [`sessions`], [`users`] | the queries of a table |
//! | [`conditions`] | lists that can be filtered in many ways |
//! | [`schema`], [`health`] | migrations; whether writing works |
//! | [`notices`] | what a transaction tells all servers |
//! | [`open`] | opening, and why it failed |
//! | [`addresses`] | emails that were stored in another spelling |

pub mod addresses;
pub mod audit;
pub mod buckets;
pub mod conditions;
mod health;
pub mod links;
pub mod notices;
pub mod open;
pub mod pictures;
pub mod policy;
mod query;
mod sample;
mod schema;
pub mod sessions;
pub mod users;

use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::{PgConnection, PgPool, Postgres, SqliteConnection, SqlitePool, Transaction};
use tracing::Instrument;

use self::health::Writes;
use self::notices::{Local, SqliteTx};
pub use self::query::Query;
use crate::server::error::{Result, internal};

/// One of two: what belongs to SQLite, what to PostgreSQL.
#[derive(Clone, Debug)]
pub enum On<S, P> {
    Sqlite(S),
    Postgres(P),
}

/// SQLite's pools: one writer, so that writers queue here and not in the file's
/// lock, and several readers, which WAL never blocks.
#[derive(Clone, Debug)]
pub struct SqlitePools {
    read: SqlitePool,
    write: SqlitePool,
    notices: Local,
}

/// An open database.
#[derive(Clone, Debug)]
pub struct Db {
    pools: On<SqlitePools, PgPool>,
    writes: Writes,
}

/// A transaction; dropped without [`Tx::commit`], it never was.
pub struct Tx {
    on: On<SqliteTx, Transaction<'static, Postgres>>,
    writes: Writes,
}

/// How long a request waits for a connection or for another process' write
/// before it is told `unavailable`.
const PATIENCE: Duration = Duration::from_secs(3);

static SQLITE_MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES_MIGRATIONS: Migrator = sqlx::migrate!("migrations/postgres");

/// Every query there is, by table.
pub const QUERIES: &[&[Query]] = &[
    audit::ALL,
    buckets::ALL,
    links::ALL,
    pictures::ALL,
    policy::ALL,
    schema::ALL,
    sessions::ALL,
    sessions::ends::ALL,
    sessions::ids::ALL,
    sessions::life::ALL,
    sessions::lists::ALL,
    users::ALL,
];

impl Db {
    /// Opens the database a URL names; a SQLite file is made if it is missing.
    ///
    /// # Errors
    /// The URL's or the database's own words; [`open::in_words`] says what to do about SQLite's.
    pub async fn open(url: &str) -> sqlx::Result<Db> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return open::postgres(url).await;
        }
        open::sqlite(url).await
    }

    /// Brings the schema up to date, under the database's migration lock.
    ///
    /// # Errors
    /// A migration failed, or the schema is newer than this program.
    pub async fn migrate(&self) -> std::result::Result<(), sqlx::migrate::MigrateError> {
        match &self.pools {
            On::Sqlite(pools) => SQLITE_MIGRATIONS.run(&pools.write).await,
            On::Postgres(pool) => POSTGRES_MIGRATIONS.run(pool).await,
        }
    }

    /// How many migrations are not applied yet.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn pending_migrations(&self) -> Result<usize> {
        let known = match &self.pools {
            On::Sqlite(_) => SQLITE_MIGRATIONS.iter().count(),
            On::Postgres(_) => POSTGRES_MIGRATIONS.iter().count(),
        };
        // Without the table of applied ones, none is.
        let applied = schema::applied(self.reader())
            .await
            .unwrap_or_default()
            .map_or(0, |(count,)| usize::try_from(count).unwrap_or_default());
        Ok(known.saturating_sub(applied))
    }

    /// For reading one statement.
    pub fn reader(&self) -> On<&SqlitePool, &PgPool> {
        match &self.pools {
            On::Sqlite(pools) => On::Sqlite(&pools.read),
            On::Postgres(pool) => On::Postgres(pool),
        }
    }

    /// For writing one statement.
    pub fn writer(&self) -> On<&SqlitePool, &PgPool> {
        match &self.pools {
            On::Sqlite(pools) => On::Sqlite(&pools.write),
            On::Postgres(pool) => On::Postgres(pool),
        }
    }

    /// Begins a transaction that may write. SQLite takes its write lock at once:
    /// a transaction that only later wants to write fails without waiting.
    ///
    /// # Errors
    /// `unavailable` when no connection or lock can be had.
    pub async fn begin(&self) -> Result<Tx> {
        let (pools, writes) = (self.pools.clone(), self.writes.clone());
        // Apart from whoever asks: when they go away between the word and its
        // answer, sqlx gives PostgreSQL's connection back within the transaction.
        let begin = async move {
            let on = match pools {
                On::Sqlite(pools) => {
                    let tx = pools.write.begin_with("BEGIN IMMEDIATE").await;
                    tx.map(|tx| On::Sqlite(SqliteTx::new(tx, &pools.notices)))
                }
                On::Postgres(pool) => pool.begin().await.map(On::Postgres),
            };
            Ok(Tx { on: on.inspect_err(|error| writes.failed(error))?, writes })
        };
        tokio::spawn(begin.in_current_span()).await.map_err(internal)?
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// `unavailable` when it does not.
    pub async fn ping(&self) -> Result<()> {
        schema::ping(self.reader()).await?;
        Ok(())
    }

    /// Gives back what a database has grown by and needs no more, where it does
    /// not do so by itself.
    ///
    /// # Errors
    /// `unavailable`; then it is as large as it was.
    pub async fn tidy(&self) -> Result<()> {
        match &self.pools {
            On::Sqlite(pools) => Ok(open::empty_wal(&pools.write.connect_options()).await?),
            On::Postgres(_) => Ok(()),
        }
    }

    /// Closes every connection, after what is running has ended.
    pub async fn close(&self) {
        match &self.pools {
            On::Sqlite(pools) => {
                pools.read.close().await;
                pools.write.close().await;
            }
            On::Postgres(pool) => pool.close().await,
        }
    }
}

impl Tx {
    /// The connection to run statements on.
    pub fn on(&mut self) -> On<&mut SqliteConnection, &mut PgConnection> {
        match &mut self.on {
            On::Sqlite(tx) => On::Sqlite(tx.connection()),
            On::Postgres(tx) => On::Postgres(tx),
        }
    }

    /// Makes everything since [`Db::begin`] last.
    ///
    /// # Errors
    /// `unavailable`; then nothing of it happened.
    pub async fn commit(self) -> Result<()> {
        let committed = match self.on {
            On::Sqlite(tx) => tx.commit().await,
            On::Postgres(tx) => tx.commit().await,
        };
        committed.inspect_err(|error| self.writes.failed(error))?;
        self.writes.committed();
        Ok(())
    }
}

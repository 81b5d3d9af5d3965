//! The two databases behind one door: native pools, one text per query.
//!
//! `On` says which database a thing belongs to; the macros below run the same
//! statement on either, statically dispatched. `sqlx::Any` is not used: it knows
//! neither booleans nor options (transact-rs/sqlx#2657).

pub mod addresses;
mod health;
pub mod notices;
pub mod open;
pub mod policy;
pub mod queries;

use sqlx::migrate::Migrator;
use sqlx::{PgConnection, PgPool, Postgres, SqliteConnection, SqlitePool, Transaction};
use tracing::Instrument;

use self::health::Writes;
use self::notices::{Local, SqliteTx};
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

/// A session that an `UPDATE … RETURNING` has just ended: handle and user id.
pub type EndedRow = (String, String);

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

static SQLITE_MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES_MIGRATIONS: Migrator = sqlx::migrate!("migrations/postgres");

/// Runs a query for at most one row: `fetch_optional!(on, Row, SQL, binds…)`.
macro_rules! fetch_optional {
    ($on:expr, $row:ty, $sql:expr $(, $bind:expr)* $(,)?) => {
        match $on {
            $crate::server::db::On::Sqlite(e) => sqlx::query_as::<_, $row>($sql)$(.bind($bind))*.fetch_optional(e).await,
            $crate::server::db::On::Postgres(e) => sqlx::query_as::<_, $row>($sql)$(.bind($bind))*.fetch_optional(e).await,
        }
    };
}

/// Runs a query for all its rows: `fetch_all!(on, Row, SQL, binds…)`.
macro_rules! fetch_all {
    ($on:expr, $row:ty, $sql:expr $(, $bind:expr)* $(,)?) => {
        match $on {
            $crate::server::db::On::Sqlite(e) => sqlx::query_as::<_, $row>($sql)$(.bind($bind))*.fetch_all(e).await,
            $crate::server::db::On::Postgres(e) => sqlx::query_as::<_, $row>($sql)$(.bind($bind))*.fetch_all(e).await,
        }
    };
}

/// Runs a statement and counts the rows it touched: `execute!(on, SQL, binds…)`.
macro_rules! execute {
    ($on:expr, $sql:expr $(, $bind:expr)* $(,)?) => {
        match $on {
            $crate::server::db::On::Sqlite(e) => sqlx::query($sql)$(.bind($bind))*.execute(e).await.map(|done| done.rows_affected()),
            $crate::server::db::On::Postgres(e) => sqlx::query($sql)$(.bind($bind))*.execute(e).await.map(|done| done.rows_affected()),
        }
    };
}

pub(crate) use {execute, fetch_all, fetch_optional};

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
        let applied = fetch_optional!(self.reader(), (i64,), "SELECT count(*) FROM _sqlx_migrations WHERE success");
        let applied = applied.unwrap_or_default().map_or(0, |(count,)| usize::try_from(count).unwrap_or_default());
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
        fetch_optional!(self.reader(), (i64,), queries::PING)?;
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

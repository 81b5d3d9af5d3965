//! Opening a database, and explaining errors.

use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, SqliteConnection};
use tokio::time::{Instant, sleep};

use super::fairness::OpenTransactions;
use super::health::WriteHealth;
use super::local::{LocalReader, MAPPED};
use super::notices::LocalNotices;
use super::{Db, On, SqlitePools, TIMEOUT};
use crate::server::files;

/// The size, in bytes, to which the write-ahead log is truncated when it restarts after a long
/// reader let it grow.
const WAL_LIMIT: &str = "4194304";

/// How long a start waits for a file that another process has locked: after a crash one process
/// recovers the file while the others wait.
const START_TIMEOUT: Duration = Duration::from_secs(30);

/// The retry interval: switching a file to WAL does not wait for its lock.
const RETRY: Duration = Duration::from_millis(100);

pub(super) async fn postgres(url: &str) -> sqlx::Result<Db> {
    let options =
        PgConnectOptions::from_str(url)?.application_name("kafkasder-panel").options([("statement_timeout", "10s")]);
    // A broken connection fails at its query. Testing it before each use would double the round
    // trips of every request.
    let pool = PgPoolOptions::new().max_connections(16).acquire_timeout(TIMEOUT).test_before_acquire(false);
    Ok(Db { pools: On::Postgres(pool.connect_with(options).await?), write_health: WriteHealth::default() })
}

pub(super) async fn sqlite(url: &str) -> sqlx::Result<Db> {
    let options = SqliteConnectOptions::from_str(url)?
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        // With `Full`, acknowledged commits survive a power cut. `Normal` may lose the last
        // ones.
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(TIMEOUT)
        .pragma("journal_size_limit", WAL_LIMIT)
        .pragma("mmap_size", MAPPED.to_string())
        .optimize_on_close(true, None);
    // If creating the file fails, SQLite fails to open it and reports the reason.
    let _ = files::make_database(options.get_filename());
    let pool = || {
        SqlitePoolOptions::new()
            .acquire_timeout(TIMEOUT)
            .test_before_acquire(false)
            .idle_timeout(None)
            .max_lifetime(None)
            // After errors such as a full disk, SQLite has already rolled the transaction back.
            // sqlx rolls it back again, which fails, and would then never begin another.
            .before_acquire(|connection, _| {
                let clean = !connection.is_in_transaction();
                Box::pin(async move { Ok(clean) })
            })
    };
    let file = options.get_filename().to_owned();
    // Held until the pool has a connection of its own, so that the pool finds the file
    // recovered.
    let first = first(&options, START_TIMEOUT).await?;
    let write = pool().max_connections(1).connect_with(options.clone()).await?;
    first.close().await?;
    let readers = std::thread::available_parallelism().map_or(2, |cores| cores.get() as u32);
    let read = pool().max_connections(readers).connect_lazy_with(options.read_only(true).create_if_missing(false));
    let local = file.is_file().then(|| LocalReader::new(file));
    let pools = On::Sqlite(SqlitePools {
        read,
        local,
        write,
        transactions: OpenTransactions::default(),
        notices: LocalNotices::default(),
    });
    Ok(Db { pools, write_health: WriteHealth::default() })
}

/// Copies the write-ahead log into the file and empties it, unless a reader is active. Neither
/// waits for others nor makes them wait.
pub(super) async fn empty_wal(options: &SqliteConnectOptions) -> sqlx::Result<()> {
    let mut connection = options.clone().busy_timeout(Duration::ZERO).optimize_on_close(false, None).connect().await?;
    sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut connection).await?;
    connection.close().await
}

/// A connection outside the pool, whose timeout would interrupt a recovery.
async fn first(options: &SqliteConnectOptions, time_limit: Duration) -> sqlx::Result<SqliteConnection> {
    let until = Instant::now() + time_limit;
    loop {
        match options.connect().await {
            Err(error) if is_busy(&error) && Instant::now() < until => sleep(RETRY).await,
            outcome => return outcome,
        }
    }
}

/// SQLite's primary result code, without the extended part.
fn primary_code(error: &sqlx::Error) -> Option<u32> {
    Some(error.as_database_error()?.code()?.parse::<u32>().ok()? & 0xff)
}

fn is_busy(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::PoolTimedOut) || matches!(primary_code(error), Some(5 | 6))
}

/// Explains why a SQLite file did not open, and what to do about it.
pub fn explain(file: &Path, error: &sqlx::Error) -> String {
    let file = file.display();
    if is_busy(error) {
        return format!(
            "The database file {file} is held by another process ({error}): \
             end that one, or let it finish recovering from a crash, and start again"
        );
    }
    match primary_code(error) {
        // Permission denied, read-only, can't open.
        Some(3 | 8 | 14) => {
            format!("The database file {file} can't be opened ({error}): make it and its folder writable for this user")
        }
        Some(26) => format!("The file {file} is no database ({error}): move it away, or set DATABASE_URL"),
        _ => format!("The database file {file} can't be opened ({error}): check DATABASE_URL and the disk"),
    }
}

#[cfg(test)]
mod tests {
    use sqlx::Executor;
    use tempfile::TempDir;

    use super::*;

    fn options(folder: &TempDir) -> SqliteConnectOptions {
        let file = SqliteConnectOptions::new().filename(folder.path().join("panel.db"));
        file.create_if_missing(true).journal_mode(SqliteJournalMode::Wal).busy_timeout(Duration::ZERO)
    }

    /// Another process that locks the file until this is dropped.
    async fn held(folder: &TempDir) -> SqliteConnection {
        let options = options(folder).journal_mode(SqliteJournalMode::Delete);
        let mut connection = options.connect().await.expect("a file");
        connection.execute("CREATE TABLE held (at BIGINT); BEGIN EXCLUSIVE").await.expect("a lock");
        connection
    }

    #[tokio::test]
    async fn opening_waits_for_a_locked_file() {
        let folder = TempDir::new().expect("a folder");
        let other = held(&folder).await;
        let wanted = options(&folder);
        let (opened, ()) = tokio::join!(first(&wanted, Duration::from_secs(30)), async {
            sleep(3 * RETRY).await;
            other.close().await.expect("closed");
        });
        opened.expect("the lock was released");
    }

    #[tokio::test]
    async fn errors_are_explained_by_their_cause() {
        let folder = TempDir::new().expect("a folder");
        let file = folder.path().join("panel.db");
        let why = async || match first(&options(&folder), Duration::ZERO).await {
            Ok(_) => "it opens".to_owned(),
            Err(error) => explain(&file, &error),
        };
        let other = held(&folder).await;
        assert!(why().await.contains("held by another process"), "{}", why().await);
        other.close().await.expect("closed");

        std::fs::write(&file, "a letter, and a long one, and nothing of a database in it".repeat(100)).expect("a file");
        assert!(why().await.contains("is no database"), "{}", why().await);
        std::fs::remove_file(&file).expect("removed");
        std::fs::create_dir(&file).expect("a folder");
        assert!(why().await.contains("writable for this user"), "{}", why().await);
    }
}

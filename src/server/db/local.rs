//! Reads SQLite in the calling thread, for the queries of every request.
//!
//! sqlx hands each statement to another thread and the row back, which takes several times as
//! long as the query itself (bench/README.md). A read here takes microseconds and never waits: if
//! the database is busy, or its file was slow a moment ago, the caller uses sqlx's pool. All
//! writing stays in sqlx, which links the same SQLite.
//!
//! Each thread that reads at the same time has a connection of its own. Connections wait in a
//! list between reads, so that closing the database closes them too.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::types::FromSql;
use rusqlite::{Connection, OpenFlags, Row, Statement, ToSql};

/// A row, decoded by the position of its columns.
pub trait LocalRow: Sized {
    /// # Errors
    /// A column that is missing or of another type.
    fn read(row: &Row<'_>) -> rusqlite::Result<Self>;
}

impl<A: FromSql> LocalRow for (A,) {
    fn read(row: &Row<'_>) -> rusqlite::Result<(A,)> {
        Ok((row.get(0)?,))
    }
}

impl<A: FromSql, B: FromSql> LocalRow for (A, B) {
    fn read(row: &Row<'_>) -> rusqlite::Result<(A, B)> {
        Ok((row.get(0)?, row.get(1)?))
    }
}

/// A read that takes longer than this delays every request of its thread.
const SLOW: Duration = Duration::from_millis(5);

/// How many reads in a row must be slow. A single one may only have lost the processor to another
/// thread; several have met a slow file.
const IN_A_ROW: u32 = 3;

/// How long the pool then does the reading, and also after an error. So threads wait for a slow file at most
/// [`IN_A_ROW`] times in this time.
const PAUSE: Duration = Duration::from_secs(1);

/// The page cache of a connection in KiB, as SQLite's negative number. It holds the upper levels
/// of the indexes of a million sessions.
const CACHE_SIZE: i64 = -8 * 1024;

/// The part of the file that is mapped into memory, in bytes: the most that SQLite maps. A million sessions, a
/// hundred thousand people and their records take half of it. The system reads and drops its pages as needed.
pub const MAPPED: i64 = (1 << 31) - (1 << 16);

/// Connections that read in the calling thread. Clones share them.
#[derive(Clone, Debug)]
pub struct LocalReader(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    file: PathBuf,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    idle: Vec<Connection>,
    open: bool,
    pause: Pause,
}

impl LocalReader {
    /// A reader of a database file, which must exist.
    pub fn new(file: PathBuf) -> LocalReader {
        let state = State { idle: Vec::new(), open: true, pause: Pause::default() };
        LocalReader(Arc::new(Shared { file, state: Mutex::new(state) }))
    }

    /// Reads at most one row. Returns `None` if the pool must read instead, for whatever reason:
    /// the pool then reports the error, if there still is one.
    pub fn one<T: LocalRow>(&self, sql: &'static str, binds: &[&dyn ToSql]) -> Option<Option<T>> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(sql)?;
            bind(&mut statement, binds)?;
            statement.raw_query().next()?.map(T::read).transpose()
        })
    }

    /// Reads all rows, as [`one`](Self::one).
    pub fn all<T: LocalRow>(&self, sql: &'static str, binds: &[&dyn ToSql]) -> Option<Vec<T>> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(sql)?;
            bind(&mut statement, binds)?;
            let (mut rows, mut all) = (statement.raw_query(), Vec::new());
            while let Some(row) = rows.next()? {
                all.push(T::read(row)?);
            }
            Ok(all)
        })
    }

    /// Closes the idle connections, and opens no more.
    pub fn close(&self) {
        let mut state = self.state();
        state.open = false;
        state.idle.clear();
    }

    fn read<T>(&self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Option<T> {
        let begun = Instant::now();
        let idle = {
            let mut state = self.state();
            if !state.open || state.pause.holds(begun) {
                return None;
            }
            state.idle.pop()
        };
        let outcome =
            idle.map_or_else(|| self.connect(), Ok).and_then(|connection| Ok((work(&connection)?, connection)));
        let mut state = self.state();
        match outcome {
            Ok((read, connection)) => {
                state.pause.record(begun, begun.elapsed());
                if state.open {
                    state.idle.push(connection);
                }
                Some(read)
            }
            Err(error) => {
                state.pause.begin(begun);
                drop(state);
                tracing::warn!(%error, "the calling thread can't read the database, so the pool does");
                None
            }
        }
    }

    fn connect(&self) -> rusqlite::Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.0.file, flags)?;
        // Never waits for a lock.
        connection.busy_timeout(Duration::ZERO)?;
        // A bound value never changes a plan. Otherwise, once ANALYZE has run, a SQLite that was
        // built with STAT4 prepares the statement anew for each value.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        connection.pragma_update(None, "cache_size", CACHE_SIZE)?;
        connection.pragma_update(None, "mmap_size", MAPPED)?;
        Ok(connection)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Binds `$1`, `$2` and so on. SQLite takes these for names, and numbers them in the order in which
/// the text has them.
fn bind(statement: &mut Statement<'_>, binds: &[&dyn ToSql]) -> rusqlite::Result<()> {
    const NAMES: [&str; 4] = ["$1", "$2", "$3", "$4"];
    for (position, value) in binds.iter().enumerate() {
        let name = NAMES.get(position).copied().unwrap_or_default();
        let index = statement.parameter_index(name)?.ok_or(rusqlite::Error::InvalidParameterName(name.to_owned()))?;
        statement.raw_bind_parameter(index, value)?;
    }
    Ok(())
}

/// Whether the pool reads for a while.
#[derive(Debug, Default)]
struct Pause {
    slow: u32,
    until: Option<Instant>,
}

impl Pause {
    fn holds(&self, now: Instant) -> bool {
        self.until.is_some_and(|until| now < until)
    }

    fn record(&mut self, begun: Instant, took: Duration) {
        self.slow = if took > SLOW { self.slow + 1 } else { 0 };
        if self.slow >= IN_A_ROW {
            self.begin(begun + took);
            tracing::warn!(ms = took.as_millis(), "reading the database file is slow");
        }
    }

    fn begin(&mut self, now: Instant) {
        *self = Pause { slow: 0, until: Some(now + PAUSE) };
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::StatementStatus;

    use super::*;

    fn database() -> (tempfile::TempDir, Connection, LocalReader) {
        let folder = tempfile::TempDir::new().expect("a folder");
        let file = folder.path().join("panel.db");
        let writer = Connection::open(&file).expect("a file");
        writer
            .execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE t (n INTEGER); INSERT INTO t VALUES (1)")
            .expect("a table");
        (folder, writer, LocalReader::new(file))
    }

    const COUNT: &str = "SELECT COUNT(*) FROM t WHERE n >= $1";

    #[test]
    fn a_read_sees_every_commit_before_it() {
        let (_folder, writer, reader) = database();
        for count in 1..100_i64 {
            assert_eq!(reader.one(COUNT, &[&0]), Some(Some((count,))));
            writer.execute("INSERT INTO t VALUES (1)", []).expect("a row");
        }
        assert_eq!(reader.state().idle.len(), 1, "the connection is used again");
    }

    #[test]
    fn an_error_leaves_the_read_to_the_pool() {
        let (_folder, writer, reader) = database();
        assert_eq!(reader.one::<(i64,)>("SELECT nothing FROM nowhere", &[]), None);
        assert_eq!(reader.one::<(i64,)>(COUNT, &[&0]), None, "for a while");
        reader.state().pause = Pause::default();
        assert_eq!(reader.one(COUNT, &[&0]), Some(Some((1_i64,))));
        reader.close();
        writer.execute_batch("PRAGMA locking_mode = EXCLUSIVE; INSERT INTO t VALUES (2)").expect("the lock");
        assert_eq!(LocalReader::new(reader.0.file.clone()).one::<(i64,)>(COUNT, &[&0]), None, "busy");
    }

    #[test]
    fn a_new_value_never_prepares_a_statement_anew() {
        let (_folder, writer, reader) = database();
        let rows = "WITH RECURSIVE c(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM c WHERE n < 5000)
                    INSERT INTO t SELECT n % 7 FROM c; CREATE INDEX i ON t (n); ANALYZE";
        writer.execute_batch(rows).expect("rows");
        for value in 0..5 {
            assert!(reader.one::<(i64,)>(COUNT, &[&value]).is_some());
        }
        let state = reader.state();
        let statement = state.idle[0].prepare_cached(COUNT).expect("a statement");
        assert_eq!(statement.get_status(StatementStatus::RePrepare), 0);
        let built = "SELECT COUNT(*) FROM pragma_compile_options WHERE compile_options LIKE 'ENABLE_STAT4'
                     OR compile_options LIKE 'ENABLE_MEMORY_MANAGEMENT'";
        let unwanted: i64 = state.idle[0].query_row(built, [], |row| row.get(0)).expect("a count");
        assert_eq!(unwanted, 0, "SQLite was built without the flags of .cargo/config.toml");
    }

    #[test]
    fn binds_are_numbered_by_their_names() {
        let (_folder, _writer, reader) = database();
        let read = reader.one("SELECT $2 || $1 || $3, $1", &[&"one", &"two", &"three"]);
        assert_eq!(read, Some(Some(("twoonethree".to_owned(), "one".to_owned()))));
        assert_eq!(reader.one::<(i64,)>("SELECT $2", &[&1]), None, "a bind that the text lacks");
    }

    #[test]
    fn a_closed_reader_reads_nothing() {
        let (_folder, _writer, reader) = database();
        assert_eq!(reader.all::<(i64,)>(COUNT, &[&0]), Some(vec![(1,)]));
        reader.close();
        assert!(reader.state().idle.is_empty());
        assert_eq!(reader.all::<(i64,)>(COUNT, &[&0]), None);
    }

    #[test]
    fn after_slow_reads_in_a_row_the_pool_reads_for_a_second() {
        let (now, mut pause) = (Instant::now(), Pause::default());
        for took in [SLOW * 2, SLOW * 2, SLOW, SLOW * 2, SLOW * 2] {
            pause.record(now, took);
            assert!(!pause.holds(now));
        }
        pause.record(now, SLOW * 2);
        assert!(pause.holds(now + SLOW * 2));
        assert!(pause.holds(now + PAUSE));
        assert!(!pause.holds(now + SLOW * 2 + PAUSE));
    }
}

//! How causes become refusals: logged once, here, and never sent.

use crate::model::failure::{Code, Failure};

/// What everything on the server fails with.
pub type Result<T> = std::result::Result<T, Failure>;

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Failure {
        let code = if is_away(&error) { Code::Unavailable } else { Code::Internal };
        tracing::error!(%error, code = %code.name(), "database");
        Failure::new(code)
    }
}

/// A bug or a broken row: the cause is logged, the caller gets `internal`.
pub fn internal(cause: impl std::fmt::Display) -> Failure {
    tracing::error!(%cause, "internal");
    Failure::new(Code::Internal)
}

/// Whether the database can't be used at the moment, as opposed to having refused a statement.
pub fn is_away(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::Tls(_) => true,
        sqlx::Error::Database(e) => e.code().is_some_and(|code| is_away_code(&code)),
        _ => false,
    }
}

/// PostgreSQL: connection exceptions, not let in, no such database, too many
/// clients, disk full, starting up, shutdown, a statement that took too long,
/// system errors, read-only. SQLite: busy, locked, read-only, I/O, full, can't
/// open, not to be locked, not a database.
fn is_away_code(code: &str) -> bool {
    if code.len() == 5 {
        let classes = ["08", "28", "3D", "53", "55000", "57P", "57014", "58", "25006"];
        return classes.iter().any(|class| code.starts_with(class));
    }
    let primary = code.parse::<u32>().unwrap_or_default() & 0xff;
    matches!(primary, 5 | 6 | 8 | 10 | 13 | 14 | 15 | 26)
}

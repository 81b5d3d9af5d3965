//! What everything on the server fails with: a code with typed details. It knows no
//! language and no HTTP status; both come at the edge, in
//! [`refusal`](super::http::refusal) and in the command line.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::model::failure::Code;
use crate::model::lang::Lang;
use crate::model::session::{EndReason, SessionChoice};
use crate::model::text::{self, Text};

pub type Result<T> = std::result::Result<T, Error>;

/// Why something was not done.
#[derive(Clone, Debug)]
pub struct Error {
    pub code: Code,
    details: Option<Box<Details>>,
    /// What went wrong, for the log of whoever handles it. It is never sent.
    cause: Option<Arc<str>>,
}

/// What a code is told with.
#[derive(Clone, Debug, Default)]
pub struct Details {
    /// Why the session is over.
    pub reason: Option<EndReason>,
    pub remaining_attempts: Option<u32>,
    pub remaining_seconds: Option<u64>,
    /// What is wrong, by the field's name.
    pub fields: BTreeMap<&'static str, Problem>,
    /// At the session limit.
    pub choice: Option<SessionChoice>,
    /// What a person reads instead of the code's own text.
    pub text: Option<Text>,
}

/// What is wrong with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    Plain(Text),
    /// Of a password; characters.
    TooShort {
        min: u32,
    },
    /// Of a password; characters.
    TooLong {
        max: usize,
    },
}

impl From<Text> for Problem {
    fn from(text: Text) -> Problem {
        Problem::Plain(text)
    }
}

impl Problem {
    /// What a person reads.
    pub fn text(self, lang: Lang) -> String {
        match self {
            Problem::Plain(text) => text.to(lang).to_owned(),
            Problem::TooShort { min } => text::field_password_too_short(lang, min),
            Problem::TooLong { max } => text::field_password_too_long(lang, max),
        }
    }
}

impl From<Code> for Error {
    fn from(code: Code) -> Error {
        Error { code, details: None, cause: None }
    }
}

impl Error {
    /// A value that breaks a rule, by the name of its field.
    pub fn field(name: &'static str, problem: impl Into<Problem>) -> Error {
        Error::fields(BTreeMap::from([(name, problem.into())]))
    }

    /// The same for several fields.
    pub fn fields(fields: BTreeMap<&'static str, Problem>) -> Error {
        Error::from(Code::ValidationFailed).with(|details| details.fields = fields)
    }

    /// Adds details.
    pub fn with(mut self, add: impl FnOnce(&mut Details)) -> Error {
        add(self.details.get_or_insert_default());
        self
    }

    /// The details, if there are any.
    pub fn details(&self) -> Option<&Details> {
        self.details.as_deref()
    }

    /// Why the session is over, where that is what was refused for.
    pub fn reason(&self) -> Option<EndReason> {
        self.details()?.reason
    }

    /// What went wrong, for a log.
    pub fn cause(&self) -> Option<&str> {
        self.cause.as_deref()
    }
}

/// For logs: the code, and what went wrong.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.cause {
            Some(cause) => write!(f, "{:?}: {cause}", self.code),
            None => write!(f, "{:?}", self.code),
        }
    }
}

impl std::error::Error for Error {}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Error {
        let code = if is_away(&error) { Code::Unavailable } else { Code::Internal };
        Error { cause: Some(format!("database: {error}").into()), ..Error::from(code) }
    }
}

/// A bug or a broken row.
pub fn internal(cause: impl fmt::Display) -> Error {
    Error { cause: Some(cause.to_string().into()), ..Error::from(Code::Internal) }
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

//! The server's error type: a code with typed details. It knows no language and no HTTP status.
//! [`refusal`](super::http::refusal) and the command line add these.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::model::code::Code;
use crate::model::failure::Current;
use crate::model::lang::Lang;
use crate::model::permission::Permission;
use crate::model::session::{EndReason, SessionChoice};
use crate::model::text::{self, Text};

pub type Result<T> = std::result::Result<T, Error>;

/// Why an operation failed.
#[derive(Clone, Debug)]
pub struct Error {
    pub code: Code,
    details: Option<Box<Details>>,
    /// The cause, for the log only. It is never sent to the client.
    cause: Option<Arc<str>>,
}

/// Additional data of an error.
#[derive(Clone, Debug, Default)]
pub struct Details {
    /// Why the session is over.
    pub reason: Option<EndReason>,
    pub remaining_attempts: Option<u32>,
    pub remaining_seconds: Option<u64>,
    /// The invalid fields, by name.
    pub fields: BTreeMap<&'static str, Problem>,
    /// The sessions to choose from at the session limit.
    pub choice: Option<SessionChoice>,
    /// The permission that is missing.
    pub missing: Option<Permission>,
    /// How many things would be touched, if that is why nothing was done.
    pub count: Option<u32>,
    /// What is there now, where somebody else was faster.
    pub current: Option<Current>,
    /// A text that replaces the code's default text.
    pub text: Option<Text>,
}

/// What is wrong with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    Plain(Text),
    /// A number, with its inclusive bounds.
    OutOfBounds {
        min: u32,
        max: u32,
    },
    /// A password; both numbers are in characters.
    TooShort {
        min: u32,
    },
    /// A password; both numbers are in characters.
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
    /// The message in a language.
    pub fn text(self, lang: Lang) -> String {
        match self {
            Problem::Plain(text) => text.to(lang).to_owned(),
            Problem::OutOfBounds { min, max } => text::field_out_of_bounds(lang, max, min),
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
    /// An invalid value, by the name of its field.
    pub fn field(name: &'static str, problem: impl Into<Problem>) -> Error {
        Error::fields(BTreeMap::from([(name, problem.into())]))
    }

    /// Several invalid values, by the names of their fields.
    pub fn fields(fields: BTreeMap<&'static str, Problem>) -> Error {
        Error::from(Code::ValidationFailed).with(|details| details.fields = fields)
    }

    /// The refusal of somebody who lacks a permission.
    pub fn lacks(permission: Permission) -> Error {
        Error::from(Code::Forbidden).with(|details| details.missing = Some(permission))
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

    /// Why the session is over, if that is why the request was refused.
    pub fn reason(&self) -> Option<EndReason> {
        self.details()?.reason
    }

    /// The cause, for the log.
    pub fn cause(&self) -> Option<&str> {
        self.cause.as_deref()
    }
}

/// For logs: the code and the cause.
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

/// A bug or a corrupt row.
pub fn internal(cause: impl fmt::Display) -> Error {
    Error { cause: Some(cause.to_string().into()), ..Error::from(Code::Internal) }
}

/// Whether the database is unavailable, as opposed to having rejected a statement.
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

/// PostgreSQL: connection exceptions, authentication failures, unknown database, too many
/// clients, disk full, starting up, shutdown, statement timeout, system errors, read-only.
/// SQLite: busy, locked, read-only, I/O, full, can't open, locking protocol, not a database.
fn is_away_code(code: &str) -> bool {
    if code.len() == 5 {
        let classes = ["08", "28", "3D", "53", "55000", "57P", "57014", "58", "25006"];
        return classes.iter().any(|class| code.starts_with(class));
    }
    let primary = code.parse::<u32>().unwrap_or_default() & 0xff;
    matches!(primary, 5 | 6 | 8 | 10 | 13 | 14 | 15 | 26)
}

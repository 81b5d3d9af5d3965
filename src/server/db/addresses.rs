//! Converts addresses that were stored before domains were kept in ASCII. The migration marked
//! them, and each is converted once.
//!
//! Two accounts may have one address in two spellings. Then the second keeps its spelling and
//! its mark. It is found only by exactly that spelling, the other by the ASCII form, and both
//! can sign in. An account whose address today's rules reject also keeps its spelling.

use std::fmt;

use super::{Db, users};
use crate::model::email::Email;
use crate::server::error::Result;

/// An account that keeps its previous spelling.
#[derive(Clone, Debug)]
pub struct UnconvertedAddress {
    id: String,
    email: String,
    reason: Reason,
}

#[derive(Clone, Debug)]
enum Reason {
    /// Another account has the address in today's spelling.
    Taken { spelling: String, by: String },
    /// Today's rules reject the address.
    Rejected,
}

impl UnconvertedAddress {
    /// Whether today's rules reject every way to type the address.
    pub fn is_rejected(&self) -> bool {
        matches!(self.reason, Reason::Rejected)
    }
}

/// A message for an administrator. Invisible characters are escaped as numbers.
impl fmt::Display for UnconvertedAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (id, email) = (&self.id, self.email.escape_debug());
        match &self.reason {
            Reason::Taken { spelling, by } => write!(
                f,
                "User {id} ({email}) and user {by} ({spelling}) have one address in two spellings. \
                 Each signs in with its own; give one of them another address."
            ),
            Reason::Rejected => write!(
                f,
                "User {id} ({email}) has an address that is refused today. \
                 They sign in with it as before; give them another address."
            ),
        }
    }
}

/// Converts all marked addresses in one transaction, and returns the accounts that keep theirs.
/// Safe to run on several servers at once.
///
/// # Errors
/// `unavailable`; then nothing has changed.
pub async fn convert_all(db: &Db) -> Result<Vec<UnconvertedAddress>> {
    // Uses the writer, because its connection is already open at the start.
    let marked = users::unconverted_emails(db.writer()).await?;
    if marked.is_empty() {
        return Ok(Vec::new());
    }
    let mut tx = db.begin().await?;
    for (id, email) in &marked {
        if let Some(spelling) = Email::parse(email) {
            users::convert_email(tx.on(), spelling.as_str(), id, email).await?;
        }
    }
    tx.commit().await?;
    unconverted(db).await
}

/// The accounts that keep their previous address. Changes nothing.
///
/// # Errors
/// `unavailable`.
pub async fn unconverted(db: &Db) -> Result<Vec<UnconvertedAddress>> {
    let mut unconverted = Vec::new();
    for (id, email) in users::unconverted_emails(db.reader()).await? {
        let Some(spelling) = Email::parse(&email) else {
            unconverted.push(UnconvertedAddress { id, email, reason: Reason::Rejected });
            continue;
        };
        if let Some((by,)) = users::another_with_email(db.reader(), spelling.as_str(), &id).await? {
            unconverted.push(UnconvertedAddress {
                id,
                email,
                reason: Reason::Taken { spelling: spelling.as_str().to_owned(), by },
            });
        }
    }
    Ok(unconverted)
}

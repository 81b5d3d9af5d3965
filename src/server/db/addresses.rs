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
pub struct Kept {
    id: String,
    email: String,
    why: Why,
}

#[derive(Clone, Debug)]
enum Why {
    /// Another account has the address in today's spelling.
    Taken { spelling: String, by: String },
    /// Today's rules reject the address.
    Refused,
}

impl Kept {
    /// Whether today's rules reject every way to type the address.
    pub fn is_refused(&self) -> bool {
        matches!(self.why, Why::Refused)
    }
}

/// A message for an administrator. Invisible characters are escaped as numbers.
impl fmt::Display for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (id, email) = (&self.id, self.email.escape_debug());
        match &self.why {
            Why::Taken { spelling, by } => write!(
                f,
                "User {id} ({email}) and user {by} ({spelling}) have one address in two spellings. \
                 Each signs in with its own; give one of them another address."
            ),
            Why::Refused => write!(
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
pub async fn spell_anew(db: &Db) -> Result<Vec<Kept>> {
    // Uses the writer, because its connection is already open at the start.
    let marked = users::emails_as_before(db.writer()).await?;
    if marked.is_empty() {
        return Ok(Vec::new());
    }
    let mut tx = db.begin().await?;
    for (id, email) in &marked {
        if let Some(spelling) = Email::parse(email) {
            users::spell_anew(tx.on(), spelling.as_str(), id, email).await?;
        }
    }
    tx.commit().await?;
    kept(db).await
}

/// The accounts that keep their previous address. Changes nothing.
///
/// # Errors
/// `unavailable`.
pub async fn kept(db: &Db) -> Result<Vec<Kept>> {
    let mut kept = Vec::new();
    for (id, email) in users::emails_as_before(db.reader()).await? {
        let Some(spelling) = Email::parse(&email) else {
            kept.push(Kept { id, email, why: Why::Refused });
            continue;
        };
        if let Some((by,)) = users::another_with_email(db.reader(), spelling.as_str(), &id).await? {
            kept.push(Kept { id, email, why: Why::Taken { spelling: spelling.as_str().to_owned(), by } });
        }
    }
    Ok(kept)
}

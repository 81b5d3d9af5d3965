//! Addresses that were stored before domains were kept in their ASCII form: each
//! is spelt anew once, after the migration that marks it.
//!
//! Two accounts may have one address in two spellings. Then the second keeps its
//! own and its mark: it is found by that spelling exactly, the other by the ASCII
//! form, and both go on signing in. So does an account whose address today's
//! rules refuse.

use std::fmt;

use super::{Db, users};
use crate::model::email::Email;
use crate::server::error::Result;

/// An account that keeps its address as it was.
#[derive(Clone, Debug)]
pub struct Kept {
    id: String,
    email: String,
    why: Why,
}

#[derive(Clone, Debug)]
enum Why {
    /// Another account has it in the spelling of today.
    Taken { spelling: String, by: String },
    /// It is no address by today's rules.
    Refused,
}

impl Kept {
    /// Whether nobody could type its address and have it read by today's rules.
    pub fn is_refused(&self) -> bool {
        matches!(self.why, Why::Refused)
    }
}

/// In words for an administrator. What can't be seen is written as its number.
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

/// Spells anew what is still spelt as before, all in one transaction; gives what
/// keeps its spelling. Of two servers that start together, both may do it.
///
/// # Errors
/// `unavailable`; then nothing has changed.
pub async fn spell_anew(db: &Db) -> Result<Vec<Kept>> {
    // Where a start has a connection already: those that read are opened when they are asked for.
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

/// The accounts that keep their address as it was; changes nothing.
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

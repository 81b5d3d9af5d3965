//! Searching people: names, emails, phones and labels, folded to ASCII.
//!
//! Folding finds "isil", "IŞIL" and "ışıl" alike, which neither database can: SQLite's `lower`
//! knows ASCII only, and PostgreSQL's depends on its locale.

use any_ascii::any_ascii;

use crate::model::email::shown;
use crate::model::unicode::nfkc;
use crate::server::db::conditions::Conditions;
use crate::server::db::users::UserColumns;
use crate::server::db::{Db, Tx, people};
use crate::server::error::Result;

/// Whether the person in a column matches a pattern.
macro_rules! matching {
    ($column:literal) => {
        concat!("EXISTS (SELECT 1 FROM user_search k WHERE k.user_id = ", $column, " AND k.hay LIKE ?1 ESCAPE '\\')")
    };
}

/// The version of the folding. Another one folds every user anew.
const FOLDED: i64 = 1;

/// How many users are folded in one transaction.
const BATCH: i64 = 200;

/// A text in lower-case ASCII, with single spaces.
pub fn fold(text: &str) -> String {
    let folded = any_ascii(&nfkc(text)).to_ascii_lowercase();
    folded
        .split(|c: char| c.is_ascii_whitespace() || c.is_ascii_control())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// The patterns of a search: each must be found. `%`, `_` and `\` stand for themselves.
pub fn patterns(q: &str) -> Vec<String> {
    let escaped = |word: &str| {
        word.chars().flat_map(|c| "%_\\".contains(c).then_some('\\').into_iter().chain([c])).collect::<String>()
    };
    fold(q).split(' ').filter(|word| !word.is_empty()).map(|word| format!("%{}%", escaped(word))).collect()
}

/// The most people whom a search of other things names one by one.
const FEW: i64 = 1000;

/// Whom a search finds, for the lists of other things.
pub enum Matches {
    /// Their ids.
    Few(Vec<String>),
    /// So many match that they are met soon, wherever one looks.
    Many {
        patterns: Vec<String>,
        /// The ids of some of them: one more than [`FEW`].
        some: Vec<String>,
    },
}

/// The column of another table that names a person.
#[derive(Clone, Copy)]
pub enum Column {
    SessionUser,
    Actor,
    Target,
}

/// Whom a search finds; `None` for an empty one.
///
/// # Errors
/// `unavailable`.
pub async fn matches(db: &Db, q: &str) -> Result<Option<Matches>> {
    let patterns = patterns(q);
    if patterns.is_empty() {
        return Ok(None);
    }
    let start = Conditions::default();
    let all = patterns.iter().fold(start, |all, pattern| all.and(HAY, [pattern.as_str().into()]));
    let ids: Vec<String> = people::search(db.reader(), &all, "", FEW + 1).await?.into_iter().map(|(id,)| id).collect();
    Ok(Some(match ids.len() > FEW as usize {
        true => Matches::Many { patterns, some: ids },
        false => Matches::Few(ids),
    }))
}

const HAY: &str = "k.hay LIKE ?1 ESCAPE '\\'";

impl Matches {
    /// Adds the condition on the search index itself, where a query joins it as `k`. Without patterns, on
    /// the ids.
    pub fn and_joined(&self, all: Conditions) -> Conditions {
        match self {
            Matches::Few(ids) => all.and_one_of("k.user_id", ids),
            Matches::Many { patterns, .. } => {
                patterns.iter().fold(all, |all, pattern| all.and(HAY, [pattern.as_str().into()]))
            }
        }
    }

    /// Adds the condition that a column names one of them.
    pub fn and(&self, all: Conditions, column: Column) -> Conditions {
        let (name, exists) = match column {
            Column::SessionUser => ("s.user_id", matching!("s.user_id")),
            Column::Actor => ("a.actor", matching!("a.actor")),
            Column::Target => ("a.target", matching!("a.target")),
        };
        match self {
            Matches::Few(ids) => all.and_one_of(name, ids),
            Matches::Many { patterns, .. } => {
                patterns.iter().fold(all, |all, pattern| all.and(exists, [pattern.as_str().into()]))
            }
        }
    }
}

/// Stores what a user is searched by. Belongs into each transaction that changes a user.
///
/// # Errors
/// `unavailable`.
pub async fn index(tx: &mut Tx, user: &UserColumns) -> Result<()> {
    let phone = user.phone.as_deref().unwrap_or_default();
    let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
    let labels: Vec<String> = serde_json::from_str(&user.labels).unwrap_or_default();
    let hay = [&user.name, &user.email, &shown(&user.email), phone, &digits, &labels.join(" "), &user.id].join(" ");
    people::index(tx.on(), &fold(&user.name), &user.id, &fold(&hay), FOLDED).await?;
    Ok(())
}

/// Folds users that were stored without: by a migration, or by an earlier version of the program.
///
/// # Errors
/// `unavailable`.
pub async fn index_missing(db: &Db) -> Result<()> {
    // Looks before it begins: a transaction that is dropped is rolled back a little later, and would keep
    // whoever follows from the whole database.
    while !people::unindexed(db.reader(), FOLDED - 1, 1).await?.is_empty() {
        let mut tx = db.begin().await?;
        let users = people::unindexed(tx.on(), FOLDED - 1, BATCH).await?;
        for user in &users {
            index(&mut tx, user).await?;
        }
        tx.commit().await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_a_name_are_alike() {
        for text in ["isil", "IŞIL", "ışıl", "İŞİL", "Is\u{327}ıl", "  IŞIL\u{a0}"] {
            assert_eq!(fold(text), "isil", "{text}");
        }
        assert_eq!(fold("Çağrı  Öğüt"), "cagri ogut");
        assert_eq!(fold("Хаджи Мурат"), "khadzhi murat");
        assert_eq!(fold("a\0b\nc"), "a b c");
    }

    #[test]
    fn searches_match_literally() {
        assert_eq!(patterns("50%_\\ Ğ"), ["%50\\%\\_\\\\%", "%g%"]);
        assert!(patterns(" \0 ").is_empty());
    }
}

//! Searching people: names, emails, phones and labels, folded to ASCII.
//!
//! Folding finds "isil", "IŞIL" and "ışıl" alike, which neither database can: SQLite's `lower`
//! knows ASCII only, and PostgreSQL's depends on its locale.

use any_ascii::any_ascii;

use crate::model::email::shown;
use crate::model::unicode::nfkc;
use crate::server::db::users::UserColumns;
use crate::server::db::{Db, Tx, people};
use crate::server::error::Result;

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
    loop {
        let mut tx = db.begin().await?;
        let users = people::unindexed(tx.on(), FOLDED - 1, BATCH).await?;
        if users.is_empty() {
            return Ok(());
        }
        for user in &users {
            index(&mut tx, user).await?;
        }
        tx.commit().await?;
    }
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

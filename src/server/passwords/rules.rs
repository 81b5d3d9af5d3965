//! The rules for new passwords.

use super::QueueSlot;
use crate::model::password::{self, Refusal, check};
use crate::model::text::Text;
use crate::server::error::{Error, Problem, Result};

/// The number of guesses below which a password counts as common.
const COMMON_GUESSES: u64 = 1_000_000;

/// The number of characters that are estimated at a time. The estimator tries every
/// substitution of similar characters and takes a second for a hundred of the worst. For this
/// many it takes a third of the hashing time.
const PIECE: usize = 24;

/// The product's names, which a password must not be made of.
const PRODUCT: [&str; 2] = ["kafkasder", "panel"];

/// A new password and data about its user.
pub struct NewPassword<'a> {
    pub password: &'a str,
    /// The policy's minimum, in characters.
    pub min_length: u32,
    pub name: &'a str,
    /// The local part of the email.
    pub local_part: &'a str,
    /// The field that errors name.
    pub field: &'static str,
}

impl NewPassword<'_> {
    /// Checks the cheap rules: length, and words related to the user.
    ///
    /// # Errors
    /// `validation_failed` with the text for the field.
    pub fn check(&self) -> Result<()> {
        let about = [self.name, self.local_part, PRODUCT[0]];
        check(self.password, self.min_length as usize, &about).map_err(|refusal| self.refused(refusal))
    }

    /// Runs [`check`](Self::check), then estimates and hashes the password on the hashing pool.
    /// The estimate is expensive too, so it uses the same queue.
    ///
    /// # Errors
    /// `validation_failed` with the text for the field; `internal` if the pool has stopped.
    pub async fn hash(&self, slot: QueueSlot) -> Result<String> {
        self.check()?;
        let words = [self.name, self.local_part].map(str::to_owned);
        let hash = slot.hash_unless(self.password, move |password| is_common(password, &words)).await?;
        hash.ok_or_else(|| self.refused(Refusal::Common))
    }

    fn refused(&self, refusal: Refusal) -> Error {
        let problem = match refusal {
            Refusal::Blank => Text::FieldPasswordBlank.into(),
            Refusal::TooShort => Problem::TooShort { min: self.min_length },
            Refusal::TooLong => Problem::TooLong { max: password::MAX_LENGTH },
            Refusal::Personal => Text::FieldPasswordPersonal.into(),
            Refusal::Common => Text::FieldPasswordCommon.into(),
        };
        Error::field(self.field, problem)
    }
}

/// Whether a password is among the first guesses, or made of words related to its user. It is
/// estimated in pieces, and one strong piece is enough. A repeated unit is estimated once.
fn is_common(password: &str, about: &[String]) -> bool {
    let mut words: Vec<&str> = about.iter().map(String::as_str).collect();
    words.extend(PRODUCT);
    let characters: Vec<char> = password.chars().take(password::MAX_LENGTH).collect();
    let unit = repeated_unit(&characters);
    let times = characters.len().div_ceil(unit.len().max(1)) as u64;
    let guesses = |piece: &String| zxcvbn::zxcvbn(piece, &words).guesses().saturating_mul(times);
    !pieces(unit).iter().any(|piece| guesses(piece) >= COMMON_GUESSES)
}

/// The shortest prefix that yields the whole when repeated.
fn repeated_unit(characters: &[char]) -> &[char] {
    let repeats = |length: &usize| characters.iter().zip(&characters[*length..]).all(|(one, next)| one == next);
    let length = (1..=characters.len() / 2).find(repeats).unwrap_or(characters.len());
    &characters[..length]
}

/// Splits characters into pieces of at most [`PIECE`].
fn pieces(characters: &[char]) -> Vec<String> {
    characters.chunks(PIECE).map(|piece| piece.iter().collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_passwords_are_refused_and_unusual_ones_accepted() {
        let about = ["Ayşe Işık".to_owned(), "ayse".to_owned()];
        for common in [
            "passwordpassword",
            "123456789012345",
            "qwertyuiopasdfgh",
            "aaaaaaaaaaaaaaa",
            "iloveyouiloveyou",
            "abcdefghijklmnop",
            &"password".repeat(16),
            &"a".repeat(128),
            &"kafkasderpanel".repeat(3),
            &"qwertyuiop123".repeat(4),
        ] {
            assert!(is_common(common, &about), "{common}");
        }
        for fine in [
            "correct horse battery staple",
            "uzun bir yolda yürüyorum",
            "83919283749182734918",
            "🦊🐢🦉🐝🦋🐙🦀🐬🦔🐌🐞🦂🐍🐊🐫",
            "aaaaaaaaaaaaaaaaaaaaaaaa but then a horse and a staple",
        ] {
            assert!(!is_common(fine, &about), "{fine}");
        }
    }

    #[test]
    fn the_estimators_input_length_is_bounded() {
        for password in ["4@8({[<3691!|70$5+%2".repeat(6), "ş".repeat(1000), String::new()] {
            let characters: Vec<char> = password.chars().collect();
            let pieces = pieces(&characters);
            assert!(pieces.iter().all(|piece| piece.chars().count() <= PIECE));
            assert_eq!(pieces.concat(), password, "nothing is left out or moved");
        }
    }

    #[test]
    fn repetitions_are_estimated_once() {
        for (password, unit) in
            [("abcabcabc", "abc"), ("abcabcab", "abc"), ("aaaa", "a"), ("abcd", "abcd"), ("abca", "abca"), ("", "")]
        {
            let characters: Vec<char> = password.chars().collect();
            assert_eq!(repeated_unit(&characters).iter().collect::<String>(), unit, "{password}");
        }
    }
}

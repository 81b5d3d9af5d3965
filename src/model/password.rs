//! The rules for new passwords (NIST SP 800-63B-4, section 3.1.1.2).

use super::characters::is_blank;
use super::unicode::{nfc, nfkc};

/// The maximum length in characters. Longer passwords are refused, never truncated.
pub const MAX_LENGTH: usize = 128;

/// Why a new password is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It has no visible character.
    Blank,
    TooShort,
    TooLong,
    /// It contains the user's name, the email or the product's name.
    Personal,
    /// It is among the first guesses of an attacker.
    Common,
}

/// Normalises to NFC, because keyboards and systems compose characters differently.
pub fn normalise(password: &str) -> String {
    nfc(password)
}

/// The length in characters as NIST counts them: code points after normalising.
pub fn length(password: &str) -> usize {
    nfc(password).chars().count()
}

/// Whether a password has no visible character. Its owner could not see what or how much was
/// typed.
pub fn is_invisible(password: &str) -> bool {
    !password.is_empty() && password.chars().all(is_blank)
}

/// Checks the rules that need no dictionary. `about` are words related to the user: the name
/// and the email's local part.
///
/// # Errors
/// The first violated rule.
pub fn check(password: &str, min_length: usize, about: &[&str]) -> Result<(), Refusal> {
    if is_invisible(password) {
        return Err(Refusal::Blank);
    }
    match length(password) {
        n if n < min_length => return Err(Refusal::TooShort),
        n if n > MAX_LENGTH => return Err(Refusal::TooLong),
        _ => {}
    }
    if is_personal(password, about) { Err(Refusal::Personal) } else { Ok(()) }
}

/// Whether a password contains a word related to its user.
pub fn is_personal(password: &str, about: &[&str]) -> bool {
    let folded = fold(password);
    about.iter().any(|word| holds(&folded, word))
}

/// Shorter words occur in too many unrelated passwords.
const SHORTEST_PERSONAL_WORD: usize = 4;

fn holds(folded_password: &str, word: &str) -> bool {
    let whole = fold(word);
    let pieces = whole.split(|c: char| !c.is_alphanumeric());
    pieces
        .chain([whole.as_str()])
        .any(|piece| piece.chars().count() >= SHORTEST_PERSONAL_WORD && folded_password.contains(piece))
}

/// Folds case and dots so that "IŞIK", "ışık" and "isik" match: a wider match is the safe side
/// for a refusal.
fn fold(text: &str) -> String {
    nfkc(text).to_lowercase().replace('\u{307}', "").replace('ı', "i")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_counts_characters() {
        assert_eq!(check(&"é".repeat(14), 15, &[]), Err(Refusal::TooShort));
        assert_eq!(check(&"🦊".repeat(15), 15, &[]), Ok(()));
        assert_eq!(check(&"a\u{301}".repeat(14), 15, &[]), Err(Refusal::TooShort));
        assert_eq!(check(&"b".repeat(128), 15, &[]), Ok(()));
        assert_eq!(check(&"b".repeat(129), 15, &[]), Err(Refusal::TooLong));
    }

    #[test]
    fn passwords_have_no_composition_rules() {
        for fine in ["only lower case words", "83919283749182734918", "               x", "ŞİMŞEK GİBİ GEÇTİ!"] {
            assert_eq!(check(fine, 15, &["Ayşe Işık", "ayse"]), Ok(()), "{fine}");
        }
    }

    #[test]
    fn invisible_passwords_are_refused() {
        for blank in
            " \u{a0}\u{2003}\u{3000}\u{200b}\u{2060}\u{feff}\u{ad}\u{3164}\u{115f}\u{2800}\u{e0041}\u{fe0f}\t\0".chars()
        {
            let blanks = blank.to_string().repeat(15);
            assert_eq!(check(&blanks, 15, &[]), Err(Refusal::Blank), "{blank:?}");
            assert_eq!(check(&format!("{blanks}\u{2060} "), 15, &[]), Err(Refusal::Blank), "{blank:?}");
            assert_eq!(check(&format!("{blanks}x"), 15, &[]), Ok(()), "{blank:?}");
        }
        assert_eq!(check("   ", 15, &[]), Err(Refusal::Blank));
        assert_eq!(check("", 15, &[]), Err(Refusal::TooShort));
    }

    #[test]
    fn passwords_with_name_or_email_are_refused() {
        let about = ["Ayşe Işık", "ayse.isik"];
        for bad in ["my name is IŞIK, hello", "ayse.isik@example.org", "xx-AYSE-xx-xx-xx", "AYŞE likes long ones"] {
            assert_eq!(check(bad, 15, &about), Err(Refusal::Personal), "{bad}");
        }
        assert_eq!(check("the org of an islander", 15, &about), Ok(()));
    }
}

//! What a new password must be.

use super::super::error::Result;
use crate::model::failure::Failure;
use crate::model::lang::Lang;
use crate::model::password::{self, Refusal, check};
use crate::model::text::Text;

/// Guesses an attacker makes first; what falls within them is common.
const COMMON_GUESSES: u64 = 1_000_000;

/// Checks a new password by every rule.
///
/// # Errors
/// `validation_failed` with the text for `field`.
pub fn check_new(password: &str, min_length: u32, name: &str, local_part: &str, field: &str, lang: Lang) -> Result<()> {
    let refusal = check(password, min_length as usize, &[name, local_part, "kafkasder"]).err().or_else(|| {
        let words = [name, local_part, "kafkasder", "panel"];
        (zxcvbn::zxcvbn(password, &words).guesses() < COMMON_GUESSES).then_some(Refusal::Common)
    });
    let Some(refusal) = refusal else { return Ok(()) };
    let text = match refusal {
        Refusal::TooShort => Text::FieldPasswordTooShort.with(lang, &[("min", &min_length.to_string())]),
        Refusal::TooLong => Text::FieldPasswordTooLong.with(lang, &[("max", &password::MAX_LENGTH.to_string())]),
        Refusal::Personal => Text::FieldPasswordPersonal.to(lang).to_owned(),
        Refusal::Common => Text::FieldPasswordCommon.to(lang).to_owned(),
    };
    Err(Failure::field(field, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_passwords_are_refused_and_odd_ones_are_not() {
        let check = |p: &str| {
            check_new(p, 15, "Ayşe Işık", "ayse", "password", Lang::En)
                .map_err(|f| f.fields.unwrap()["password"].clone())
        };
        for common in [
            "passwordpassword",
            "123456789012345",
            "qwertyuiopasdfgh",
            "aaaaaaaaaaaaaaa",
            "iloveyouiloveyou",
            "abcdefghijklmnop",
        ] {
            assert_eq!(check(common).unwrap_err(), Text::FieldPasswordCommon.to(Lang::En), "{common}");
        }
        for fine in [
            "correct horse battery staple",
            "uzun bir yolda yürüyorum",
            "83919283749182734918",
            "🦊🐢🦉🐝🦋🐙🦀🐬🦔🐌🐞🦂🐍🐊🐫",
        ] {
            assert_eq!(check(fine), Ok(()), "{fine}");
        }
    }
}

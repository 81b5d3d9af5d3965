//! The fields of a profile that users can change, and their rules.

use serde::{Deserialize, Serialize};

use super::characters::is_visible;
use super::form::non_null;
use super::preference::{FieldChange, field_change};
use super::unicode::nfc;

/// The body of `POST /api/account/profile`: only the changed fields.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ProfileChange {
    // Names and emails can't be cleared.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "non_null")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "non_null")]
    pub email: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "field_change")]
    pub phone: FieldChange,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "field_change")]
    pub language: FieldChange,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "field_change")]
    pub theme: FieldChange,
}

/// The maximum length of a name, in characters.
pub const MAX_NAME: usize = 100;

/// The maximum size of a picture, in bytes.
pub const MAX_PICTURE: usize = 5_000_000;

/// The maximum length of a phone number, in characters.
const MAX_PHONE: usize = 32;

/// The minimum number of digits in a phone number.
const MIN_DIGITS: usize = 5;

/// Normalises a person's name: NFC, trimmed. `None` if it is empty, too long, or contains
/// characters that are invisible, break lines or change the text direction.
pub fn person_name(text: &str) -> Option<String> {
    let name = nfc(text).trim().to_owned();
    let length = name.chars().count();
    ((1..=MAX_NAME).contains(&length) && is_visible(&name)).then_some(name)
}

/// Normalises a phone number: trimmed. `None` if it is invalid.
pub fn phone(text: &str) -> Option<&str> {
    let phone = text.trim();
    let known = |c: char| c.is_ascii_digit() || "+ ()-./".contains(c);
    let digits = phone.chars().filter(char::is_ascii_digit).count();
    (phone.chars().all(known) && phone.len() <= MAX_PHONE && digits >= MIN_DIGITS).then_some(phone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_normalised() {
        assert_eq!(person_name("  Ayşe Işık ").as_deref(), Some("Ayşe Işık"));
        assert_eq!(person_name("S\u{327}ule").as_deref(), Some("\u{15e}ule"));
        assert_eq!(person_name(&"ğ".repeat(100)).map(|n| n.chars().count()), Some(100));
        assert_eq!(person_name("\u{3000}می\u{200c}نا ").as_deref(), Some("می\u{200c}نا"));
        for bad in ["", "  ", "a\u{0}b", "a\nb", "a\u{202e}b", "a\u{2066}b", "a\u{2028}b", &"ğ".repeat(101)] {
            assert_eq!(person_name(bad), None, "{bad:?}");
        }
        for bad in ["\u{200b}", "\u{2800} \u{2800}", "\u{3164}", "\u{200d}", "Ay\u{200b}şe", "Ayşe\u{feff}"] {
            assert_eq!(person_name(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn phone_numbers_accept_common_separators() {
        for good in ["+90 (312) 555 00-11", "05325550011", " 0532/555.00.11 ", "12345"] {
            assert_eq!(phone(good), Some(good.trim()), "{good}");
        }
        for bad in ["", "1234", "call me", "0532 555 00 11 ext", "٠٥٣٢٥٥٥", &"1".repeat(33), "123\n45"] {
            assert_eq!(phone(bad), None, "{bad:?}");
        }
        assert!(phone(&"1".repeat(32)).is_some());
    }

    #[test]
    fn a_null_name_is_rejected() {
        assert!(serde_json::from_str::<ProfileChange>(r#"{"name":null}"#).is_err());
        assert!(serde_json::from_str::<ProfileChange>(r#"{"phone":null}"#).is_ok_and(|c| c.phone == Some(None)));
    }
}

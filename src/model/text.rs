//! Every text of the panel, by key and language.
//!
//! `build.rs` reads `locales/en.json` and `locales/tr.json` and generates a constant of [`Text`]
//! for each plain text, and a function for each text with placeholders:
//! `login_retry_in(lang, time)`. A pair `…_one` and `…_other` becomes one function that takes a
//! count. A missing key or value does not compile, and a key that exists in only one language
//! stops the build.

use std::fmt::Display;

use super::lang::Lang;
use super::number::grouped;
use super::plural::{Plural, plural};

include!(concat!(env!("OUT_DIR"), "/text.rs"));

impl Text {
    /// The text in a language.
    pub fn to(self, lang: Lang) -> &'static str {
        match lang {
            Lang::En => self.0,
            Lang::Tr => self.1,
        }
    }

    /// The text with its placeholders replaced.
    fn fill(self, lang: Lang, values: &[(&str, &dyn Display)]) -> String {
        values.iter().fold(self.to(lang).to_owned(), |text, (name, value)| text.replace(name, &value.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_filled_and_a_count_chooses_its_form() {
        assert_eq!(login_retry_in(Lang::En, "1:05"), "You can try again in 1:05.");
        assert_eq!(sessions_ended(Lang::En, 0), "0 sessions were ended.");
        assert_ne!(sessions_ended(Lang::En, 1), "1 sessions were ended.");
        assert_eq!(sessions_ended(Lang::Tr, 2), "2 oturum sonlandırıldı.");
        assert_eq!(sessions_ended(Lang::Tr, 1), "Bir oturum sonlandırıldı.");
        assert_eq!(sessions_ended(Lang::En, 12_345), "12,345 sessions were ended.");
    }
}

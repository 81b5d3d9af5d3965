//! Every text of the panel, by key and language.
//!
//! `build.rs` makes [`Text`] from `locales/en.json` and `locales/tr.json`: one
//! constant per key, so a missing key does not compile, and a key that exists in
//! one language only stops the build.

use super::lang::Lang;

include!(concat!(env!("OUT_DIR"), "/text.rs"));

impl Text {
    /// The text in a language.
    pub fn to(self, lang: Lang) -> &'static str {
        match lang {
            Lang::En => self.0,
            Lang::Tr => self.1,
        }
    }

    /// The text with `{name}` replaced by its value, for each pair.
    pub fn with(self, lang: Lang, values: &[(&str, &str)]) -> String {
        values.iter().fold(self.to(lang).to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
    }
}

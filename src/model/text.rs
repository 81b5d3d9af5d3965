//! Every text of the panel, by key and language.
//!
//! `build.rs` generates [`Text`] from `locales/en.json` and `locales/tr.json`, with one constant
//! per key. A missing key does not compile, and a key that exists in only one language stops
//! the build.

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

    /// The text with each `{name}` replaced by its value.
    pub fn with(self, lang: Lang, values: &[(&str, &str)]) -> String {
        values.iter().fold(self.to(lang).to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
    }
}

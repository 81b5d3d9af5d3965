//! Language and theme: what a person or a browser chose. Nothing chosen follows
//! the browser's languages and the system's theme.

use serde::{Deserialize, Deserializer, Serialize};

use super::lang::Lang;
use super::text::Text;

/// Light or dark, where somebody chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    Light,
    Dark,
}

impl Theme {
    /// The word in cookies, in the database and in `data-theme`.
    pub fn name(self) -> &'static str {
        match self {
            Theme::Light => "light",
            Theme::Dark => "dark",
        }
    }

    /// Reads the word back.
    pub fn from_name(name: &str) -> Option<Theme> {
        [Theme::Light, Theme::Dark].into_iter().find(|theme| theme.name() == name)
    }
}

/// What follows the system, as a button says it.
pub const SYSTEM: &str = "system";

/// What was chosen; `None` is nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preferences {
    pub language: Option<Lang>,
    pub theme: Option<Theme>,
}

/// A field that may be absent (unchanged), `null` or empty (cleared), or a text.
pub type Wish = Option<Option<String>>;

/// Reads a [`Wish`] that is there; the field's `default` stands for an absent one.
///
/// # Errors
/// What is neither text nor `null`.
pub fn wish<'de, D: Deserializer<'de>>(value: D) -> Result<Wish, D::Error> {
    Option::<String>::deserialize(value).map(Some)
}

/// The body of `POST /api/preferences`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PreferenceChange {
    /// `tr` or `en`; empty follows the browser.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "wish")]
    pub language: Wish,
    /// `light` or `dark`; empty or `system` follows the system.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "wish")]
    pub theme: Wish,
}

/// What a wish for a language means: `Ok(None)` clears it.
///
/// # Errors
/// A language the panel does not speak, in words.
pub fn language(wanted: Option<&str>) -> Result<Option<Lang>, Text> {
    match wanted.unwrap_or_default() {
        "" => Ok(None),
        tag => Lang::from_tag(tag).map(Some).ok_or(Text::FieldLanguageInvalid),
    }
}

/// What a wish for a theme means: `Ok(None)` clears it.
///
/// # Errors
/// A theme that is none, in words.
pub fn theme(wanted: Option<&str>) -> Result<Option<Theme>, Text> {
    match wanted.unwrap_or_default() {
        "" | SYSTEM => Ok(None),
        name => Theme::from_name(name).map(Some).ok_or(Text::FieldThemeInvalid),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absent_cleared_and_chosen_are_told_apart() {
        let read = |json: &str| serde_json::from_str::<PreferenceChange>(json).map(|change| change.theme);
        assert_eq!(read("{}").unwrap(), None);
        assert_eq!(read(r#"{"theme":null}"#).unwrap(), Some(None));
        assert_eq!(read(r#"{"theme":"dark"}"#).unwrap(), Some(Some("dark".to_owned())));
        assert!(read(r#"{"theme":1}"#).is_err() && read(r#"{"colour":"dark"}"#).is_err());
        let sent = serde_json::to_string(&PreferenceChange { theme: Some(None), ..Default::default() }).unwrap();
        assert_eq!(sent, r#"{"theme":null}"#);
    }

    #[test]
    fn only_known_words_are_choices() {
        assert_eq!(theme(Some("system")), Ok(None));
        assert_eq!(theme(None), Ok(None));
        assert_eq!(theme(Some("dark")), Ok(Some(Theme::Dark)));
        assert_eq!(language(Some("")), Ok(None));
        assert_eq!(language(Some("tr")), Ok(Some(Lang::Tr)));
        for odd in ["Dark", "TR", "de", "sepia", " "] {
            assert!(theme(Some(odd)).is_err() && language(Some(odd)).is_err(), "{odd:?}");
        }
    }
}

//! Language and theme, chosen by a user or a browser. Without a choice they follow the
//! browser's languages and the system's theme.

use serde::{Deserialize, Deserializer, Serialize};

use super::lang::Lang;
use super::text::Text;

/// Light or dark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    Light,
    Dark,
}

impl Theme {
    /// The name in cookies, in the database and in `data-theme`.
    pub fn name(self) -> &'static str {
        match self {
            Theme::Light => "light",
            Theme::Dark => "dark",
        }
    }

    /// Parses the name.
    pub fn from_name(name: &str) -> Option<Theme> {
        [Theme::Light, Theme::Dark].into_iter().find(|theme| theme.name() == name)
    }
}

/// The form value for "follow the system".
pub const SYSTEM: &str = "system";

/// The choices; `None` means no choice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preferences {
    pub language: Option<Lang>,
    pub theme: Option<Theme>,
}

/// A field that is absent (unchanged), `null` or empty (cleared), or a text.
pub type FieldChange = Option<Option<String>>;

/// Deserializes a [`FieldChange`]. The field's `default` covers an absent one.
///
/// # Errors
/// A value that is neither a text nor `null`.
pub fn field_change<'de, D: Deserializer<'de>>(value: D) -> Result<FieldChange, D::Error> {
    Option::<String>::deserialize(value).map(Some)
}

/// The body of `POST /api/preferences`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PreferenceChange {
    /// `tr` or `en`; empty follows the browser.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "field_change")]
    pub language: FieldChange,
    /// `light` or `dark`; empty or `system` follows the system.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "field_change")]
    pub theme: FieldChange,
}

/// Parses a choice of language. `Ok(None)` clears it.
///
/// # Errors
/// The message for an unknown language.
pub fn language(wanted: Option<&str>) -> Result<Option<Lang>, Text> {
    match wanted.unwrap_or_default() {
        "" => Ok(None),
        tag => Lang::from_tag(tag).map(Some).ok_or(Text::FieldLanguageInvalid),
    }
}

/// Parses a choice of theme. `Ok(None)` clears it.
///
/// # Errors
/// The message for an unknown theme.
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
    fn absent_cleared_and_set_fields_are_distinguished() {
        let read = |json: &str| serde_json::from_str::<PreferenceChange>(json).map(|change| change.theme);
        assert_eq!(read("{}").unwrap(), None);
        assert_eq!(read(r#"{"theme":null}"#).unwrap(), Some(None));
        assert_eq!(read(r#"{"theme":"dark"}"#).unwrap(), Some(Some("dark".to_owned())));
        assert!(read(r#"{"theme":1}"#).is_err() && read(r#"{"colour":"dark"}"#).is_err());
        let sent = serde_json::to_string(&PreferenceChange { theme: Some(None), ..Default::default() }).unwrap();
        assert_eq!(sent, r#"{"theme":null}"#);
    }

    #[test]
    fn only_known_names_are_accepted() {
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

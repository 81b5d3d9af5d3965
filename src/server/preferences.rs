//! Language and theme: in cookies for the browser, in the row for the person.
//!
//! The browser's cookie decides, then what the person has stored, then what the
//! browser asks for ([`Visit::lang`](super::request::Visit::lang)). A choice goes
//! to both; signing in writes what is stored over the cookies, so that it
//! follows to a new browser. Without a stored choice the browser keeps its own.

use http::{HeaderMap, HeaderValue};

use super::cookie::{Brought, Names, find};
use super::db::{execute, queries};
use super::error::Result;
use super::request::Asked;
use super::state::Panel;
use crate::model::failure::Failure;
use crate::model::lang::Lang;
use crate::model::preference::{PreferenceChange, Preferences, Theme, language, theme};

/// The choices in a request's cookies; what is none of ours is no choice.
pub fn brought(headers: &HeaderMap, names: &Names) -> Preferences {
    let one = |name| match find(headers, name) {
        Brought::One(value) => Some(value),
        _ => None,
    };
    Preferences {
        language: one(names.language).and_then(Lang::from_tag),
        theme: one(names.theme).and_then(Theme::from_name),
    }
}

/// The choices in a user's row.
pub fn of_row(language: Option<&str>, theme: Option<&str>) -> Preferences {
    Preferences { language: language.and_then(Lang::from_tag), theme: theme.and_then(Theme::from_name) }
}

/// The cookies of what was chosen; none for what was not.
pub fn cookies_of(panel: &Panel, chosen: Preferences) -> Vec<HeaderValue> {
    cookies(panel, chosen.language.map(Some), chosen.theme.map(Some))
}

/// The cookies of a change: `Some(None)` clears.
pub fn cookies(panel: &Panel, lang: Option<Option<Lang>>, theme: Option<Option<Theme>>) -> Vec<HeaderValue> {
    let names = &panel.cookies;
    let lang = lang.map(|lang| names.preference_cookie(names.language, lang.map(Lang::tag)));
    let theme = theme.map(|theme| names.preference_cookie(names.theme, theme.map(Theme::name)));
    lang.into_iter().chain(theme).collect()
}

/// Chooses for this browser and, when somebody is signed in, for them.
/// Neither `version` nor `updated_at` changes: a switch of the theme must not
/// get in the way of an administrator who edits the same person.
///
/// # Errors
/// `validation_failed` naming the field; `unavailable`.
pub async fn choose(asked: &Asked, wanted: &PreferenceChange) -> Result<Preferences> {
    let lang = asked.visit.lang();
    let chosen_lang = wanted.language.as_ref().map(|wish| language(wish.as_deref())).transpose();
    let chosen_lang = chosen_lang.map_err(|text| Failure::field("language", text.to(lang)))?;
    let chosen_theme = wanted.theme.as_ref().map(|wish| theme(wish.as_deref())).transpose();
    let chosen_theme = chosen_theme.map_err(|text| Failure::field("theme", text.to(lang)))?;
    if let Some(identity) = &asked.identity
        && (chosen_lang.is_some() || chosen_theme.is_some())
    {
        execute!(
            asked.panel.db.writer(),
            queries::PREFERENCES_SAVE,
            chosen_lang.is_some(),
            chosen_lang.flatten().map(Lang::tag),
            chosen_theme.is_some(),
            chosen_theme.flatten().map(Theme::name),
            identity.session.user.id.as_str(),
        )?;
    }
    asked.set_cookies(cookies(&asked.panel, chosen_lang, chosen_theme));
    let before = asked.visit.preferences();
    Ok(Preferences { language: chosen_lang.unwrap_or(before.language), theme: chosen_theme.unwrap_or(before.theme) })
}

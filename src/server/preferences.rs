//! Language and theme: in cookies for the browser, in the row for the person.
//!
//! The browser's cookie decides, then what the person has stored, then what the
//! browser asks for ([`RequestInfo::lang`](crate::server::request::RequestInfo::lang)). A choice goes
//! to both; signing in writes what is stored over the cookies, so that it
//! follows to a new browser. Without a stored choice the browser keeps its own.

use http::{HeaderMap, HeaderValue};

use crate::model::lang::Lang;
use crate::model::preference::{Preferences, Theme};
use crate::server::cookie::{CookieValue, Names, cookie_value};
use crate::server::state::Panel;

/// The choices in a request's cookies; what is none of ours is no choice.
pub fn of_cookies(headers: &HeaderMap, names: &Names) -> Preferences {
    let one = |name| match cookie_value(headers, name) {
        CookieValue::One(value) => Some(value),
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

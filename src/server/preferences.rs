//! Language and theme: stored in cookies for the browser and in the row for the user.
//!
//! The browser's cookie has priority, then the user's stored choice, then `Accept-Language`
//! ([`RequestInfo::lang`](crate::server::request::RequestInfo::lang)). A choice is written to
//! both. Signing in overwrites the cookies with the stored choice, so that it applies on a new
//! browser. Without a stored choice the cookies stay.

use http::{HeaderMap, HeaderValue};

use crate::model::lang::Lang;
use crate::model::preference::{Preferences, Theme};
use crate::server::cookie::{CookieValue, Names, cookie_value};
use crate::server::state::Panel;

/// The choices in a request's cookies. Unknown values count as no choice.
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

/// The cookies of the choices that are set.
pub fn cookies_of(panel: &Panel, chosen: Preferences) -> Vec<HeaderValue> {
    cookies(panel, chosen.language.map(Some), chosen.theme.map(Some))
}

/// The cookies of a change. `Some(None)` clears a cookie.
pub fn cookies(panel: &Panel, lang: Option<Option<Lang>>, theme: Option<Option<Theme>>) -> Vec<HeaderValue> {
    let names = &panel.cookies;
    let lang = lang.map(|lang| names.preference_cookie(names.language, lang.map(Lang::tag)));
    let theme = theme.map(|theme| names.preference_cookie(names.theme, theme.map(Theme::name)));
    lang.into_iter().chain(theme).collect()
}

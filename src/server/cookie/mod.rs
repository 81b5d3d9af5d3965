//! The cookies: their names, how they are set, read and sealed.
//!
//! | file | what is in it |
//! |---|---|
//! | here | names and attributes |
//! | [`sealed`] | encrypted values |
//! | [`value`] | finding one cookie of a request |

mod sealed;
mod value;

pub use sealed::{open, seal};
pub use value::{CookieValue, cookie_value};

use cookie::{Cookie, SameSite, time::Duration};
use http::HeaderValue;

/// How long a browser keeps its `device` cookie, in seconds: 400 days, the most
/// that browsers allow.
const DEVICE_SECONDS: i64 = 34_560_000;
/// How long a browser remembers a language and a theme: browsers cap it at 400 days.
const PREFERENCE_SECONDS: i64 = 400 * 24 * 60 * 60;

/// The names the cookies go by: with the `__Host-` prefix over HTTPS, where a
/// browser then refuses one that another host or path has planted.
#[derive(Clone, Copy, Debug)]
pub struct Names {
    secure: bool,
    pub session: &'static str,
    pub csrf: &'static str,
    pub flash: &'static str,
    pub device: &'static str,
    pub language: &'static str,
    pub theme: &'static str,
}

impl Names {
    pub fn new(secure: bool) -> Names {
        let [session, csrf, flash, device, language, theme] = match secure {
            true => [
                "__Host-auth-session",
                "__Host-csrf-token",
                "__Host-flash",
                "__Host-device",
                "__Host-language",
                "__Host-theme",
            ],
            false => ["auth-session", "csrf-token", "flash", "device", "language", "theme"],
        };
        Names { secure, session, csrf, flash, device, language, theme }
    }

    /// Every name that we give.
    pub fn all(&self) -> [&'static str; 6] {
        [self.session, self.csrf, self.flash, self.device, self.language, self.theme]
    }

    /// A cookie of the session: not for scripts, for this site's requests only.
    /// `max_age` in seconds; 0 clears.
    pub fn session_cookie(&self, sealed: &str, max_age: i64) -> HeaderValue {
        self.cookie(self.session, sealed, Some(max_age), true)
    }

    /// The CSRF token's cookie, which scripts may read.
    pub fn csrf_cookie(&self, token: &str) -> HeaderValue {
        self.cookie(self.csrf, token, None, false)
    }

    /// What a form that came back left behind, for `max_age` seconds.
    pub fn flash_cookie(&self, sealed: &str, max_age: i64) -> HeaderValue {
        self.cookie(self.flash, sealed, Some(max_age), true)
    }

    /// What says, for 400 days and beyond every sign-out, who has signed in here before.
    pub fn device_cookie(&self, sealed: &str) -> HeaderValue {
        self.cookie(self.device, sealed, Some(DEVICE_SECONDS), true)
    }

    /// What this browser chose: `name` is [`Names::language`] or [`Names::theme`].
    /// Without a choice, the cookie is cleared. It outlives every session.
    pub fn preference_cookie(&self, name: &'static str, chosen: Option<&str>) -> HeaderValue {
        let max_age = if chosen.is_some() { PREFERENCE_SECONDS } else { 0 };
        self.cookie(name, chosen.unwrap_or_default(), Some(max_age), true)
    }

    /// Both cookies of a signed-in browser, cleared.
    pub fn cleared(&self) -> [HeaderValue; 2] {
        [self.session_cookie("", 0), self.cookie(self.csrf, "", Some(0), false)]
    }

    fn cookie(&self, name: &'static str, value: &str, max_age: Option<i64>, http_only: bool) -> HeaderValue {
        let mut cookie =
            Cookie::build((name, value)).path("/").same_site(SameSite::Strict).http_only(http_only).secure(self.secure);
        if let Some(seconds) = max_age {
            cookie = cookie.max_age(Duration::seconds(seconds));
        }
        // Sealed values are base64 and tokens base64url: always a valid header.
        HeaderValue::from_str(&cookie.to_string()).unwrap_or_else(|_| HeaderValue::from_static(""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_the_contracts() {
        let plain = Names::new(false);
        assert_eq!(
            plain.session_cookie("v", 86400),
            "auth-session=v; HttpOnly; SameSite=Strict; Path=/; Max-Age=86400"
        );
        assert_eq!(plain.csrf_cookie("t"), "csrf-token=t; SameSite=Strict; Path=/");
        let secure = Names::new(true);
        assert_eq!(
            secure.session_cookie("", 0),
            "__Host-auth-session=; HttpOnly; SameSite=Strict; Secure; Path=/; Max-Age=0"
        );
        assert_eq!(
            secure.device_cookie("d"),
            "__Host-device=d; HttpOnly; SameSite=Strict; Secure; Path=/; Max-Age=34560000"
        );
        assert_eq!(secure.csrf_cookie("t"), "__Host-csrf-token=t; SameSite=Strict; Secure; Path=/");
    }
}

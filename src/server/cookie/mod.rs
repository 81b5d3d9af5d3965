//! The cookies: names, attributes, parsing and sealing.
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

/// The lifetime of the `device` cookie, in seconds: 400 days, the maximum that browsers allow.
const DEVICE_SECONDS: i64 = 34_560_000;
/// The lifetime of the language and theme cookies: 400 days, the maximum that browsers allow.
const PREFERENCE_SECONDS: i64 = 400 * 24 * 60 * 60;

/// The names of the cookies. Over HTTPS they have the `__Host-` prefix, so that browsers refuse
/// cookies of that name from another host or path.
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

    /// All cookie names of the panel.
    pub fn all(&self) -> [&'static str; 6] {
        [self.session, self.csrf, self.flash, self.device, self.language, self.theme]
    }

    /// The session cookie: `HttpOnly`, and sent only with requests from this site. `max_age` is
    /// in seconds; 0 clears the cookie.
    pub fn session_cookie(&self, sealed: &str, max_age: i64) -> HeaderValue {
        self.cookie(self.session, sealed, Some(max_age), true)
    }

    /// The CSRF token's cookie, which scripts can read.
    pub fn csrf_cookie(&self, token: &str) -> HeaderValue {
        self.cookie(self.csrf, token, None, false)
    }

    /// The cookie of a flash message, for `max_age` seconds.
    pub fn flash_cookie(&self, sealed: &str, max_age: i64) -> HeaderValue {
        self.cookie(self.flash, sealed, Some(max_age), true)
    }

    /// The `device` cookie, which records for 400 days who has signed in on this browser.
    /// Signing out keeps it.
    pub fn device_cookie(&self, sealed: &str) -> HeaderValue {
        self.cookie(self.device, sealed, Some(DEVICE_SECONDS), true)
    }

    /// The cookie of a preference. `name` is [`Names::language`] or [`Names::theme`]. `None`
    /// clears the cookie. Signing out keeps it.
    pub fn preference_cookie(&self, name: &'static str, chosen: Option<&str>) -> HeaderValue {
        let max_age = if chosen.is_some() { PREFERENCE_SECONDS } else { 0 };
        self.cookie(name, chosen.unwrap_or_default(), Some(max_age), true)
    }

    /// Clears the session cookie and the CSRF cookie.
    pub fn cleared(&self) -> [HeaderValue; 2] {
        [self.session_cookie("", 0), self.cookie(self.csrf, "", Some(0), false)]
    }

    fn cookie(&self, name: &'static str, value: &str, max_age: Option<i64>, http_only: bool) -> HeaderValue {
        let mut cookie =
            Cookie::build((name, value)).path("/").same_site(SameSite::Strict).http_only(http_only).secure(self.secure);
        if let Some(seconds) = max_age {
            cookie = cookie.max_age(Duration::seconds(seconds));
        }
        // Sealed values are base64 and tokens are base64url, so the header is always valid.
        HeaderValue::from_str(&cookie.to_string()).unwrap_or_else(|_| HeaderValue::from_static(""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookie_attributes_match_the_contract() {
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

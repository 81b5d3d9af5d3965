//! The cookies: their names, how they are sealed and how they are set.
//!
//! Sealing is that of `axum-extra`'s private cookies (the `cookie` crate's
//! private jar: AES-256-GCM, bound to the cookie's name), used without the jar
//! around it: a jar opens *every* cookie of a request with *one* key, and of two
//! that open the last wins. Here one named cookie is opened, with any key.

use cookie::{Cookie, CookieJar, Key, SameSite, time::Duration};
use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::model::hidden::Hidden;

/// A longer value is none of ours and is not worth an attempt to open it.
const MAX_BYTES: usize = 4096;

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

/// What the sealed session cookie holds. The fields are hints; the row decides.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SessionClaim {
    pub session_id: Hidden,
    pub user_id: String,
    /// RFC 3339.
    pub expire: String,
}

/// A cookie as a request brought it.
#[derive(Debug, PartialEq)]
pub enum Brought<'a> {
    Nothing,
    One(&'a str),
    /// Two of the name: somebody planted one, and nobody can tell which.
    Several,
}

/// Finds a cookie by its exact name.
pub fn find<'a>(headers: &'a HeaderMap, name: &str) -> Brought<'a> {
    let mut found = Brought::Nothing;
    for header in headers.get_all(COOKIE) {
        // Bytes, since a neighbour's cookie may be no text, which is no reason to lose ours.
        for pair in header.as_bytes().split(|byte| *byte == b';') {
            let pair = pair.trim_ascii();
            if let Some(value) = pair.strip_prefix(name.as_bytes()).and_then(|rest| rest.strip_prefix(b"=")) {
                // One of the name that is no text counts, and opens nothing.
                let value = std::str::from_utf8(value).unwrap_or_default();
                found = match found {
                    Brought::Nothing => Brought::One(value),
                    _ => return Brought::Several,
                };
            }
        }
    }
    found
}

/// Seals a value for a cookie of this name.
///
/// # Errors
/// A value that JSON can't write.
pub fn seal<T: Serialize>(name: &'static str, key: &Key, value: &T) -> serde_json::Result<String> {
    let mut jar = CookieJar::new();
    jar.private_mut(key).add(Cookie::new(name, serde_json::to_string(value)?));
    Ok(jar.get(name).map(|cookie| cookie.value().to_owned()).unwrap_or_default())
}

/// Opens a sealed value with the first key that fits, and says which it was.
/// Whatever does not open is `None`; there is no other way to read it.
pub fn open<'k, T: DeserializeOwned>(
    name: &'static str,
    keys: impl Iterator<Item = &'k Key>,
    sealed: &str,
) -> Option<(T, usize)> {
    if sealed.len() > MAX_BYTES {
        return None;
    }
    let sealed = Cookie::new(name, sealed.to_owned());
    let (plain, index) = keys
        .enumerate()
        .find_map(|(index, key)| CookieJar::new().private(key).decrypt(sealed.clone()).map(|plain| (plain, index)))?;
    serde_json::from_str(plain.value()).ok().map(|value| (value, index))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> Key {
        Key::from(&[byte; 64])
    }

    fn claim() -> SessionClaim {
        SessionClaim {
            session_id: "session_x".to_owned().into(),
            user_id: "u".into(),
            expire: "2026-01-01T00:00:00.000Z".into(),
        }
    }

    #[test]
    fn any_key_opens_and_the_index_tells_which() {
        let sealed = seal("auth-session", &key(1), &claim()).unwrap();
        let opened = |keys: &[Key]| open::<SessionClaim>("auth-session", keys.iter(), &sealed);
        assert_eq!(opened(&[key(1)]), Some((claim(), 0)));
        assert_eq!(opened(&[key(2), key(1)]), Some((claim(), 1)));
        assert_eq!(opened(&[key(2)]), None);
    }

    #[test]
    fn every_changed_byte_and_every_other_name_is_nobody() {
        let sealed = seal("auth-session", &key(1), &claim()).unwrap();
        let opens = |name: &'static str, text: &str| open::<SessionClaim>(name, [key(1)].iter(), text).is_some();
        assert!(opens("auth-session", &sealed));
        assert!(!opens("flash", &sealed));
        for i in 0..sealed.len() {
            let mut bytes = sealed.clone().into_bytes();
            bytes[i] = if bytes[i] == b'A' { b'B' } else { b'A' };
            assert!(!opens("auth-session", &String::from_utf8(bytes).unwrap()), "byte {i}");
            assert!(!opens("auth-session", &sealed[..i]), "prefix {i}");
        }
        assert!(!opens("auth-session", &format!("{sealed}A")));
        assert!(!opens("auth-session", &serde_json::to_string(&claim()).unwrap()));
        assert!(!opens("auth-session", &"A".repeat(5000)));
    }

    #[test]
    fn two_cookies_of_a_name_are_nobody() {
        let mut headers = HeaderMap::new();
        headers.append(COOKIE, HeaderValue::from_static("a=1; auth-session=x; auth-session-2=y"));
        assert_eq!(find(&headers, "auth-session"), Brought::One("x"));
        assert_eq!(find(&headers, "b"), Brought::Nothing);
        headers.append(COOKIE, HeaderValue::from_static("auth-session=x"));
        assert_eq!(find(&headers, "auth-session"), Brought::Several);
    }

    #[test]
    fn a_cookie_that_is_no_text_takes_no_other_with_it() {
        for strange in [&b"sehir=\xc4\xb0stanbul"[..], b"\xff=\xfe", b"\xff", b"auth-session\xff=y", b"=", b""] {
            for line in [[strange, b"; auth-session=x"].concat(), [b"auth-session=x;", strange].concat()] {
                let headers = HeaderMap::from_iter([(COOKIE, HeaderValue::from_bytes(&line).unwrap())]);
                assert_eq!(find(&headers, "auth-session"), Brought::One("x"), "{strange:?}");
            }
        }
        let twice = HeaderValue::from_bytes(b"auth-session=\xff; auth-session=x").unwrap();
        assert_eq!(find(&HeaderMap::from_iter([(COOKIE, twice)]), "auth-session"), Brought::Several);
    }

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

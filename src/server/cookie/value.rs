//! Finds one named cookie in a request.

use http::HeaderMap;
use http::header::COOKIE;
use memchr::memchr_iter;

/// The value of a cookie in a request.
#[derive(Debug, PartialEq)]
pub enum CookieValue<'a> {
    Absent,
    One(&'a str),
    /// Two cookies have the name. One of them may be planted, and the server can't tell which.
    Several,
}

/// Finds a cookie by its exact name.
pub fn cookie_value<'a>(headers: &'a HeaderMap, name: &str) -> CookieValue<'a> {
    let mut found = CookieValue::Absent;
    for header in headers.get_all(COOKIE) {
        // Works on bytes, because another cookie that is not UTF-8 must not hide ours.
        let line = header.as_bytes();
        let mut start = 0;
        for end in memchr_iter(b';', line).chain([line.len()]) {
            let pair = line[start..end].trim_ascii();
            start = end + 1;
            if let Some(value) = pair.strip_prefix(name.as_bytes()).and_then(|rest| rest.strip_prefix(b"=")) {
                // A cookie of our name that is not UTF-8 counts as present, but does not open.
                let value = std::str::from_utf8(value).unwrap_or_default();
                found = match found {
                    CookieValue::Absent => CookieValue::One(value),
                    _ => return CookieValue::Several,
                };
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn two_cookies_of_one_name_are_ambiguous() {
        let mut headers = HeaderMap::new();
        headers.append(COOKIE, HeaderValue::from_static("a=1; auth-session=x; auth-session-2=y"));
        assert_eq!(cookie_value(&headers, "auth-session"), CookieValue::One("x"));
        assert_eq!(cookie_value(&headers, "b"), CookieValue::Absent);
        headers.append(COOKIE, HeaderValue::from_static("auth-session=x"));
        assert_eq!(cookie_value(&headers, "auth-session"), CookieValue::Several);
    }

    #[test]
    fn a_cookie_that_is_not_utf8_does_not_affect_others() {
        for strange in [&b"sehir=\xc4\xb0stanbul"[..], b"\xff=\xfe", b"\xff", b"auth-session\xff=y", b"=", b""] {
            for line in [[strange, b"; auth-session=x"].concat(), [b"auth-session=x;", strange].concat()] {
                let headers = HeaderMap::from_iter([(COOKIE, HeaderValue::from_bytes(&line).unwrap())]);
                assert_eq!(cookie_value(&headers, "auth-session"), CookieValue::One("x"), "{strange:?}");
            }
        }
        let twice = HeaderValue::from_bytes(b"auth-session=\xff; auth-session=x").unwrap();
        assert_eq!(cookie_value(&HeaderMap::from_iter([(COOKIE, twice)]), "auth-session"), CookieValue::Several);
    }
}

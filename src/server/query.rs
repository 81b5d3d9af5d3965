//! Writes query strings. [`form`](crate::model::form) reads them.

use crate::model::code::Code;

/// Percent-encodes everything but the unreserved characters of RFC 3986, section 2.3.
pub fn percent_encode(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len() * 2), |mut out, byte| {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
        out
    })
}

/// Sets `error=` in a path's query and keeps the other fields.
pub fn with_error(page: &str, code: Code) -> String {
    let (path, query) = page.split_once('?').unwrap_or((page, ""));
    let kept = query.split('&').filter(|pair| !pair.is_empty() && *pair != "error" && !pair.starts_with("error="));
    let pairs: Vec<&str> = kept.collect();
    let separator = if pairs.is_empty() { "" } else { "&" };
    format!("{path}?{}{separator}error={}", pairs.join("&"), code.name())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::form::query_field;

    #[test]
    fn a_new_error_replaces_the_previous_one() {
        for (page, wanted) in [
            ("/login", "/login?error=not_found"),
            ("/login?redirect=%2Fa", "/login?redirect=%2Fa&error=not_found"),
            ("/login?error=old&redirect=%2Fa", "/login?redirect=%2Fa&error=not_found"),
            ("/setup?token=t&error=old", "/setup?token=t&error=not_found"),
        ] {
            assert_eq!(with_error(page, Code::NotFound), wanted);
        }
    }

    #[test]
    fn redirect_targets_survive_a_round_trip() {
        assert_eq!(percent_encode("/a?b=c d&e=ş"), "%2Fa%3Fb%3Dc%20d%26e%3D%C5%9F");
        for target in ["/a?b=c d&e=ş", "/a?x=a%2Bb", "/?x=%C5%9F", "/a%2Fb?q=%2525+%26#x"] {
            let query = format!("error=x&redirect={}", percent_encode(target));
            assert_eq!(query_field(&query, "redirect").unwrap(), target);
        }
    }
}

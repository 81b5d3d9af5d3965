//! Queries of pages, written. They are read in [`form`](crate::model::form).

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::form::query_field;

    #[test]
    fn targets_survive_the_login_page() {
        assert_eq!(percent_encode("/a?b=c d&e=ş"), "%2Fa%3Fb%3Dc%20d%26e%3D%C5%9F");
        for target in ["/a?b=c d&e=ş", "/a?x=a%2Bb", "/?x=%C5%9F", "/a%2Fb?q=%2525+%26#x"] {
            let query = format!("error=x&redirect={}", percent_encode(target));
            assert_eq!(query_field(&query, "redirect").unwrap(), target);
        }
    }
}

//! Redirect targets after sign-in: only paths of this site.

/// A path and query of this site, safe for the `Location` header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SafePath(String);

/// No page of ours has a longer URL, and it would not fit into a header next to the cookies.
pub const MAX_BYTES: usize = 2048;

impl SafePath {
    /// Accepts a text that starts with one `/`, not followed by `/` or `\`, and contains no
    /// backslash or control character, raw or percent-encoded.
    pub fn parse(text: &str) -> Option<SafePath> {
        let rest = text.strip_prefix('/')?;
        let safe = !rest.starts_with(['/', '\\'])
            && text.len() <= MAX_BYTES
            && text.is_ascii()
            && !text.bytes().any(|b| b.is_ascii_control() || b == b'\\' || b == b' ')
            && !percent_encoded(text).any(|b| b.is_ascii_control() || b == b'\\')
            && !resolves_to_another_host(text);
        safe.then(|| SafePath(text.to_owned()))
    }

    /// The target as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The home page, which replaces every unsafe target.
    pub fn home() -> SafePath {
        SafePath("/".to_owned())
    }
}

/// The bytes that a text's `%XX` sequences encode.
fn percent_encoded(text: &str) -> impl Iterator<Item = u8> + '_ {
    text.as_bytes()
        .windows(3)
        .filter(|w| w[0] == b'%')
        .filter_map(|w| u8::from_str_radix(std::str::from_utf8(&w[1..]).ok()?, 16).ok())
}

/// Browsers resolve the dots in `/..//evil.example` to `//evil.example`.
fn resolves_to_another_host(text: &str) -> bool {
    let path = text.split(['?', '#']).next().unwrap_or_default();
    path.contains("//") || path.to_ascii_lowercase().contains("/%2f")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_this_site_are_accepted() {
        for good in ["/", "/account", "/a/b?c=d&e=%C3%A7", "/users?q=a%20b#top", "/?next=//x", "/a%2Fb"] {
            assert_eq!(SafePath::parse(good).unwrap().as_str(), good);
        }
    }

    #[test]
    fn other_targets_are_rejected() {
        for bad in [
            "",
            "//e.vil",
            "///e",
            "/\\e",
            "\\\\e",
            "/%09/e",
            "/%5Ce",
            "/%5c/e",
            "https:e",
            "https://app@e",
            "javascript:alert(1)",
            "data:text/html,x",
            "%2f%2fe",
            "/..//e",
            "/a//e",
            "/%2F/e",
            "/a\tb",
            "/a\nb",
            "/a%0d%0ab",
            "/a%00",
            "/a b",
            "/ç",
            "account",
            "/a\u{7f}",
            "/%7f",
        ] {
            assert_eq!(SafePath::parse(bad), None, "{bad:?}");
        }
        assert_eq!(SafePath::parse(&format!("/{}", "a".repeat(5000))), None);
    }
}

//! Browser and system in words, read from a `User-Agent`.

use woothee::parser::Parser;

/// E.g. `Chrome · Windows 10`; empty when nothing is known of it.
pub fn in_words(user_agent: &str) -> String {
    let Some(found) = Parser::new().parse(user_agent) else { return String::new() };
    let known = |part: &str| !part.is_empty() && part != "UNKNOWN";
    [found.name, found.os].into_iter().filter(|part| known(part)).collect::<Vec<_>>().join(" · ")
}

/// Browser and system apart, in words; each empty when unknown.
pub fn parts(user_agent: &str) -> (String, String) {
    let Some(found) = Parser::new().parse(user_agent) else { return Default::default() };
    let known = |part: &str| if part == "UNKNOWN" { String::new() } else { part.to_owned() };
    (known(found.name), known(found.os))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_browsers_have_names() {
        let chrome = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36";
        assert_eq!(in_words(chrome), "Chrome · Windows 10");
        let safari = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1";
        assert_eq!(in_words(safari), "Safari · iPhone");
        assert_eq!(in_words(""), "");
    }
}

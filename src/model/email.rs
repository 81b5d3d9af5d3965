//! Email addresses as identifiers: one spelling per account.

use super::unicode::nfkc;

/// A normalised email address: NFKC, trimmed, Unicode default lower case.
///
/// Checked *after* normalising, so that no look-alike of `@` or of white space
/// arrives later (GHSA-7rqj-j65f-68wh).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Email(String);

/// The longest address in bytes (RFC 5321, section 4.5.3.1.3, less the angle brackets).
const MAX_BYTES: usize = 254;

impl Email {
    /// Normalises and checks; `None` when it cannot be an address.
    pub fn parse(text: &str) -> Option<Email> {
        // Lower case by the Unicode default: with the Turkish rule "I" would
        // become "ı" and an address would depend on the reader's language.
        let email = nfkc(&nfkc(text).trim().to_lowercase());
        let (local, domain) = email.split_once('@')?;
        let valid = !local.is_empty()
            && !domain.is_empty()
            && !domain.contains('@')
            && email.len() <= MAX_BYTES
            && !email.chars().any(|c| c.is_control() || c.is_whitespace());
        valid.then_some(Email(email))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part before the `@`.
    pub fn local_part(&self) -> &str {
        self.0.split('@').next().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_has_one_spelling() {
        for (typed, kept) in [
            ("  Ayse@Example.ORG ", "ayse@example.org"),
            ("ayse＠example.org", "ayse@example.org"),
            ("IRMAK@example.org", "irmak@example.org"),
            ("ＡＹＳＥ@example.org", "ayse@example.org"),
            ("ÇAĞLA@örnek.org", "çağla@örnek.org"),
        ] {
            assert_eq!(Email::parse(typed).unwrap().as_str(), kept, "{typed}");
        }
        assert_eq!(Email::parse("a@b").unwrap(), Email::parse("A@B").unwrap());
    }

    #[test]
    fn what_cannot_be_an_address_is_refused() {
        for bad in ["", "ayse", "@b", "a@", "a@b@c", "a＠b@c", "a b@c", "a\u{0}@b", "a@b\r\nX: y", "a\u{a0}b@c"] {
            assert_eq!(Email::parse(bad), None, "{bad:?}");
        }
        assert!(Email::parse(&format!("{}@b", "a".repeat(252))).is_some());
        assert!(Email::parse(&format!("{}@b", "a".repeat(253))).is_none());
    }
}

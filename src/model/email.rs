//! Email addresses as identifiers, normalised to one spelling per account.

use idna::AsciiDenyList;
use idna::punycode::{decode_to_string, encode_str};
use idna::uts46::{DnsLength, Hyphens, Uts46};

use super::characters::is_blank;
use super::unicode::nfkc;

/// A normalised email address: NFKC, trimmed, Unicode default lower case, and the domain in
/// ASCII (IDNA: UTS 46, non-transitional), because one domain has several spellings.
///
/// Validated *after* normalising, so that no look-alike of `@` or of white space appears later
/// (GHSA-7rqj-j65f-68wh).
#[derive(Clone, Debug)]
pub struct Email {
    address: String,
    /// The address with its domain as typed.
    typed: String,
}

/// Two addresses are equal if their normalised forms are, however they were typed.
impl PartialEq for Email {
    fn eq(&self, other: &Email) -> bool {
        self.address == other.address
    }
}

impl Eq for Email {}

/// The maximum length in bytes (RFC 5321, section 4.5.3.1.3, without the angle brackets).
const MAX_BYTES: usize = 254;

impl Email {
    /// Normalises and validates; `None` if the text can't be an address. Only the server does
    /// this, to keep the tables out of the browser's program.
    pub fn parse(text: &str) -> Option<Email> {
        let typed = folded(text);
        let (local, domain) = typed.split_once('@')?;
        let address = format!("{local}@{}", ascii_domain(domain)?);
        let valid = !local.is_empty() && address.len() <= MAX_BYTES && !typed.chars().any(is_blank);
        valid.then_some(Email { address, typed })
    }

    /// Normalises by the rules from before domains were kept in ASCII. Only used to find
    /// accounts whose address today's rules reject.
    pub fn parse_by_previous_rules(text: &str) -> Option<Email> {
        let typed = folded(text);
        let (local, domain) = typed.split_once('@')?;
        let valid = !local.is_empty()
            && !domain.is_empty()
            && !domain.contains('@')
            && typed.len() <= MAX_BYTES
            && !typed.chars().any(|c| c.is_control() || c.is_whitespace());
        valid.then(|| Email { address: typed.clone(), typed })
    }

    /// The address of an account, whichever rules it was stored by.
    pub fn of_account(stored: &str) -> Email {
        Email::parse(stored).unwrap_or_else(|| Email { address: stored.to_owned(), typed: stored.to_owned() })
    }

    /// The normalised form, which is stored.
    pub fn as_str(&self) -> &str {
        &self.address
    }

    /// The form from before domains were kept in ASCII. An account that could not be converted
    /// still has it, and takes precedence over another account that has the normalised form.
    pub fn as_typed(&self) -> &str {
        &self.typed
    }

    /// The part before the `@`.
    pub fn local_part(&self) -> &str {
        self.address.split('@').next().unwrap_or_default()
    }
}

/// Lower case by Unicode's default rules. With the Turkish rule "I" would become "ı", and an
/// address would depend on the reader's language.
fn folded(text: &str) -> String {
    nfkc(&nfkc(text).trim().to_lowercase())
}

/// Accepts local names such as `localhost`, and characters that only DNS forbids, such as `_`.
/// Rejects addresses in brackets, empty labels and a trailing dot: mail does not use them, or
/// they would be a second spelling.
fn ascii_domain(domain: &str) -> Option<String> {
    let (allowed, lengths) = (AsciiDenyList::URL, DnsLength::Verify);
    Uts46::new().to_ascii(domain.as_bytes(), allowed, Hyphens::Allow, lengths).ok().map(Into::into)
}

/// An address for display: its domain in Unicode, if that is an equivalent spelling without
/// invisible characters.
pub fn shown(address: &str) -> String {
    let Some((local, domain)) = address.split_once('@') else { return address.to_owned() };
    let labels: Vec<String> =
        domain.split('.').map(|label| decoded(label).unwrap_or_else(|| label.to_owned())).collect();
    format!("{local}@{}", labels.join("."))
}

fn decoded(label: &str) -> Option<String> {
    let code = label.strip_prefix("xn--")?;
    let text = decode_to_string(code)?;
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || !(c.is_ascii() || is_blank(c));
    let same = !text.is_ascii() && encode_str(&text).as_deref() == Some(code);
    (same && text.chars().all(fits)).then_some(text)
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;

    fn stored(text: &str) -> Option<String> {
        Email::parse(text).map(|email| email.as_str().to_owned())
    }

    #[test]
    fn spellings_of_one_address_are_normalised() {
        for (typed, wanted) in [
            ("  Ayse@Example.ORG ", "ayse@example.org"),
            ("ayse＠example.org", "ayse@example.org"),
            ("IRMAK@example.org", "irmak@example.org"),
            ("ＡＹＳＥ@example.org", "ayse@example.org"),
            ("ÇAĞLA@örnek.org", "çağla@xn--rnek-4qa.org"),
            ("çağla@XN--RNEK-4QA.org", "çağla@xn--rnek-4qa.org"),
            ("a@O\u{308}RNEK。org", "a@xn--rnek-4qa.org"),
            // Not "ss", which has been a different domain since 2008.
            ("a@straße.de", "a@xn--strae-oqa.de"),
            ("a@مثال.إختبار", "a@xn--mgbh0fb.xn--kgbechtv"),
            ("a@İstanbul.example", "a@xn--istanbul-o0e.example"),
            ("user@localhost", "user@localhost"),
            ("a@my_server.local", "a@my_server.local"),
        ] {
            assert_eq!(stored(typed).as_deref(), Some(wanted), "{typed}");
        }
        assert_eq!(Email::parse("a@örnek.org"), Email::parse("A@xn--rnek-4qa.ORG"));
        assert_eq!(Email::parse(" A@Örnek.org").unwrap().as_typed(), "a@örnek.org");
    }

    #[test]
    fn invalid_addresses_are_rejected() {
        for bad in [
            "",
            "ayse",
            "@b",
            "a@",
            "a@b@c",
            "a＠b@c",
            "a b@c",
            "a\u{0}@b",
            "a@b\r\nX: y",
            "a\u{a0}b@c",
            "a@b.",
            "a@.b",
            "a@b..c",
            "a@[1.2.3.4]",
            "a@b/c",
            "a@xn--",
            "a@xn--a",
            "a@xn--rnek-4qa\u{301}.org",
            "a@ö\u{338}<.org",
        ] {
            assert_eq!(stored(bad), None, "{bad:?}");
        }
        // At the ends, white space is trimmed.
        for bad in ["a\u{85}b@c.org", "a\u{2028}b@c.org", "a@c\u{3000}d.org"] {
            assert_eq!(stored(bad), None, "{bad:?}");
        }
        for hidden in "\u{ad}\u{61c}\u{180e}\u{200b}\u{200c}\u{200d}\u{200e}\u{202a}\u{202e}\u{2060}\u{2066}\u{2800}\
                       \u{3164}\u{fe0f}\u{feff}\u{fff9}\u{e0041}\u{e0100}\u{7f}"
            .chars()
        {
            for bad in [format!("a{hidden}b@c.org"), format!("{hidden}a@c.org"), format!("a@c{hidden}d.org")] {
                assert_eq!(stored(&bad), None, "{bad:?}");
            }
        }
    }

    #[test]
    fn the_length_limit_applies_to_the_stored_form() {
        assert!(stored(&format!("{}@b", "a".repeat(252))).is_some());
        assert!(stored(&format!("{}@b", "a".repeat(253))).is_none());
        // 254 bytes as typed, but more in ASCII.
        let (local, domain) = ("a".repeat(247), "örnek");
        assert_eq!(stored(&format!("{local}@{domain}")), None);
        assert!(stored(&format!("{}@{domain}", "a".repeat(241))).is_some());
        assert_eq!(stored(&format!("a@{}.org", "b".repeat(64))), None);
    }

    #[test]
    fn normalising_is_idempotent() {
        // Skips the thousands of similar ideographs and Hangul syllables.
        for c in (0..0x3400).chain(0xf900..0x1_2000).chain(0x1_f000..0x2_0000).filter_map(char::from_u32) {
            for typed in [format!("{c}x@example.org"), format!("a@{c}x.org"), format!("a@x{c}y.org")] {
                let Some(once) = stored(&typed) else { continue };
                assert_eq!(stored(&once).as_deref(), Some(once.as_str()), "{typed:?}");
                let shown = shown(&once);
                assert_eq!(stored(&shown).as_deref(), Some(once.as_str()), "{typed:?} is shown as {shown:?}");
            }
        }
    }

    #[test]
    fn domains_are_displayed_in_unicode_if_equivalent() {
        for (address, wanted) in [
            ("çağla@xn--rnek-4qa.org", "çağla@örnek.org"),
            ("a@xn--mgbh0fb.xn--kgbechtv", "a@مثال.إختبار"),
            ("a@example.org", "a@example.org"),
            ("xn--rnek-4qa@example.org", "xn--rnek-4qa@example.org"),
        ] {
            assert_eq!(shown(address), wanted);
        }
        let coded = |text: &str| format!("a@xn--{}.org", encode_str(text).unwrap());
        // Nothing invisible, no label separators, no disguised ASCII.
        for text in ["a\u{202e}b", "a\u{200b}ö", "ö.evil", "ö@evil", "ö/", "a b\u{f6}", "example"] {
            assert_eq!(shown(&coded(text)), coded(text), "{text:?}");
        }
        for odd in ["a@xn--", "a@xn--a", "a@xn--999999999", "no address", "", "a@XN--RNEK-4QA.org"] {
            assert_eq!(shown(odd), odd);
        }
    }

    #[test]
    fn an_unconverted_account_is_found_by_its_spelling() {
        for stored in ["a\u{200b}b@example.org", "a@[1.2.3.4]", "a@b..c", "a@örnek.org"] {
            assert_eq!(Email::of_account(stored).as_typed(), stored);
            assert_eq!(Email::parse_by_previous_rules(stored).unwrap().as_typed(), stored);
        }
        for bad in ["", "ayse", "a b@c", "a@b@c", "a@b\n"] {
            assert!(Email::parse_by_previous_rules(bad).is_none_or(|email| email.as_typed() == bad.trim()), "{bad:?}");
        }
    }
}

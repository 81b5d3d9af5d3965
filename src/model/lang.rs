//! The panel's two languages, and parsing `Accept-Language`.

use serde::{Deserialize, Serialize};

/// A language of the panel. Every text exists in each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    #[default]
    En,
    Tr,
}

impl Lang {
    /// The tag in `<html lang>` and `Intl`.
    pub fn tag(self) -> &'static str {
        match self {
            Lang::En => "en",
            Lang::Tr => "tr",
        }
    }

    /// Parses the tag.
    pub fn from_tag(tag: &str) -> Option<Lang> {
        [Lang::En, Lang::Tr].into_iter().find(|lang| lang.tag() == tag)
    }

    /// Parses an `Accept-Language` header (RFC 9110, section 12.5.4): the supported language
    /// with the highest weight, the first of equals, else English.
    pub fn negotiate(header: &str) -> Lang {
        let mut best = (Lang::En, 0);
        for range in header.split(',') {
            let mut parts = range.split(';');
            let tag = parts.next().unwrap_or_default().trim();
            let weight = parts
                .find_map(|p| p.trim().strip_prefix("q="))
                .map_or(1000, |q| (q.trim().parse::<f32>().unwrap_or(0.0) * 1000.0) as u32);
            let lang = match tag.split('-').next().unwrap_or_default() {
                t if t.eq_ignore_ascii_case("tr") => Lang::Tr,
                t if t.eq_ignore_ascii_case("en") => Lang::En,
                _ => continue,
            };
            if weight > best.1 {
                best = (lang, weight);
            }
        }
        best.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_supported_language_with_the_highest_weight_wins() {
        for (header, wanted) in [
            ("", Lang::En),
            ("tr", Lang::Tr),
            ("tr-TR,tr;q=0.9,en;q=0.8", Lang::Tr),
            ("en-US,tr;q=0.9", Lang::En),
            ("de, tr;q=0.2", Lang::Tr),
            ("en;q=0.1, TR;q=0.2", Lang::Tr),
            ("tr;q=0", Lang::En),
            ("tr;q=x", Lang::En),
            ("fr;q=1, *", Lang::En),
        ] {
            assert_eq!(Lang::negotiate(header), wanted, "{header}");
        }
    }
}

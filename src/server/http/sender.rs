//! The first protection against cross-site requests: the sender, by Fetch Metadata and
//! `Origin`.

use http::header::ORIGIN;
use http::{HeaderMap, HeaderName, HeaderValue};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The sender of a request, as reported by its browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sender {
    Ours,
    Foreign,
    /// The request has neither header: an old browser, or not a browser.
    Unknown,
}

/// Reads `Origin` and Fetch Metadata. This is stricter than `tower_http`'s layer in front,
/// which accepts an `Origin` that equals the request's `Host`. Here an `Origin` must be one of
/// ours. `null` (a proxy has set `Referrer-Policy: no-referrer`) counts as absent if
/// `Sec-Fetch-Site` says `same-origin`. Only a browser can set that header, and it never does
/// for a page with an opaque origin.
pub fn sender(headers: &HeaderMap, own: &[String]) -> Sender {
    let sites: Vec<&[u8]> = headers.get_all(SEC_FETCH_SITE).iter().map(HeaderValue::as_bytes).collect();
    let same_origin = sites == [b"same-origin"];
    let is_own = |origin: &&HeaderValue| own.iter().any(|own| own.as_bytes() == origin.as_bytes());
    let mut origins = headers.get_all(ORIGIN).iter().filter(|origin| !(same_origin && *origin == "null")).peekable();
    match (origins.peek().is_some(), sites.as_slice()) {
        (true, _) if origins.all(|origin| is_own(&origin)) => Sender::Ours,
        (true, _) => Sender::Foreign,
        (false, [b"same-origin"]) => Sender::Ours,
        (false, [] | [b"" | b"none"]) => Sender::Unknown,
        (false, _) => Sender::Foreign,
    }
}

/// Whether a request reports another site as its sender.
pub fn is_foreign(headers: &HeaderMap, own: &[String]) -> bool {
    sender(headers, own) == Sender::Foreign
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sender_follows_from_origin_and_fetch_metadata() {
        let own = ["http://a".to_owned(), "http://b".to_owned()];
        let sent = |origins: &[&'static str], sites: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for (name, values) in [(ORIGIN, origins), (SEC_FETCH_SITE, sites)] {
                for value in values {
                    headers.append(&name, HeaderValue::from_static(value));
                }
            }
            sender(&headers, &own)
        };
        let ours: [(&[_], &[_]); 5] = [
            (&["http://a"], &["same-origin"]),
            (&["http://b"], &[]),
            (&["http://a"], &["cross-site"]), // one name of the loopback to another
            (&[], &["same-origin"]),
            (&["null"], &["same-origin"]),
        ];
        ours.iter()
            .for_each(|(origins, sites)| assert_eq!(sent(origins, sites), Sender::Ours, "{origins:?} {sites:?}"));
        let unknown: [(&[_], &[_]); 2] = [(&[], &[]), (&[], &["none"])];
        unknown.iter().for_each(|(origins, sites)| assert_eq!(sent(origins, sites), Sender::Unknown));
        let foreign: [(&[_], &[_]); 10] = [
            (&["http://c"], &["same-origin"]),
            (&["http://a", "http://c"], &["same-origin"]),
            (&["null", "http://c"], &["same-origin"]),
            (&["null"], &[]),
            (&["null"], &["none"]),
            (&["null"], &["same-site"]),
            (&["null"], &["cross-site"]),
            (&["null"], &["same-origin", "cross-site"]),
            (&["NULL"], &["same-origin"]),
            (&[], &["cross-site"]),
        ];
        foreign
            .iter()
            .for_each(|(origins, sites)| assert_eq!(sent(origins, sites), Sender::Foreign, "{origins:?} {sites:?}"));
    }
}

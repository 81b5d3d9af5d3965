//! The second layer against cross-site requests: the token of the contract.
//!
//! `handle ‖ random ‖ HMAC(key, handle ‖ random)` in base64url, bound to the
//! session's public handle (empty before sign-in): a planted cookie is of no
//! use, because its token belongs to another session. The first layer (Fetch
//! Metadata and Origin) is in [`router`](super::router) and [`sender`].

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use http::header::ORIGIN;
use http::{HeaderMap, HeaderName, HeaderValue};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use super::keys::{KeyRing, random};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

const RANDOM: usize = 16;
const MAC: usize = 32;

/// Mints a token for a session handle, or for nobody with an empty one.
pub fn mint(keys: &KeyRing, handle: &str) -> String {
    let mut token = [handle.as_bytes(), &random::<RANDOM>()].concat();
    let mac = sign(&keys.newest().csrf, &token);
    token.extend_from_slice(&mac);
    URL_SAFE_NO_PAD.encode(token)
}

/// The handle a token is bound to, if any of the keys has signed it.
pub fn handle_of(keys: &KeyRing, token: &str) -> Option<String> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    let (signed, mac) = bytes.split_at_checked(bytes.len().checked_sub(MAC)?)?;
    let valid = keys.all().iter().any(|keys| sign(&keys.csrf, signed).ct_eq(mac).into());
    let handle = signed.get(..signed.len().checked_sub(RANDOM)?)?;
    valid.then(|| String::from_utf8(handle.to_vec()).ok()).flatten()
}

/// Whether what a request presents equals its cookie, in constant time.
pub fn same(presented: &str, cookie: &str) -> bool {
    !presented.is_empty() && presented.as_bytes().ct_eq(cookie.as_bytes()).into()
}

/// Where a request comes from, as far as its browser says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sender {
    Ours,
    Foreign,
    /// It says nothing: an old browser, or none.
    Unsaid,
}

/// Reads `Origin` and Fetch Metadata, stricter than `tower_http`'s layer in
/// front, which lets pass what names the `Host` it was sent to. An `Origin` has
/// to be one of ours; `null` (a proxy has set `Referrer-Policy: no-referrer`) is
/// as good as none where `Sec-Fetch-Site` says `same-origin`, as only a browser
/// can, and never for a page whose origin is opaque.
pub fn sender(headers: &HeaderMap, own: &[String]) -> Sender {
    let sites: Vec<&[u8]> = headers.get_all(SEC_FETCH_SITE).iter().map(HeaderValue::as_bytes).collect();
    let same_origin = sites == [b"same-origin"];
    let is_own = |origin: &&HeaderValue| own.iter().any(|own| own.as_bytes() == origin.as_bytes());
    let mut origins = headers.get_all(ORIGIN).iter().filter(|origin| !(same_origin && *origin == "null")).peekable();
    match (origins.peek().is_some(), sites.as_slice()) {
        (true, _) if origins.all(|origin| is_own(&origin)) => Sender::Ours,
        (true, _) => Sender::Foreign,
        (false, [b"same-origin"]) => Sender::Ours,
        (false, [] | [b"" | b"none"]) => Sender::Unsaid,
        (false, _) => Sender::Foreign,
    }
}

/// Whether a request says that it comes from elsewhere.
pub fn is_foreign(headers: &HeaderMap, own: &[String]) -> bool {
    sender(headers, own) == Sender::Foreign
}

fn sign(key: &[u8; 32], message: &[u8]) -> [u8; MAC] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(message);
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::keys::Secret;

    fn ring(bytes: &[u8]) -> KeyRing {
        KeyRing::new(&bytes.iter().map(|b| Secret::new([*b; 32]).unwrap()).collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn a_token_tells_whose_it_is() {
        let keys = ring(&[1]);
        assert_eq!(handle_of(&keys, &mint(&keys, "sid_a")).unwrap(), "sid_a");
        assert_eq!(handle_of(&keys, &mint(&keys, "")).unwrap(), "");
        assert_ne!(mint(&keys, ""), mint(&keys, ""));
    }

    #[test]
    fn a_sender_is_known_by_origin_and_fetch_metadata() {
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
        let unsaid: [(&[_], &[_]); 2] = [(&[], &[]), (&[], &["none"])];
        unsaid.iter().for_each(|(origins, sites)| assert_eq!(sent(origins, sites), Sender::Unsaid));
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

    #[test]
    fn keys_rotate() {
        let token = mint(&ring(&[1]), "sid_a");
        assert!(handle_of(&ring(&[2, 1]), &token).is_some());
        assert!(handle_of(&ring(&[2]), &token).is_none());
    }

    #[test]
    fn anything_else_is_no_token() {
        let keys = ring(&[1]);
        let token = mint(&keys, "sid_a");
        for bad in
            ["", "x", "ş", &token[1..], &token[..token.len() - 1], &format!("{token}A"), &token.replace('s', "t")]
        {
            if bad != token {
                assert!(handle_of(&keys, bad).is_none(), "{bad}");
            }
        }
        assert!(!same("", ""));
        assert!(!same("a", "ab"));
        assert!(same("ab", "ab"));
    }
}

//! The CSRF token: the second protection against cross-site requests.
//!
//! `handle ‖ random ‖ HMAC(key, handle ‖ random)` in base64url, bound to the session's public
//! handle (empty before sign-in). A planted cookie fails, because its token belongs to another
//! session. The first protection (Fetch Metadata and Origin) is in
//! [`sender`](crate::server::http::sender).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::server::keys::{KeyRing, random};

const RANDOM: usize = 16;
const MAC: usize = 32;

/// Creates a token for a session handle. Before sign-in the handle is empty.
pub fn mint(keys: &KeyRing, handle: &str) -> String {
    let mut token = [handle.as_bytes(), &random::<RANDOM>()].concat();
    let mac = sign(&keys.newest().csrf, &token);
    token.extend_from_slice(&mac);
    URL_SAFE_NO_PAD.encode(token)
}

/// The handle that a token is bound to, if one of the keys signed it.
pub fn handle_of(keys: &KeyRing, token: &str) -> Option<String> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    let (signed, mac) = bytes.split_at_checked(bytes.len().checked_sub(MAC)?)?;
    let valid = keys.all().iter().any(|keys| sign(&keys.csrf, signed).ct_eq(mac).into());
    let handle = signed.get(..signed.len().checked_sub(RANDOM)?)?;
    valid.then(|| String::from_utf8(handle.to_vec()).ok()).flatten()
}

/// Whether the token in a request equals the one in its cookie, compared in constant time.
pub fn same(presented: &str, cookie: &str) -> bool {
    !presented.is_empty() && presented.as_bytes().ct_eq(cookie.as_bytes()).into()
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
    fn a_token_contains_its_sessions_handle() {
        let keys = ring(&[1]);
        assert_eq!(handle_of(&keys, &mint(&keys, "sid_a")).unwrap(), "sid_a");
        assert_eq!(handle_of(&keys, &mint(&keys, "")).unwrap(), "");
        assert_ne!(mint(&keys, ""), mint(&keys, ""));
    }

    #[test]
    fn tokens_of_older_keys_are_accepted_until_removed() {
        let token = mint(&ring(&[1]), "sid_a");
        assert!(handle_of(&ring(&[2, 1]), &token).is_some());
        assert!(handle_of(&ring(&[2]), &token).is_none());
    }

    #[test]
    fn malformed_tokens_are_rejected() {
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

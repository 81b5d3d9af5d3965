//! Sealed cookies: encrypted and bound to their name.
//!
//! The sealing is that of the `cookie` crate's private jar (AES-256-GCM). The jar itself is not
//! used for parsing: it opens *every* cookie of a request with *one* key, and the last of
//! several with the same name wins. Here one named cookie is opened with any of the keys.

use cookie::{Cookie, CookieJar, Key};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The maximum length of a sealed value. A longer one can't be ours, so it is not decrypted.
const MAX_BYTES: usize = 4096;

/// Seals a value for a cookie of this name.
///
/// # Errors
/// A value that can't be serialized as JSON.
pub fn seal<T: Serialize>(name: &'static str, key: &Key, value: &T) -> serde_json::Result<String> {
    let mut jar = CookieJar::new();
    jar.private_mut(key).add(Cookie::new(name, serde_json::to_string(value)?));
    Ok(jar.get(name).map(|cookie| cookie.value().to_owned()).unwrap_or_default())
}

/// Opens a sealed value with the first key that fits, and returns that key's index. Returns
/// `None` for a value that no key opens.
pub fn open<'k, T: DeserializeOwned>(
    name: &'static str,
    keys: impl Iterator<Item = &'k Key>,
    sealed: &str,
) -> Option<(T, usize)> {
    if sealed.len() > MAX_BYTES {
        return None;
    }
    let decrypt = |key| CookieJar::new().private(key).decrypt(Cookie::new(name, sealed.to_owned()));
    let (plain, index) = keys.enumerate().find_map(|(index, key)| Some((decrypt(key)?, index)))?;
    serde_json::from_str(plain.value()).ok().map(|value| (value, index))
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Claim {
        session_id: String,
        user_id: String,
    }

    fn key(byte: u8) -> Key {
        Key::from(&[byte; 64])
    }

    fn claim() -> Claim {
        Claim { session_id: "session_x".to_owned(), user_id: "u".to_owned() }
    }

    #[test]
    fn any_key_opens_and_its_index_is_returned() {
        let sealed = seal("auth-session", &key(1), &claim()).unwrap();
        let opened = |keys: &[Key]| open::<Claim>("auth-session", keys.iter(), &sealed);
        assert_eq!(opened(&[key(1)]), Some((claim(), 0)));
        assert_eq!(opened(&[key(2), key(1)]), Some((claim(), 1)));
        assert_eq!(opened(&[key(2)]), None);
    }

    #[test]
    fn changed_bytes_and_other_names_do_not_open() {
        let sealed = seal("auth-session", &key(1), &claim()).unwrap();
        let opens = |name: &'static str, text: &str| open::<Claim>(name, [key(1)].iter(), text).is_some();
        assert!(opens("auth-session", &sealed));
        assert!(!opens("flash", &sealed));
        for i in 0..sealed.len() {
            let mut bytes = sealed.clone().into_bytes();
            bytes[i] = if bytes[i] == b'A' { b'B' } else { b'A' };
            assert!(!opens("auth-session", &String::from_utf8(bytes).unwrap()), "byte {i}");
            assert!(!opens("auth-session", &sealed[..i]), "prefix {i}");
        }
        assert!(!opens("auth-session", &format!("{sealed}A")));
        assert!(!opens("auth-session", &serde_json::to_string(&claim()).unwrap()));
        assert!(!opens("auth-session", &"A".repeat(5000)));
    }
}

//! Secrets and the keys derived from them. Each purpose has its own key, so a value sealed for
//! one purpose is never accepted for another.

use cookie::Key;
use hkdf::Hkdf;
use sha2::Sha256;

/// A configured secret. It can be neither printed nor compared.
#[derive(Clone)]
pub struct Secret(Vec<u8>);

/// The minimum length of a secret in bytes. A shorter one can be guessed.
pub const MIN_SECRET: usize = 32;

impl Secret {
    /// `None` if it is shorter than [`MIN_SECRET`].
    pub fn new(bytes: impl Into<Vec<u8>>) -> Option<Secret> {
        let bytes = bytes.into();
        (bytes.len() >= MIN_SECRET).then_some(Secret(bytes))
    }

    /// HKDF (RFC 5869) with the purpose as `info`.
    fn derive<const N: usize>(&self, purpose: &str) -> [u8; N] {
        let mut key = [0; N];
        Hkdf::<Sha256>::new(None, &self.0)
            .expand(purpose.as_bytes(), &mut key)
            .expect("HKDF-SHA256 gives up to 8160 bytes");
        key
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// The keys derived from one secret.
pub struct Keys {
    pub session: Key,
    pub flash: Key,
    pub login_ticket: Key,
    pub device: Key,
    pub csrf: [u8; 32],
    /// Derives the next session id from the current one.
    pub rotation: [u8; 32],
}

/// The keys of all configured secrets, newest first. The first key seals; every key opens.
pub struct KeyRing(Vec<Keys>);

impl KeyRing {
    /// `None` without any secret.
    pub fn new(secrets: &[Secret]) -> Option<KeyRing> {
        let keys = secrets
            .iter()
            .map(|secret| Keys {
                session: Key::from(&secret.derive::<64>("kafkasder-panel auth-session v1")),
                flash: Key::from(&secret.derive::<64>("kafkasder-panel flash v1")),
                login_ticket: Key::from(&secret.derive::<64>("kafkasder-panel login-ticket v1")),
                device: Key::from(&secret.derive::<64>("kafkasder-panel device v1")),
                csrf: secret.derive("kafkasder-panel csrf-token v1"),
                rotation: secret.derive("kafkasder-panel session-rotation v1"),
            })
            .collect::<Vec<_>>();
        (!keys.is_empty()).then_some(KeyRing(keys))
    }

    /// The keys of the newest secret.
    pub fn newest(&self) -> &Keys {
        &self.0[0]
    }

    /// All keys, newest first.
    pub fn all(&self) -> &[Keys] {
        &self.0
    }
}

/// Random bytes from the operating system's generator.
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the system's random generator works");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_secrets_are_rejected_and_debug_hides_them() {
        assert!(Secret::new([7; 31]).is_none());
        assert_eq!(format!("{:?}", Secret::new([7; 32]).unwrap()), "Secret(…)");
    }

    #[test]
    fn every_purpose_has_its_own_key() {
        let ring = KeyRing::new(&[Secret::new([7; 32]).unwrap()]).unwrap();
        let keys = ring.newest();
        let mut sealing = [&keys.session, &keys.flash, &keys.login_ticket, &keys.device].map(Key::master).to_vec();
        sealing.sort_unstable();
        sealing.dedup();
        assert_eq!(sealing.len(), 4);
        assert_ne!(&ring.newest().session.master()[..32], ring.newest().csrf);
        assert!(KeyRing::new(&[]).is_none());
    }
}

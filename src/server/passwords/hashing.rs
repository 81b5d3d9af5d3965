//! Argon2id: hashing and verifying, in a reusable buffer.

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{ARGON2ID_IDENT, Algorithm, Argon2, Block, Params, Version};

use crate::server::keys;

/// Memory in KiB, passes and lanes (OWASP password storage cheat sheet).
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// The result of a verification.
pub struct Verdict {
    pub matches: bool,
    /// A new hash of the password, if it matched and the stored hash has weaker parameters than
    /// today's.
    pub rehashed: Option<String>,
}

fn todays_params() -> Params {
    Params::new(MEMORY_KIB, PASSES, LANES, None).expect("the parameters are within Argon2's bounds")
}

fn digest(
    password: &str,
    salt: &[u8],
    params: Params,
    memory: &mut Vec<Block>,
) -> argon2::password_hash::Result<Output> {
    let blocks = params.block_count();
    if memory.len() < blocks {
        memory.resize(blocks, Block::default());
    }
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let mut out = [0; Params::DEFAULT_OUTPUT_LEN];
    argon2.hash_password_into_with_memory(password.as_bytes(), salt, &mut out, &mut memory[..blocks])?;
    Ok(Output::new(&out)?)
}

/// Hashes a password with today's parameters into a PHC string.
pub fn hash(password: &str, memory: &mut Vec<Block>) -> argon2::password_hash::Result<String> {
    let salt = keys::random::<16>();
    let params = todays_params();
    let phc = PasswordHash {
        algorithm: ARGON2ID_IDENT,
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(&params)?,
        salt: Some(Salt::new(&salt)?),
        hash: Some(digest(password, &salt, params, memory)?),
    };
    Ok(phc.to_string())
}

/// Verifies a password against a stored hash. Without one, does the same work and matches
/// nothing.
pub fn verify(password: &str, stored: Option<&str>, memory: &mut Vec<Block>) -> argon2::password_hash::Result<Verdict> {
    // An unreadable hash matches nothing and takes the same time.
    let Some(stored) = stored.and_then(|stored| PasswordHash::new(stored).ok()) else {
        digest(password, &[0; 16], todays_params(), memory)?;
        return Ok(Verdict { matches: false, rehashed: None });
    };
    let (params, salt) = (Params::try_from(&stored)?, stored.salt.unwrap_or(Salt::new(&[0; 16])?));
    let weaker = params.m_cost() < MEMORY_KIB || params.t_cost() < PASSES;
    // `Output` compares in constant time.
    let matches = Some(digest(password, &salt, params, memory)?) == stored.hash;
    let rehashed = if matches && weaker { Some(hash(password, memory)?) } else { None };
    Ok(Verdict { matches, rehashed })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_verifies_only_its_own_password() {
        let memory = &mut Vec::new();
        let stored = hash("correct horse battery staple", memory).unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        let matches = |p: &str, m: &mut Vec<Block>| verify(p, Some(&stored), m).unwrap().matches;
        assert!(matches("correct horse battery staple", memory));
        for wrong in
            ["Correct horse battery staple", "correct horse battery staple ", "correct horse battery stapl", ""]
        {
            assert!(!matches(wrong, memory), "{wrong}");
        }
        for nothing in [None, Some(""), Some("$argon2id$x"), Some("$2b$10$abc")] {
            assert!(!verify("correct horse battery staple", nothing, memory).unwrap().matches);
        }
    }

    #[test]
    fn only_weaker_hashes_are_replaced() {
        let memory = &mut Vec::new();
        let params = Params::new(8_192, 1, 1, None).unwrap();
        let salt = [7; 16];
        let weak = PasswordHash {
            algorithm: ARGON2ID_IDENT,
            version: Some(Version::V0x13.into()),
            params: ParamsString::try_from(&params).unwrap(),
            salt: Some(Salt::new(&salt).unwrap()),
            hash: Some(digest("a long password", &salt, params, memory).unwrap()),
        }
        .to_string();
        let verdict = verify("a long password", Some(&weak), memory).unwrap();
        let rehashed = verdict.rehashed.unwrap();
        assert!(verdict.matches);
        assert!(verify("a long password", Some(&rehashed), memory).unwrap().rehashed.is_none());
        assert!(verify("another password", Some(&weak), memory).unwrap().rehashed.is_none());
    }
}

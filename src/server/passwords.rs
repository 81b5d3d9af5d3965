//! Hashing passwords: Argon2id on a bounded pool, off the async threads.
//!
//! One worker a core, each keeping its buffer of 19 MiB: with a new buffer for
//! every hash, the allocator was seen to keep gigabytes after some sign-ins.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{ARGON2ID_IDENT, Algorithm, Argon2, Block, Params, Version};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use super::error::{Result, internal};
use super::keys;
use crate::model::failure::{Code, Failure};
use crate::model::password::{Refusal, check, normalise};
use crate::model::text::Text;
use crate::model::{lang::Lang, password};

/// Memory in KiB, passes and lanes (OWASP password storage cheat sheet).
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// How many sign-ins may wait for each worker before the next is told `unavailable`.
const QUEUE_PER_WORKER: usize = 32;

/// The pool. Clones share it; the threads end with the last clone.
#[derive(Clone)]
pub struct Hasher {
    queue: Sender<Job>,
    places: Arc<Semaphore>,
}

/// A place in the queue: whoever holds one will be served.
pub struct Place {
    queue: Sender<Job>,
    permit: OwnedSemaphorePermit,
}

/// What a verification found.
pub struct Verdict {
    pub matches: bool,
    /// The password hashed anew, if it matched and the stored hash is weaker than today's.
    pub rehashed: Option<String>,
}

type Job = Box<dyn FnOnce(&mut Vec<Block>) + Send>;

impl Hasher {
    /// Starts one worker a core.
    pub fn start() -> Hasher {
        let workers = std::thread::available_parallelism().map_or(1, usize::from);
        let (queue, jobs) = channel::<Job>();
        let jobs = Arc::new(Mutex::new(jobs));
        for number in 0..workers {
            let jobs = jobs.clone();
            let worker = move || work(&jobs);
            std::thread::Builder::new()
                .name(format!("hash-{number}"))
                .spawn(worker)
                .expect("the system starts a thread for each core");
        }
        Hasher { queue, places: Arc::new(Semaphore::new(workers * (1 + QUEUE_PER_WORKER))) }
    }

    /// Takes a place, before anything is charged.
    ///
    /// # Errors
    /// `unavailable`, at once, when too many are waiting.
    pub fn reserve(&self) -> Result<Place> {
        let permit = self.places.clone().try_acquire_owned().map_err(|_| Failure::new(Code::Unavailable))?;
        Ok(Place { queue: self.queue.clone(), permit })
    }
}

impl Place {
    /// Compares a password with a stored hash. Without one, the same work is
    /// done and nothing matches: an unknown email costs what a known one does.
    ///
    /// # Errors
    /// `internal` for a stored hash that can't be read.
    pub async fn verify(self, password: &str, stored: Option<&str>) -> Result<Verdict> {
        let password = normalise(password);
        let stored = stored.map(str::to_owned);
        self.run(move |memory| verify(&password, stored.as_deref(), memory)).await
    }

    /// Hashes a new password into a PHC string.
    ///
    /// # Errors
    /// `internal` if the pool is gone.
    pub async fn hash(self, password: &str) -> Result<String> {
        let password = normalise(password);
        self.run(move |memory| hash(&password, memory)).await
    }

    async fn run<T: Send + 'static>(
        self,
        work: impl FnOnce(&mut Vec<Block>) -> argon2::password_hash::Result<T> + Send + 'static,
    ) -> Result<T> {
        let Place { queue, permit } = self;
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |memory| {
            let _held_until_done = permit;
            // Nobody waits any more when the caller has gone away.
            if !answer.is_closed() {
                let _ = answer.send(work(memory));
            }
        });
        queue.send(job).map_err(|_| internal("the hashing pool has ended"))?;
        answered.await.map_err(internal)?.map_err(internal)
    }
}

fn work(jobs: &Mutex<Receiver<Job>>) {
    // Two threads hashing held up light requests for 8 to 19 ms: let those go first.
    // Without the right to, hashing is only less polite.
    let _ = rustix::process::setpriority_process(None, 10);
    let mut memory = Vec::new();
    loop {
        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        match job {
            Ok(job) => job(&mut memory),
            Err(_) => return,
        }
    }
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

fn hash(password: &str, memory: &mut Vec<Block>) -> argon2::password_hash::Result<String> {
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

fn verify(password: &str, stored: Option<&str>, memory: &mut Vec<Block>) -> argon2::password_hash::Result<Verdict> {
    // A hash that can't be read matches nothing, and costs the same.
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

/// Guesses an attacker makes first; what falls within them is common.
const COMMON_GUESSES: u64 = 1_000_000;

/// Checks a new password by every rule.
///
/// # Errors
/// `validation_failed` with the text for `field`.
pub fn check_new(password: &str, min_length: u32, name: &str, local_part: &str, field: &str, lang: Lang) -> Result<()> {
    let refusal = check(password, min_length as usize, &[name, local_part, "kafkasder"]).err().or_else(|| {
        let words = [name, local_part, "kafkasder", "panel"];
        (zxcvbn::zxcvbn(password, &words).guesses() < COMMON_GUESSES).then_some(Refusal::Common)
    });
    let Some(refusal) = refusal else { return Ok(()) };
    let text = match refusal {
        Refusal::TooShort => Text::FieldPasswordTooShort.with(lang, &[("min", &min_length.to_string())]),
        Refusal::TooLong => Text::FieldPasswordTooLong.with(lang, &[("max", &password::MAX_LENGTH.to_string())]),
        Refusal::Personal => Text::FieldPasswordPersonal.to(lang).to_owned(),
        Refusal::Common => Text::FieldPasswordCommon.to(lang).to_owned(),
    };
    Err(Failure::field(field, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_hashed_verifies_exactly() {
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
    fn a_weaker_hash_is_replaced_and_todays_is_kept() {
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

    #[test]
    fn common_passwords_are_refused_and_odd_ones_are_not() {
        let check = |p: &str| {
            check_new(p, 15, "Ayşe Işık", "ayse", "password", Lang::En)
                .map_err(|f| f.fields.unwrap()["password"].clone())
        };
        for common in [
            "passwordpassword",
            "123456789012345",
            "qwertyuiopasdfgh",
            "aaaaaaaaaaaaaaa",
            "iloveyouiloveyou",
            "abcdefghijklmnop",
        ] {
            assert_eq!(check(common).unwrap_err(), Text::FieldPasswordCommon.to(Lang::En), "{common}");
        }
        for fine in [
            "correct horse battery staple",
            "uzun bir yolda yürüyorum",
            "83919283749182734918",
            "🦊🐢🦉🐝🦋🐙🦀🐬🦔🐌🐞🦂🐍🐊🐫",
        ] {
            assert_eq!(check(fine), Ok(()), "{fine}");
        }
    }

    #[tokio::test]
    async fn past_the_queue_the_answer_is_at_once() {
        let hasher = Hasher::start();
        let places: Vec<_> = std::iter::from_fn(|| hasher.reserve().ok()).collect();
        assert_eq!(places.len(), std::thread::available_parallelism().unwrap().get() * 33);
        assert_eq!(hasher.reserve().err().unwrap().code, Code::Unavailable);
        drop(places);
        assert!(hasher.reserve().is_ok());
    }
}

//! Passwords: judged, and hashed by Argon2id, on a bounded pool off the async threads.
//!
//! One worker a core, each keeping its buffer of 19 MiB: with a new buffer for
//! every hash, the allocator was seen to keep gigabytes after some sign-ins.
//!
//! | file | what is in it |
//! |---|---|
//! | here | the pool |
//! | [`hashing`] | Argon2id and its parameters |
//! | [`rules`] | what a new password must be |

mod hashing;
mod rules;

pub use hashing::Verdict;
pub use rules::NewPassword;

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};

use argon2::Block;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use self::hashing::{hash, verify};
use crate::model::failure::Code;
use crate::model::password::normalise;
use crate::server::error::{Error, Result, internal};

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
        let permit = self.places.clone().try_acquire_owned().map_err(|_| Error::from(Code::Unavailable))?;
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

    /// The same, unless the password is found wanting; that is found out on the pool too.
    async fn hash_unless(
        self,
        password: &str,
        wanting: impl FnOnce(&str) -> bool + Send + 'static,
    ) -> Result<Option<String>> {
        let password = normalise(password);
        let work = move |memory: &mut _| if wanting(&password) { Ok(None) } else { hash(&password, memory).map(Some) };
        self.run(work).await
    }

    async fn run<T: Send + 'static>(
        self,
        work: impl FnOnce(&mut Vec<Block>) -> argon2::password_hash::Result<T> + Send + 'static,
    ) -> Result<T> {
        let Place { queue, permit } = self;
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |memory| {
            // Nobody waits any more when the caller has gone away.
            let done = (!answer.is_closed()).then(|| work(memory));
            // The place is held until the work is done, and free when its answer is there.
            drop(permit);
            if let Some(done) = done {
                let _ = answer.send(done);
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

#[cfg(test)]
mod tests {
    use super::*;

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

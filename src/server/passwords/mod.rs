//! Password rules and hashing. Argon2id runs on a bounded pool of threads, off the async
//! runtime.
//!
//! One worker per core, each with a reusable buffer of 19 MiB. With a new buffer per hash, the
//! allocator kept gigabytes after a few sign-ins.
//!
//! | file | what is in it |
//! |---|---|
//! | here | the pool |
//! | [`hashing`] | Argon2id and its parameters |
//! | [`rules`] | the rules for new passwords |

mod hashing;
mod rules;

pub use hashing::Verdict;
pub use rules::NewPassword;

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};

use argon2::Block;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use self::hashing::{hash, verify};
use crate::model::code::Code;
use crate::model::password::normalise;
use crate::server::error::{Error, Result, internal};

/// The queue's length per worker. Further requests get `unavailable`.
const QUEUE_PER_WORKER: usize = 32;

/// The pool. Clones share it; the threads end with the last clone.
#[derive(Clone)]
pub struct Hasher {
    queue: Sender<Job>,
    places: Arc<Semaphore>,
}

/// A reserved slot in the queue. Its job is certain to run.
pub struct QueueSlot {
    queue: Sender<Job>,
    permit: OwnedSemaphorePermit,
}

type Job = Box<dyn FnOnce(&mut Vec<Block>) + Send>;

impl Hasher {
    /// Starts one worker per core.
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

    /// Reserves a slot in the queue. Call this before charging an attempt.
    ///
    /// # Errors
    /// `unavailable`, immediately, if the queue is full.
    pub fn reserve(&self) -> Result<QueueSlot> {
        let permit = self.places.clone().try_acquire_owned().map_err(|_| Error::from(Code::Unavailable))?;
        Ok(QueueSlot { queue: self.queue.clone(), permit })
    }
}

impl QueueSlot {
    /// Verifies a password against a stored hash. Without one, does the same work and matches
    /// nothing, so that unknown emails take as long as known ones.
    ///
    /// # Errors
    /// `internal` for an unreadable stored hash.
    pub async fn verify(self, password: &str, stored: Option<&str>) -> Result<Verdict> {
        let password = normalise(password);
        let stored = stored.map(str::to_owned);
        self.run(move |memory| verify(&password, stored.as_deref(), memory)).await
    }

    /// Hashes a new password into a PHC string.
    ///
    /// # Errors
    /// `internal` if the pool has stopped.
    pub async fn hash(self, password: &str) -> Result<String> {
        let password = normalise(password);
        self.run(move |memory| hash(&password, memory)).await
    }

    /// Hashes a password unless `judge` refuses it. The judging runs on the pool too.
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
        let QueueSlot { queue, permit } = self;
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |memory| {
            // Skips the work if the caller has gone.
            let done = (!answer.is_closed()).then(|| work(memory));
            // Releases the slot after the work and before the answer is sent.
            drop(permit);
            if let Some(done) = done {
                let _ = answer.send(done);
            }
        });
        queue.send(job).map_err(|_| internal("the hashing pool has stopped"))?;
        answered.await.map_err(internal)?.map_err(internal)
    }
}

fn work(jobs: &Mutex<Receiver<Job>>) {
    // A little less than the workers' priority: at 10, sign-ins starved beside many session checks;
    // at 0, checks beside sign-ins waited longest (bench/README.md). A failure is ignored, because
    // hashing works without it.
    let _ = rustix::process::setpriority_process(None, 2);
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
    async fn a_full_queue_refuses_immediately() {
        let hasher = Hasher::start();
        let places: Vec<_> = std::iter::from_fn(|| hasher.reserve().ok()).collect();
        assert_eq!(places.len(), std::thread::available_parallelism().unwrap().get() * 33);
        assert_eq!(hasher.reserve().err().unwrap().code, Code::Unavailable);
        drop(places);
        assert!(hasher.reserve().is_ok());
    }
}

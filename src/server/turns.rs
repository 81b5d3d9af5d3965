//! Queues the parallel attempts of one bucket and evaluates them one after another. Otherwise a
//! correct password could be refused because of other attempts that are still being evaluated.
//! The queue belongs to one server; the database counts across servers.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::model::code::Code;
use crate::server::error::{Error, Result};

/// The maximum length of a bucket's queue.
const QUEUE_LENGTH: usize = 16;

/// The maximum wait for a turn.
const TIMEOUT: Duration = Duration::from_secs(5);

/// The queues, by bucket. Only buckets with an attempt in progress have one.
#[derive(Clone, Default)]
pub struct Turns(Arc<Mutex<HashMap<String, Queue>>>);

#[derive(Clone)]
struct Queue {
    /// A semaphore with one permit: the turn.
    turn: Arc<Semaphore>,
    /// The number of attempts that have the turn or wait for it.
    attempts: usize,
}

/// The turn in a bucket's queue, released on drop.
pub struct Turn {
    /// Whether other attempts came first. Data read before the wait may then be stale.
    pub waited: bool,
    // The order matters: the turn is released before the place in the queue.
    _turn: OwnedSemaphorePermit,
    _queued: Queued,
}

/// A place in a bucket's queue, released on drop.
struct Queued {
    turns: Turns,
    bucket: String,
}

impl Turns {
    /// Waits for the turn in a bucket.
    ///
    /// # Errors
    /// `unavailable`: at once when the queue is full, else after the maximum wait.
    pub async fn take(&self, bucket: &str) -> Result<Turn> {
        self.take_within(bucket, TIMEOUT).await
    }

    async fn take_within(&self, bucket: &str, time_limit: Duration) -> Result<Turn> {
        let (queued, turn, waited) = self.queue(bucket)?;
        let permit = timeout(time_limit, turn.acquire_owned()).await.ok().and_then(std::result::Result::ok);
        let permit = permit.ok_or(Error::from(Code::Unavailable))?;
        Ok(Turn { waited, _turn: permit, _queued: queued })
    }

    fn queue(&self, bucket: &str) -> Result<(Queued, Arc<Semaphore>, bool)> {
        let mut queues = self.queues();
        let queue =
            queues.entry(bucket.to_owned()).or_insert_with(|| Queue { turn: Semaphore::new(1).into(), attempts: 0 });
        if queue.attempts > QUEUE_LENGTH {
            return Err(Error::from(Code::Unavailable));
        }
        queue.attempts += 1;
        let queued = Queued { turns: self.clone(), bucket: bucket.to_owned() };
        Ok((queued, queue.turn.clone(), queue.attempts > 1))
    }

    fn queues(&self) -> MutexGuard<'_, HashMap<String, Queue>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Queued {
    fn drop(&mut self) {
        let mut queues = self.turns.queues();
        if let Some(queue) = queues.get_mut(&self.bucket) {
            queue.attempts -= 1;
            if queue.attempts == 0 {
                queues.remove(&self.bucket);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    #[tokio::test]
    async fn turns_are_sequential_within_a_bucket() {
        let turns = Turns::default();
        let first = turns.take("ayse").await.expect("the queue is empty");
        assert!(!first.waited);
        let mut second = Box::pin(turns.take("ayse"));
        assert!(second.as_mut().now_or_never().is_none(), "it waits");
        assert!(turns.take("mehmet").now_or_never().is_some(), "another bucket does not");
        drop(first);
        assert!(second.await.expect("its turn").waited);
        assert!(turns.queues().is_empty(), "empty queues are removed");
    }

    #[tokio::test]
    async fn the_queue_is_bounded_in_length_and_time() {
        let turns = Turns::default();
        let first = turns.take("ayse").await.expect("the queue is empty");
        let mut waiting: Vec<_> = (0..QUEUE_LENGTH).map(|_| Box::pin(turns.take("ayse"))).collect();
        for wait in &mut waiting {
            assert!(wait.as_mut().now_or_never().is_none());
        }
        let refused = turns.take("ayse").now_or_never().expect("at once");
        assert_eq!(refused.err().map(|error| error.code), Some(Code::Unavailable));
        drop(waiting);
        let tired = turns.take_within("ayse", Duration::ZERO).await;
        assert_eq!(tired.err().map(|error| error.code), Some(Code::Unavailable));
        drop(first);
        assert!(turns.take("ayse").await.is_ok());
        assert!(turns.queues().is_empty());
    }
}

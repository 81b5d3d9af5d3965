//! Whether the database takes writes: known by the last real one that failed,
//! else found out by a small one now and then.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Db, schema};
use crate::model::failure::Code;
use crate::server::clock::{Millis, SECOND};
use crate::server::error::{Error, Result, is_away};

/// How long an answer holds: nobody who asks makes the disk work more often.
const HOLDS: Millis = 5 * SECOND;

/// What is known of writing. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Writes {
    known: Arc<Mutex<Known>>,
    probing: Arc<tokio::sync::Mutex<()>>,
}

#[derive(Debug, Default)]
struct Known {
    works: Option<bool>,
    probed_at: Option<Millis>,
}

impl Writes {
    /// Learns from a transaction that did not begin, or was not committed.
    pub fn failed(&self, error: &sqlx::Error) {
        if is_away(error) {
            self.known().works = Some(false);
        }
    }

    /// Learns from a commit. It may have written nothing, and so only says to look again.
    pub fn committed(&self) {
        let mut known = self.known();
        if known.works == Some(false) {
            *known = Known::default();
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Db {
    /// Whether the database answers and can be written: a sign-in would be kept.
    /// Asking often costs nothing, whoever asks.
    ///
    /// # Errors
    /// `unavailable` when it can't.
    pub async fn writable(&self, now: Millis) -> Result<()> {
        if let Err(error) = self.ping().await {
            *self.writes.known() = Known::default();
            return Err(error);
        }
        let _one_at_a_time = self.writes.probing.lock().await;
        let works = {
            let known = self.writes.known();
            // A probe that lies ahead is of a clock that was put right.
            let holds = known.probed_at.is_some_and(|at| (at..at + HOLDS).contains(&now));
            known.works.filter(|_| holds)
        };
        let works = match works {
            Some(works) => works,
            None => {
                let works = self.probe().await.inspect_err(|error| tracing::warn!(%error, "a write was tried")).is_ok();
                *self.writes.known() = Known { works: Some(works), probed_at: Some(now) };
                works
            }
        };
        works.then_some(()).ok_or(Error::from(Code::Unavailable))
    }

    async fn probe(&self) -> Result<()> {
        let mut tx = self.begin().await?;
        schema::write_probe(tx.on()).await?;
        tx.commit().await
    }
}

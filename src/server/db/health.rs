//! Whether the database is writable: known from the last write, or else from a small probe.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Db, schema};
use crate::model::failure::Code;
use crate::server::clock::{Millis, SECOND};
use crate::server::error::{Error, Result, is_away};

/// How long a probe's result is cached, so that frequent requests don't cause more writes.
const HOLDS: Millis = 5 * SECOND;

/// The known state. Clones share it.
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
    /// Records a transaction that failed to begin or commit.
    pub fn failed(&self, error: &sqlx::Error) {
        if is_away(error) {
            self.known().works = Some(false);
        }
    }

    /// Records a commit. It may have written nothing, so the next check probes again.
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
    /// Checks that the database is reachable and writable. The result is cached, so frequent
    /// calls are cheap.
    ///
    /// # Errors
    /// `unavailable` if it is not.
    pub async fn writable(&self, now: Millis) -> Result<()> {
        if let Err(error) = self.ping().await {
            *self.writes.known() = Known::default();
            return Err(error);
        }
        let _one_at_a_time = self.writes.probing.lock().await;
        let works = {
            let known = self.writes.known();
            // A probe in the future comes from a clock that was corrected since.
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

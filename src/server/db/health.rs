//! Whether the database is writable: known from the last write, or else from a small probe.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Db, schema};
use crate::model::code::Code;
use crate::server::clock::{Millis, SECOND};
use crate::server::error::{Error, Result, is_away};

/// How long a probe's result is cached, so that frequent requests don't cause more writes.
const CACHE_TIME: Millis = 5 * SECOND;

/// The known state. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct WriteHealth {
    state: Arc<Mutex<ProbeState>>,
    probing: Arc<tokio::sync::Mutex<()>>,
}

#[derive(Debug, Default)]
struct ProbeState {
    writable: Option<bool>,
    probed_at: Option<Millis>,
}

impl WriteHealth {
    /// Records a transaction that failed to begin or commit.
    pub fn failed(&self, error: &sqlx::Error) {
        if is_away(error) {
            self.state().writable = Some(false);
        }
    }

    /// Records a commit. It may have written nothing, so the next check probes again.
    pub fn committed(&self) {
        let mut state = self.state();
        if state.writable == Some(false) {
            *state = ProbeState::default();
        }
    }

    fn state(&self) -> MutexGuard<'_, ProbeState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
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
            *self.write_health.state() = ProbeState::default();
            return Err(error);
        }
        let _one_at_a_time = self.write_health.probing.lock().await;
        let writable = {
            let state = self.write_health.state();
            // A probe in the future comes from a clock that was corrected since.
            let is_fresh = state.probed_at.is_some_and(|at| (at..at + CACHE_TIME).contains(&now));
            state.writable.filter(|_| is_fresh)
        };
        let writable = match writable {
            Some(writable) => writable,
            None => {
                let writable =
                    self.probe().await.inspect_err(|error| tracing::warn!(%error, "the write probe failed")).is_ok();
                *self.write_health.state() = ProbeState { writable: Some(writable), probed_at: Some(now) };
                writable
            }
        };
        writable.then_some(()).ok_or(Error::from(Code::Unavailable))
    }

    async fn probe(&self) -> Result<()> {
        let mut tx = self.begin().await?;
        schema::write_probe(tx.on()).await?;
        tx.commit().await
    }
}

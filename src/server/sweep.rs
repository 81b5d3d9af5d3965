//! Periodic clean-up: ends sessions past a limit and deletes rows past their retention.

use std::time::Duration;

use crate::model::policy::Policy;
use crate::server::administration::jobs::LIFETIME as JOB_LIFETIME;
use crate::server::audit::{Action, Event};
use crate::server::clock::{DAY, MINUTE, Millis, latest};
use crate::server::db::sessions::{ends, life};
use crate::server::db::{Tx, audit, buckets, jobs, kept, links, people, policy};
use crate::server::error::Result;
use crate::server::kept::LIFETIME;
use crate::server::lockout::user_limit;
use crate::server::sessions::end::end_overdue_in;
use crate::server::sessions::pending::write_pending;
use crate::server::state::{AppState, Panel};
use crate::server::users::search;

/// The interval of the background sweep.
const INTERVAL: Duration = Duration::from_secs(15 * 60);

/// The interval of retries for sign-outs that the database could not store.
const RETRY: Duration = Duration::from_secs(1);

/// The result of a sweep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SweepReport {
    /// The number of sessions that were past a limit and were ended.
    pub ended: usize,
    /// The number of ended sessions that were past their retention and were deleted.
    pub deleted: u64,
}

/// Ends sessions past a limit and deletes rows past their retention.
///
/// # Errors
/// `unavailable`; then the sweep changed nothing.
pub async fn sweep(panel: &Panel) -> Result<SweepReport> {
    let now = panel.clock.now();
    let policy = policy::read(&panel.db).await?.policy;
    let retained = now - i64::from(policy.retention_days) * DAY;
    // No bucket has a longer window.
    let window = user_limit(&policy).window.max(15 * MINUTE);
    let mut tx = panel.db.begin().await?;
    correct_future_times(&mut tx, &policy, now).await?;
    let ended = end_overdue_in(&mut tx, &policy, Event::of_system(Action::SessionEnded, now)).await?;
    let deleted = ends::sweep(tx.on(), retained).await?;
    audit::allow_sweep(tx.on(), retained).await?;
    audit::sweep(tx.on(), retained).await?;
    links::sweep(tx.on(), now - 30 * DAY).await?;
    kept::sweep(tx.on(), now - LIFETIME).await?;
    jobs::sweep(tx.on(), now - JOB_LIFETIME).await?;
    people::sweep_former(tx.on(), retained).await?;
    buckets::sweep_attempts(tx.on(), now - window).await?;
    buckets::sweep(tx.on(), now).await?;
    tx.commit().await?;
    search::index_missing(&panel.db).await?;
    // The sweep is already committed, so an error here is ignored. The next sweep shrinks the
    // file again.
    let _ = panel.db.tidy().await;
    Ok(SweepReport { ended, deleted })
}

/// Corrects times that a clock ahead has written and that no request has corrected since.
/// Otherwise they would only start to count when the clock reaches them.
async fn correct_future_times(tx: &mut Tx, policy: &Policy, now: Millis) -> Result<()> {
    let lock = user_limit(policy).lock.unwrap_or_default();
    buckets::correct_all_attempts(tx.on(), now).await?;
    buckets::correct_all_locks(tx.on(), now + lock).await?;
    life::correct_all_times(tx.on(), now).await?;
    links::sweep_ahead(tx.on(), latest(now)).await?;
    ends::correct_ends(tx.on(), now).await?;
    Ok(())
}

/// Starts the background tasks: the sweep, and the retries for pending sign-outs. They end when
/// the server shuts down.
pub fn spawn(panel: AppState) {
    let sweeping = panel.clone();
    tokio::spawn(run_every(panel.clone(), INTERVAL, async move |_| sweep(&sweeping).await.map(drop)));
    let writing = panel.clone();
    tokio::spawn(run_every(panel, RETRY, async move |_| write_pending(&writing).await));
}

async fn run_every(panel: AppState, pause: Duration, work: impl AsyncFn(()) -> Result<()>) {
    let mut ticks = tokio::time::interval(pause);
    loop {
        tokio::select! {
            () = panel.shutdown.cancelled() => return,
            _ = ticks.tick() => {
                if let Err(error) = work(()).await {
                    tracing::warn!(%error, "a background task will try again");
                }
            }
        }
    }
}

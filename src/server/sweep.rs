//! Tidying up: what retention has passed is deleted, what is over is ended.

use std::time::Duration;

use crate::model::policy::Policy;
use crate::server::audit::{Action, Event};
use crate::server::clock::{DAY, MINUTE, Millis, latest};
use crate::server::db::sessions::{ends, life};
use crate::server::db::{Tx, audit, buckets, links, policy};
use crate::server::error::Result;
use crate::server::lockout::person_limit;
use crate::server::sessions::end::end_overdue_in;
use crate::server::sessions::kept::write_kept;
use crate::server::state::{AppState, Panel};

/// How often the background task sweeps.
const EVERY: Duration = Duration::from_secs(15 * 60);

/// How often sign-outs that the database could not take are tried again.
const RETRY: Duration = Duration::from_secs(1);

/// What a sweep has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Swept {
    /// Sessions that were past a limit, and have now ended.
    pub ended: usize,
    /// Ended sessions that were past their retention.
    pub deleted: u64,
}

/// Ends what is past its limits and deletes what is past its retention.
///
/// # Errors
/// `unavailable`; then nothing was swept.
pub async fn sweep(panel: &Panel) -> Result<Swept> {
    let now = panel.clock.now();
    let policy = policy::read(&panel.db).await?.policy;
    let retained = now - i64::from(policy.retention_days) * DAY;
    // No bucket counts longer than the longest window.
    let window = person_limit(&policy).window.max(15 * MINUTE);
    let mut tx = panel.db.begin().await?;
    bring_back_in(&mut tx, &policy, now).await?;
    let ended = end_overdue_in(&mut tx, &policy, Event::of_system(Action::SessionEnded, now)).await?;
    let deleted = ends::sweep(tx.on(), retained).await?;
    audit::allow_sweep(tx.on(), retained).await?;
    audit::sweep(tx.on(), retained).await?;
    links::sweep(tx.on(), now - 30 * DAY).await?;
    buckets::sweep_attempts(tx.on(), now - window).await?;
    buckets::sweep(tx.on(), now).await?;
    tx.commit().await?;
    // What was swept is swept; the file may shrink the next time.
    let _ = panel.db.tidy().await;
    Ok(Swept { ended, deleted })
}

/// Takes back what a clock that was ahead has written and nobody has met since:
/// it would wait for its time, and last from then.
async fn bring_back_in(tx: &mut Tx, policy: &Policy, now: Millis) -> Result<()> {
    let lock = person_limit(policy).lock.unwrap_or_default();
    buckets::bring_back_attempts(tx.on(), now).await?;
    buckets::bring_back_locks(tx.on(), now + lock).await?;
    life::bring_back_all(tx.on(), now).await?;
    links::sweep_ahead(tx.on(), latest(now)).await?;
    ends::bring_back(tx.on(), now).await?;
    Ok(())
}

/// Sweeps now and then, and writes sign-outs that waited for the database,
/// until the server shuts down.
pub fn spawn(panel: AppState) {
    let sweeping = panel.clone();
    tokio::spawn(every(panel.clone(), EVERY, async move |_| sweep(&sweeping).await.map(drop)));
    let writing = panel.clone();
    tokio::spawn(every(panel, RETRY, async move |_| write_kept(&writing).await));
}

async fn every(panel: AppState, pause: Duration, work: impl AsyncFn(()) -> Result<()>) {
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

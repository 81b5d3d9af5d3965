//! Tidying up: what retention has passed is deleted, what is over is ended.

use std::time::Duration;

use crate::model::policy::Policy;
use crate::server::audit::{Action, Event};
use crate::server::clock::{DAY, MINUTE, Millis, latest};
use crate::server::db::{Tx, execute, policy, queries};
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
    let deleted = execute!(tx.on(), queries::SESSIONS_SWEEP, retained)?;
    execute!(tx.on(), queries::AUDIT_SWEEP_BEFORE, retained)?;
    execute!(tx.on(), queries::AUDIT_SWEEP, retained)?;
    execute!(tx.on(), queries::LINKS_SWEEP, now - 30 * DAY)?;
    execute!(tx.on(), queries::ATTEMPTS_SWEEP, now - window)?;
    execute!(tx.on(), queries::BUCKETS_SWEEP, now)?;
    tx.commit().await?;
    // What was swept is swept; the file may shrink the next time.
    let _ = panel.db.tidy().await;
    Ok(Swept { ended, deleted })
}

/// Takes back what a clock that was ahead has written and nobody has met since:
/// it would wait for its time, and last from then.
async fn bring_back_in(tx: &mut Tx, policy: &Policy, now: Millis) -> Result<()> {
    let lock = person_limit(policy).lock.unwrap_or_default();
    execute!(tx.on(), queries::ATTEMPTS_SWEEP_AHEAD, now)?;
    execute!(tx.on(), queries::BUCKETS_SWEEP_AHEAD, now + lock)?;
    execute!(tx.on(), queries::SESSIONS_BRING_BACK, now)?;
    execute!(tx.on(), queries::LINKS_SWEEP_AHEAD, latest(now))?;
    execute!(tx.on(), queries::SESSIONS_ENDED_AHEAD, now)?;
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
                if let Err(failure) = work(()).await {
                    tracing::warn!(%failure, "a background task will try again");
                }
            }
        }
    }
}

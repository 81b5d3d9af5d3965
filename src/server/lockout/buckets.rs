//! Counting attempts: one algorithm for people, addresses and everything else
//! that is bounded.
//!
//! A bucket counts the attempts of a sliding window, one row each. The row of the
//! bucket itself is locked first, so parallel attempts queue for it; then one
//! statement counts and refuses. Times that lie ahead of now were written by a
//! clock that was ahead: they are brought back to now when they are met, so that
//! what restricts lasts at most its policy from then on.

use sqlx::FromRow;

use crate::server::clock::Millis;
use crate::server::db::{Db, Tx, execute, fetch_optional, queries};
use crate::server::error::{Result, internal};

/// Reads how it stands with a bucket.
macro_rules! standing {
    ($on:expr, $bucket:expr, $limit:expr, $now:expr) => {
        fetch_optional!(
            $on,
            Standing,
            queries::BUCKET_STANDING,
            $bucket,
            $limit.window_start($now),
            $now,
            i64::from($limit.attempts.saturating_sub(1)),
        )?
    };
}

/// How many attempts a bucket takes.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    pub attempts: u32,
    /// The window in which they are counted, in milliseconds.
    pub window: Millis,
    /// How long the last of them locks the bucket; `None` where only the window binds.
    pub lock: Option<Millis>,
}

/// A bucket takes no more attempts until then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full {
    pub until: Millis,
}

/// How it stands with a bucket.
#[derive(FromRow)]
struct Standing {
    locked_until: Option<Millis>,
    /// Attempts that count.
    used: i64,
    newest: Option<Millis>,
    /// The attempt whose leaving the window makes room for another, in a full bucket.
    frees: Option<Millis>,
}

impl Standing {
    fn full(&self, limit: Limit, now: Millis) -> Option<Full> {
        match self.locked_until {
            Some(until) if until > now => Some(Full { until }),
            _ if limit.left(self.used) > 0 => None,
            _ => Some(Full { until: self.frees.unwrap_or(now) + limit.window }),
        }
    }

    fn lies_ahead(&self, limit: Limit, now: Millis) -> bool {
        self.locked_until.is_some_and(|until| until > limit.lock_end(now)) || self.newest.is_some_and(|at| at > now)
    }
}

impl Limit {
    fn window_start(self, now: Millis) -> Millis {
        now - self.window
    }

    /// The latest that a lock may end which is met now.
    fn lock_end(self, now: Millis) -> Millis {
        now + self.lock.unwrap_or_default()
    }

    fn left(self, used: i64) -> u32 {
        self.attempts.saturating_sub(u32::try_from(used).unwrap_or(u32::MAX))
    }
}

/// Until when a bucket is full, if it is. Charges nothing.
///
/// # Errors
/// `unavailable`.
pub async fn look(db: &Db, bucket: &str, limit: Limit, now: Millis) -> Result<Option<Full>> {
    let Some(found) = standing!(db.reader(), bucket, limit, now) else { return Ok(None) };
    if !found.lies_ahead(limit, now) {
        return Ok(found.full(limit, now));
    }
    let mut tx = db.begin().await?;
    meet(&mut tx, bucket, limit, now).await?;
    let full = standing!(tx.on(), bucket, limit, now).and_then(|found| found.full(limit, now));
    tx.commit().await?;
    Ok(full)
}

/// Charges one attempt and says how many are left after it; or until when the
/// bucket is full, and then nothing is charged. `id` names the attempt.
///
/// # Errors
/// `unavailable`; then nothing of the transaction happened.
pub async fn charge(
    tx: &mut Tx,
    bucket: &str,
    id: &str,
    limit: Limit,
    now: Millis,
) -> Result<std::result::Result<u32, Full>> {
    meet(tx, bucket, limit, now).await?;
    let (start, most) = (limit.window_start(now), i64::from(limit.attempts));
    let charged = execute!(tx.on(), queries::ATTEMPT_CHARGE, bucket, id, now, start, most)? > 0;
    let found = standing!(tx.on(), bucket, limit, now).ok_or_else(|| internal("a bucket is gone while it is held"))?;
    if !charged {
        return Ok(Err(found.full(limit, now).unwrap_or(Full { until: now })));
    }
    let left = limit.left(found.used);
    if left == 0 && limit.lock.is_some() {
        execute!(tx.on(), queries::BUCKET_LOCK, limit.lock_end(now), bucket)?;
    }
    Ok(Ok(left))
}

/// Forgets a bucket: its attempts and its lock.
///
/// # Errors
/// `unavailable`; then nothing of the transaction happened.
pub async fn clear(tx: &mut Tx, bucket: &str) -> Result<()> {
    execute!(tx.on(), queries::ATTEMPTS_CLEAR, bucket)?;
    execute!(tx.on(), queries::BUCKET_CLEAR, bucket)?;
    Ok(())
}

/// Takes one attempt back from every bucket it counts in, and the lock it may
/// have brought to one of them.
///
/// # Errors
/// `unavailable`; then nothing of the transaction happened.
pub async fn take_back(tx: &mut Tx, id: &str, locked: Option<&str>) -> Result<()> {
    execute!(tx.on(), queries::ATTEMPT_TAKE_BACK, id)?;
    if let Some(bucket) = locked {
        execute!(tx.on(), queries::BUCKET_UNLOCK, bucket)?;
    }
    Ok(())
}

/// Holds the bucket's row for this transaction, and brings back what lies ahead of now.
async fn meet(tx: &mut Tx, bucket: &str, limit: Limit, now: Millis) -> Result<()> {
    execute!(tx.on(), queries::BUCKET_MEET, bucket, limit.lock_end(now))?;
    execute!(tx.on(), queries::ATTEMPTS_BRING_BACK, bucket, now)?;
    Ok(())
}

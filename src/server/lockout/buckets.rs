//! The rate limiter: one algorithm for users, addresses and everything else that is limited.
//!
//! A bucket counts the attempts in a sliding window, one row per attempt. A charge first locks
//! the bucket's row, which serialises parallel attempts. One statement then counts and refuses.
//! Times in the future were written by a clock that was ahead. They are reset to now when they
//! are found, so that a lock or window lasts at most its full length from then on.

use sqlx::{PgExecutor, SqliteExecutor};

use crate::server::clock::Millis;
use crate::server::db::buckets::{self, BucketState};
use crate::server::db::{Db, On, Tx};
use crate::server::error::{Result, internal};

/// The limit of a bucket: attempts per window.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    pub attempts: u32,
    /// The length of the sliding window, in milliseconds.
    pub window: Millis,
    /// How long the last allowed attempt locks the bucket, in milliseconds. `None` if only the
    /// window limits.
    pub lock: Option<Millis>,
}

/// A full or locked bucket, and when it accepts attempts again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full {
    pub until: Millis,
}

impl BucketState {
    fn full(&self, limit: Limit, now: Millis) -> Option<Full> {
        match self.locked_until {
            Some(until) if until > now => Some(Full { until }),
            _ if limit.left(self.used) > 0 => None,
            _ => Some(Full { until: self.frees.unwrap_or(now) + limit.window }),
        }
    }

    fn is_in_future(&self, limit: Limit, now: Millis) -> bool {
        self.locked_until.is_some_and(|until| until > limit.lock_end(now)) || self.newest.is_some_and(|at| at > now)
    }
}

impl Limit {
    async fn state<'e>(
        self,
        on: On<impl SqliteExecutor<'e>, impl PgExecutor<'e>>,
        bucket: &str,
        now: Millis,
    ) -> sqlx::Result<Option<BucketState>> {
        buckets::state(on, bucket, self.window_start(now), now, self.newer()).await
    }

    /// How many attempts are newer than the one whose expiry makes room in a full bucket.
    fn newer(self) -> i64 {
        i64::from(self.attempts.saturating_sub(1))
    }

    fn window_start(self, now: Millis) -> Millis {
        now - self.window
    }

    /// The latest valid end of a lock, as of now.
    fn lock_end(self, now: Millis) -> Millis {
        now + self.lock.unwrap_or_default()
    }

    fn left(self, used: i64) -> u32 {
        self.attempts.saturating_sub(u32::try_from(used).unwrap_or(u32::MAX))
    }
}

/// When a bucket accepts attempts again, if it is full. Charges nothing.
///
/// # Errors
/// `unavailable`.
pub async fn full_until(db: &Db, bucket: &str, limit: Limit, now: Millis) -> Result<Option<Full>> {
    let (start, newer) = (limit.window_start(now), limit.newer());
    let Some(found) = buckets::committed_state(db, bucket, start, now, newer).await? else { return Ok(None) };
    if !found.is_in_future(limit, now) {
        return Ok(found.full(limit, now));
    }
    let mut tx = db.begin().await?;
    buckets::lock_row(tx.on(), bucket, limit.lock_end(now)).await?;
    buckets::correct_attempts(tx.on(), bucket, now).await?;
    let full = limit.state(tx.on(), bucket, now).await?.and_then(|found| found.full(limit, now));
    tx.commit().await?;
    Ok(full)
}

/// Charges one attempt and returns how many are left. If the bucket is full, charges nothing
/// and returns when it accepts attempts again. `id` names the attempt.
///
/// # Errors
/// `unavailable`; then the transaction is rolled back.
pub async fn charge(
    tx: &mut Tx,
    bucket: &str,
    id: &str,
    limit: Limit,
    now: Millis,
) -> Result<std::result::Result<u32, Full>> {
    buckets::lock_row(tx.on(), bucket, limit.lock_end(now)).await?;
    let (start, most) = (limit.window_start(now), i64::from(limit.attempts));
    let charged = buckets::charge(tx.on(), bucket, id, now, start, most).await? > 0;
    let mut found = limit.state(tx.on(), bucket, now).await?;
    if found.as_ref().is_some_and(|found| found.is_in_future(limit, now)) {
        buckets::correct_attempts(tx.on(), bucket, now).await?;
        found = limit.state(tx.on(), bucket, now).await?;
    }
    let found = found.ok_or_else(|| internal("a locked bucket disappeared"))?;
    if !charged {
        return Ok(Err(found.full(limit, now).unwrap_or(Full { until: now })));
    }
    let left = limit.left(found.used);
    if left == 0 && limit.lock.is_some() {
        buckets::lock(tx.on(), limit.lock_end(now), bucket).await?;
    }
    Ok(Ok(left))
}

/// Deletes a bucket's attempts and its lock, and takes the attempt `id` back from every bucket that counts it.
///
/// # Errors
/// `unavailable`; then the transaction is rolled back.
pub async fn clear(tx: &mut Tx, bucket: &str, id: &str) -> Result<()> {
    buckets::clear_with(tx.on(), bucket, id).await?;
    buckets::remove(tx.on(), bucket).await?;
    Ok(())
}

/// Takes one attempt back from every bucket that counts it, and removes the lock of the bucket
/// `locked`, which the attempt may have caused.
///
/// # Errors
/// `unavailable`; then the transaction is rolled back.
pub async fn refund(tx: &mut Tx, id: &str, locked: Option<&str>) -> Result<()> {
    buckets::refund(tx.on(), id).await?;
    if let Some(bucket) = locked {
        buckets::unlock(tx.on(), bucket).await?;
    }
    Ok(())
}

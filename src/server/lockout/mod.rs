//! Lockout: rate limits on wrong passwords, per email and per address.
//!
//! An attempt first waits for its [turn](crate::server::turns). If it is locked out or over a
//! limit, it is refused before it enters the hashing queue. It is charged *before* the password
//! is evaluated, in one statement that also refuses. Of any number of parallel attempts,
//! exactly the allowed number is evaluated, and a crash in between loses none. A successful
//! attempt is refunded.
//!
//! The attempts of a user are counted by user id, so changing the email does not reset the
//! count. Attempts with an unknown email are counted by the email. A browser in which the
//! account's owner has signed in before has a bucket of its own, which counts instead of the
//! other two. Strangers therefore can't lock the owner out. That bucket locks by the same
//! rules. A copy of the browser's `device` cookie shares it.
//!
//! NIST SP 800-63B-4 (3.2.2) caps consecutive failures at 100 and then disables the password.
//! Here a lock expires by itself and nothing is evaluated under it, so that strangers can't
//! disable an account.
//!
//! | file | what is in it |
//! |---|---|
//! | here | attempts at a password |
//! | [`buckets`] | the rate limiter |

pub mod buckets;

use uuid::Uuid;

use self::buckets::{Full, Limit, full_until};
use crate::model::code::Code;
use crate::model::email::Email;
use crate::model::policy::Policy;
use crate::model::text::Text;
use crate::server::clock::{MINUTE, Millis, seconds_until};
use crate::server::db::{self, Db, Tx};
use crate::server::device_cookie;
use crate::server::error::{Error, Result};
use crate::server::request::{RequestInfo, address_bucket};
use crate::server::state::Panel;
use crate::server::turns::Turn;

/// The buckets that count an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Buckets {
    /// The bucket of the user, of an unknown email, or of the owner's browser.
    name: String,
    /// The bucket of the address; `None` in the owner's browser.
    address: Option<String>,
}

/// A charged attempt with its turn. The next attempt of the bucket is evaluated after this is
/// dropped.
pub struct ChargedAttempt {
    id: String,
    buckets: Buckets,
    /// How many attempts are left.
    pub left: u32,
    _turn: Turn,
}

impl Buckets {
    /// The buckets for an email. `known` is the id and the `device_epoch` of its user.
    pub fn of(panel: &Panel, info: &RequestInfo, email: &Email, known: Option<(&str, i64)>) -> Buckets {
        let device = known.and_then(|(user_id, epoch)| device_cookie::device_of(panel, info, user_id, epoch));
        match (device, known) {
            (Some(device), _) => {
                Buckets { name: format!("device:{}:{}", device.user_id, device.device_id), address: None }
            }
            (None, Some((user_id, _))) => Buckets::with_address(info, format!("user:{user_id}")),
            (None, None) => Buckets::with_address(info, format!("email:{}", email.as_str())),
        }
    }

    fn with_address(info: &RequestInfo, name: String) -> Buckets {
        Buckets { name, address: Some(format!("address:{}", address_bucket(info.address))) }
    }

    /// Waits for the attempt's turn.
    ///
    /// # Errors
    /// `unavailable` if the queue is full or the wait too long; then nothing was charged.
    pub async fn turn(&self, panel: &Panel) -> Result<Turn> {
        panel.turns.take(&self.name).await
    }
}

/// The limit of a user's bucket and of an owner's browser.
pub fn user_limit(policy: &Policy) -> Limit {
    Limit {
        attempts: policy.max_attempts,
        window: i64::from(policy.attempt_window_minutes) * MINUTE,
        lock: Some(i64::from(policy.lockout_minutes) * MINUTE),
    }
}

/// The limit of an address's bucket.
pub fn address_limit(policy: &Policy) -> Limit {
    Limit { attempts: policy.address_limit, lock: None, ..user_limit(policy) }
}

/// Refuses attempts that are locked out or over a limit. Charges nothing, so that repeated
/// requests don't use up the attempts of others.
///
/// # Errors
/// `account_locked` or `too_many_requests`, with the remaining seconds; `unavailable`.
pub async fn check(db: &Db, policy: &Policy, buckets: &Buckets, now: Millis) -> Result<()> {
    if let Some(full) = full_until(db, &buckets.name, user_limit(policy), now).await? {
        return Err(refused(Code::AccountLocked, full, now));
    }
    if let Some(address) = &buckets.address
        && let Some(full) = full_until(db, address, address_limit(policy), now).await?
    {
        return Err(refused(Code::TooManyRequests, full, now));
    }
    Ok(())
}

/// Charges the attempt that has the turn.
///
/// # Errors
/// `account_locked` or `too_many_requests`, with the remaining seconds; then nothing was
/// charged. `unavailable`.
pub async fn charge(db: &Db, policy: &Policy, buckets: Buckets, turn: Turn, now: Millis) -> Result<ChargedAttempt> {
    let id = Uuid::now_v7().to_string();
    // On a refusal, dropping the transaction rolls back the first charge.
    let mut tx = db.begin().await?;
    let left = buckets::charge(&mut tx, &buckets.name, &id, user_limit(policy), now).await?;
    let left = left.map_err(|full| refused(Code::AccountLocked, full, now))?;
    if let Some(address) = &buckets.address {
        let charged = buckets::charge(&mut tx, address, &id, address_limit(policy), now).await?;
        charged.map_err(|full| refused(Code::TooManyRequests, full, now))?;
    }
    tx.commit().await?;
    Ok(ChargedAttempt { id, buckets, left, _turn: turn })
}

/// Records a success: clears the bucket that counted the attempt, and refunds the address's
/// bucket.
///
/// # Errors
/// `unavailable`.
pub async fn succeeded(tx: &mut Tx, charged: &ChargedAttempt) -> Result<()> {
    buckets::clear(tx, &charged.buckets.name, &charged.id).await
}

/// Refunds an attempt that must not count: the right password of a disabled account.
///
/// # Errors
/// `unavailable`.
pub async fn refund(tx: &mut Tx, charged: &ChargedAttempt) -> Result<()> {
    let locked = (charged.left == 0).then_some(charged.buckets.name.as_str());
    buckets::refund(tx, &charged.id, locked).await
}

/// Lifts an email's lockout and deletes its failures, including those in its owner's browsers.
/// Returns whether there were any.
///
/// # Errors
/// `unavailable`.
pub async fn lift(tx: &mut Tx, email: &Email) -> Result<bool> {
    let forgotten = db::buckets::clear_user(tx.on(), email.as_typed(), email.as_str()).await?;
    db::buckets::remove_user(tx.on(), email.as_typed(), email.as_str()).await?;
    Ok(forgotten > 0)
}

/// The error of a rate limit other than the sign-in's.
pub fn too_many(full: Full, now: Millis) -> Error {
    refused(Code::TooManyRequests, full, now).with(|details| details.text = Some(Text::ErrorTooManyTries))
}

/// The error of a full bucket, with the seconds until it accepts attempts again.
fn refused(code: Code, full: Full, now: Millis) -> Error {
    let seconds = seconds_until(full.until, now).max(1);
    Error::from(code).with(|details| details.remaining_seconds = Some(seconds))
}

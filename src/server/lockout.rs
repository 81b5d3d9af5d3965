//! Lockout: how many wrong passwords an identifier and an address have.
//!
//! An attempt is charged *before* the password is looked at, in one statement
//! that also refuses: of any number of parallel attempts, exactly the allowed
//! ones are evaluated, and a crash in between forgets none. A success gives its
//! charge back.
//!
//! A browser in which the account's owner has signed in before is counted in a
//! bucket of its own, neither by identifier nor by address: whatever strangers
//! do to these, they can't keep the owner out. The bucket locks by the same
//! rules, and a copy of the browser's `device` cookie shares it.
//!
//! NIST SP 800-63B-4 (3.2.2) caps consecutive failures at 100 and
//! then disables the password; here nothing is evaluated under a lock and the
//! lock ends by itself, so that nobody can disable somebody else's account.

use super::clock::{MINUTE, Millis, seconds_until};
use super::db::{Db, Tx, execute, fetch_optional, queries};
use super::device_cookie;
use super::error::Result;
use super::request::{Visit, address_bucket};
use super::state::Panel;
use crate::model::email::Email;
use crate::model::failure::{Code, Failure};
use crate::model::policy::Policy;

/// What an attempt is counted in.
#[derive(Clone, Debug)]
pub struct Buckets {
    /// The identifier, or the owner's own browser.
    name: String,
    /// The address; `None` in the owner's own browser.
    address: Option<String>,
}

impl Buckets {
    /// The buckets of an attempt on an email; `known` is the id and the
    /// `device_epoch` of the user who has it.
    pub fn of(panel: &Panel, visit: &Visit, email: &Email, known: Option<(&str, i64)>) -> Buckets {
        let device = known.and_then(|(user_id, epoch)| device_cookie::of_user(panel, visit, user_id, epoch));
        match device {
            // An email has an `@`: no identifier is ever named like this.
            Some(device) => Buckets { name: format!("device:{}:{}", device.user_id, device.device_id), address: None },
            None => Buckets { name: email.as_str().to_owned(), address: Some(address_bucket(visit.address)) },
        }
    }
}

/// Charges one attempt; says how many are left after it.
///
/// # Errors
/// `account_locked` or `too_many_requests`, with the remaining seconds; then
/// nothing was charged. `unavailable`.
pub async fn charge(db: &Db, policy: &Policy, buckets: &Buckets, now: Millis) -> Result<u32> {
    // Dropping the transaction takes back what was charged before a refusal.
    let mut tx = db.begin().await?;
    let left = charge_name(&mut tx, policy, &buckets.name, now).await?;
    if let Some(address) = &buckets.address {
        charge_address(&mut tx, policy, address, now).await?;
    }
    tx.commit().await?;
    Ok(left)
}

async fn charge_name(tx: &mut Tx, policy: &Policy, bucket: &str, now: Millis) -> Result<u32> {
    let window_start = now - i64::from(policy.attempt_window_minutes) * MINUTE;
    let lock_end = now + i64::from(policy.lockout_minutes) * MINUTE;
    // The newest of the attempts before that must lie in the window for this one to be the last.
    let position = i64::from(policy.max_attempts - 2) * ENTRY + 1;
    let charged = fetch_optional!(
        tx.on(),
        (String, Option<Millis>),
        queries::LOCKOUT_CHARGE,
        bucket,
        digits(now),
        position,
        digits(window_start),
        lock_end,
        now,
    )?;
    match charged {
        Some((_, Some(_))) => Ok(0),
        Some((recent, None)) => {
            let used = recent.split(',').filter(|at| **at > *digits(window_start)).count();
            Ok(policy.max_attempts.saturating_sub(u32::try_from(used).unwrap_or(u32::MAX)))
        }
        None => Err(locked(locked_until(tx, bucket).await?.unwrap_or(now), now)),
    }
}

async fn charge_address(tx: &mut Tx, policy: &Policy, bucket: &str, now: Millis) -> Result<()> {
    let window = i64::from(policy.attempt_window_minutes) * MINUTE;
    let limit = i64::from(policy.address_limit);
    let charged = fetch_optional!(tx.on(), (i64,), queries::ADDRESS_CHARGE, bucket, now, now - window, limit)?;
    if charged.is_some() {
        return Ok(());
    }
    let started = fetch_optional!(tx.on(), (Millis,), queries::ADDRESS_WINDOW_OF, bucket)?;
    let ends = started.map_or(now, |(at,)| at + window);
    Err(Failure { remaining_seconds: Some(seconds_until(ends, now).max(1)), ..Failure::new(Code::TooManyRequests) })
}

/// A success clears the bucket it was counted in, and takes its charge off the address.
///
/// # Errors
/// `unavailable`.
pub async fn succeeded(tx: &mut Tx, buckets: &Buckets) -> Result<()> {
    execute!(tx.on(), queries::LOCKOUT_CLEAR, buckets.name.as_str())?;
    refund_address(tx, buckets).await
}

/// An attempt that counts nowhere: the right password of an inactive account.
///
/// # Errors
/// `unavailable`.
pub async fn refund(tx: &mut Tx, buckets: &Buckets) -> Result<()> {
    execute!(tx.on(), queries::LOCKOUT_REFUND, buckets.name.as_str())?;
    refund_address(tx, buckets).await
}

async fn refund_address(tx: &mut Tx, buckets: &Buckets) -> Result<()> {
    if let Some(address) = &buckets.address {
        execute!(tx.on(), queries::ADDRESS_REFUND, address.as_str())?;
    }
    Ok(())
}

/// Lifts an identifier's lockout and forgets its failures, those in its owner's
/// own browsers too; says whether there were any.
///
/// # Errors
/// `unavailable`.
pub async fn lift(tx: &mut Tx, email: &Email) -> Result<bool> {
    Ok(execute!(tx.on(), queries::LOCKOUT_LIFT, email.as_str())? > 0)
}

async fn locked_until(tx: &mut Tx, bucket: &str) -> Result<Option<Millis>> {
    let row = fetch_optional!(tx.on(), (Option<Millis>,), queries::LOCKOUT_OF, bucket)?;
    Ok(row.and_then(|(until,)| until))
}

fn locked(until: Millis, now: Millis) -> Failure {
    Failure { remaining_seconds: Some(seconds_until(until, now).max(1)), ..Failure::new(Code::AccountLocked) }
}

/// Characters of a time in the list, with its comma.
const ENTRY: i64 = 14;

/// A time as 13 digits, which sort as text (until the year 2286).
fn digits(at: Millis) -> String {
    format!("{:013}", at.max(0))
}

//! Lockout: how many wrong passwords an identifier and an address have.
//!
//! An attempt is charged *before* the password is looked at, in one statement
//! that also refuses: of any number of parallel attempts, exactly the allowed
//! ones are evaluated, and a crash in between forgets none. A success gives its
//! charge back. NIST SP 800-63B-4 (3.2.2) caps consecutive failures at 100 and
//! then disables the password; here nothing is evaluated under a lock and the
//! lock ends by itself, so that nobody can disable somebody else's account.

use std::net::IpAddr;

use super::clock::{MINUTE, Millis, seconds_until};
use super::db::{Db, Tx, execute, fetch_optional, queries};
use super::error::Result;
use super::request::address_bucket;
use crate::model::email::Email;
use crate::model::failure::{Code, Failure};
use crate::model::policy::Policy;

/// What an attempt is counted in.
#[derive(Clone, Debug)]
pub struct Buckets {
    identifier: String,
    address: String,
}

impl Buckets {
    pub fn new(email: &Email, address: IpAddr) -> Buckets {
        Buckets { identifier: email.as_str().to_owned(), address: address_bucket(address) }
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
    let left = charge_identifier(&mut tx, policy, &buckets.identifier, now).await?;
    charge_address(&mut tx, policy, &buckets.address, now).await?;
    tx.commit().await?;
    Ok(left)
}

async fn charge_identifier(tx: &mut Tx, policy: &Policy, bucket: &str, now: Millis) -> Result<u32> {
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

/// A success clears its identifier and takes its charge off the address.
///
/// # Errors
/// `unavailable`.
pub async fn succeeded(tx: &mut Tx, buckets: &Buckets) -> Result<()> {
    execute!(tx.on(), queries::LOCKOUT_CLEAR, buckets.identifier.as_str())?;
    execute!(tx.on(), queries::ADDRESS_REFUND, buckets.address.as_str())?;
    Ok(())
}

/// An attempt that counts nowhere: the right password of an inactive account.
///
/// # Errors
/// `unavailable`.
pub async fn refund(tx: &mut Tx, buckets: &Buckets) -> Result<()> {
    execute!(tx.on(), queries::LOCKOUT_REFUND, buckets.identifier.as_str())?;
    execute!(tx.on(), queries::ADDRESS_REFUND, buckets.address.as_str())?;
    Ok(())
}

/// Lifts an identifier's lockout and forgets its failures; says whether there were any.
///
/// # Errors
/// `unavailable`.
pub async fn lift(tx: &mut Tx, email: &Email) -> Result<bool> {
    Ok(execute!(tx.on(), queries::LOCKOUT_CLEAR, email.as_str())? > 0)
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

//! Lockout: how many wrong passwords an identifier and an address have.
//!
//! An attempt takes its [turn](crate::server::turns), and what is locked or limited is refused
//! before it takes a place at the hash. It is charged *before* the password is
//! looked at, in one statement that also refuses: of any number of parallel
//! attempts, exactly the allowed ones are evaluated, and a crash in between
//! forgets none. A success gives its charge back.
//!
//! A user's attempts are counted by who they are, so a change of email opens no
//! new count; those on an email nobody has, by the email. A browser in which the
//! account's owner has signed in before is counted in a bucket of its own,
//! neither by identifier nor by address: whatever strangers do to these, they
//! can't keep the owner out. The bucket locks by the same rules, and a copy of
//! the browser's `device` cookie shares it.
//!
//! NIST SP 800-63B-4 (3.2.2) caps consecutive failures at 100 and
//! then disables the password; here nothing is evaluated under a lock and the
//! lock ends by itself, so that nobody can disable somebody else's account.
//!
//! | file | what is in it |
//! |---|---|
//! | here | attempts at a password |
//! | [`buckets`] | counting, for everything that is bounded |

pub mod buckets;

use uuid::Uuid;

use self::buckets::{Full, Limit, look};
use crate::model::email::Email;
use crate::model::failure::Code;
use crate::model::policy::Policy;
use crate::model::text::Text;
use crate::server::clock::{MINUTE, Millis, seconds_until};
use crate::server::db::{self, Db, Tx};
use crate::server::device_cookie;
use crate::server::error::{Error, Result};
use crate::server::request::{RequestInfo, address_bucket};
use crate::server::state::Panel;
use crate::server::turns::Turn;

/// What an attempt is counted in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Buckets {
    /// The user, the email nobody has, or the owner's own browser.
    name: String,
    /// The address; `None` in the owner's own browser.
    address: Option<String>,
}

/// An attempt that was charged, with its turn: the next one of its bucket is
/// looked at when this is dropped.
pub struct Charged {
    id: String,
    buckets: Buckets,
    /// How many attempts are left after it.
    pub left: u32,
    _turn: Turn,
}

impl Buckets {
    /// The buckets of an attempt on an email; `known` is the id and the
    /// `device_epoch` of the user who has it.
    pub fn of(panel: &Panel, info: &RequestInfo, email: &Email, known: Option<(&str, i64)>) -> Buckets {
        let device = known.and_then(|(user_id, epoch)| device_cookie::of_user(panel, info, user_id, epoch));
        match (device, known) {
            (Some(device), _) => {
                Buckets { name: format!("device:{}:{}", device.user_id, device.device_id), address: None }
            }
            (None, Some((user_id, _))) => Buckets::of_stranger(info, format!("user:{user_id}")),
            (None, None) => Buckets::of_stranger(info, format!("email:{}", email.as_str())),
        }
    }

    fn of_stranger(info: &RequestInfo, name: String) -> Buckets {
        Buckets { name, address: Some(format!("address:{}", address_bucket(info.address))) }
    }

    /// Waits for the turn of an attempt.
    ///
    /// # Errors
    /// `unavailable` when too many wait, or for too long; then nothing was charged.
    pub async fn turn(&self, panel: &Panel) -> Result<Turn> {
        panel.turns.take(&self.name).await
    }
}

/// The limit of a person's attempts, or of an own browser's.
pub fn person_limit(policy: &Policy) -> Limit {
    Limit {
        attempts: policy.max_attempts,
        window: i64::from(policy.attempt_window_minutes) * MINUTE,
        lock: Some(i64::from(policy.lockout_minutes) * MINUTE),
    }
}

/// The limit of an address.
pub fn address_limit(policy: &Policy) -> Limit {
    Limit { attempts: policy.address_limit, lock: None, ..person_limit(policy) }
}

/// Refuses what is locked or limited already, and charges nothing: whoever goes
/// on asking takes nothing from others.
///
/// # Errors
/// `account_locked` or `too_many_requests`, with the remaining seconds; `unavailable`.
pub async fn check(db: &Db, policy: &Policy, buckets: &Buckets, now: Millis) -> Result<()> {
    if let Some(full) = look(db, &buckets.name, person_limit(policy), now).await? {
        return Err(refused(Code::AccountLocked, full, now));
    }
    if let Some(address) = &buckets.address
        && let Some(full) = look(db, address, address_limit(policy), now).await?
    {
        return Err(refused(Code::TooManyRequests, full, now));
    }
    Ok(())
}

/// Charges one attempt, whose turn it is.
///
/// # Errors
/// `account_locked` or `too_many_requests`, with the remaining seconds; then
/// nothing was charged. `unavailable`.
pub async fn charge(db: &Db, policy: &Policy, buckets: Buckets, turn: Turn, now: Millis) -> Result<Charged> {
    let id = Uuid::now_v7().to_string();
    // Dropping the transaction takes back what was charged before a refusal.
    let mut tx = db.begin().await?;
    let left = buckets::charge(&mut tx, &buckets.name, &id, person_limit(policy), now).await?;
    let left = left.map_err(|full| refused(Code::AccountLocked, full, now))?;
    if let Some(address) = &buckets.address {
        let charged = buckets::charge(&mut tx, address, &id, address_limit(policy), now).await?;
        charged.map_err(|full| refused(Code::TooManyRequests, full, now))?;
    }
    tx.commit().await?;
    Ok(Charged { id, buckets, left, _turn: turn })
}

/// A success clears the bucket it was counted in, and takes its charge off the address.
///
/// # Errors
/// `unavailable`.
pub async fn succeeded(tx: &mut Tx, charged: &Charged) -> Result<()> {
    buckets::clear(tx, &charged.buckets.name).await?;
    buckets::take_back(tx, &charged.id, None).await
}

/// An attempt that counts nowhere: the right password of an inactive account.
///
/// # Errors
/// `unavailable`.
pub async fn refund(tx: &mut Tx, charged: &Charged) -> Result<()> {
    let locked = (charged.left == 0).then_some(charged.buckets.name.as_str());
    buckets::take_back(tx, &charged.id, locked).await
}

/// Lifts an identifier's lockout and forgets its failures, those in its owner's
/// own browsers too; says whether there were any.
///
/// # Errors
/// `unavailable`.
pub async fn lift(tx: &mut Tx, email: &Email) -> Result<bool> {
    let forgotten = db::buckets::clear_person(tx.on(), email.as_typed(), email.as_str()).await?;
    db::buckets::remove_person(tx.on(), email.as_typed(), email.as_str()).await?;
    Ok(forgotten > 0)
}

/// The refusal of whoever asks too often for something that is not a sign-in.
pub fn too_many(full: Full, now: Millis) -> Error {
    refused(Code::TooManyRequests, full, now).with(|details| details.text = Some(Text::ErrorTooManyTries))
}

/// The refusal of an attempt by a bucket that is full, with the seconds until it is not.
fn refused(code: Code, full: Full, now: Millis) -> Error {
    let seconds = seconds_until(full.until, now).max(1);
    Error::from(code).with(|details| details.remaining_seconds = Some(seconds))
}

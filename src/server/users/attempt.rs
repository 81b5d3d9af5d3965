//! One attempt at a password: lookup, turn, charge, hash.

use crate::model::email::Email;
use crate::model::policy::Policy;
use crate::server::audit::Action;
use crate::server::db::users::{self, SignInRow, SignInUser};
use crate::server::error::{Result, internal};
use crate::server::lockout::{self, Buckets, ChargedAttempt};
use crate::server::request::RequestInfo;
use crate::server::state::Panel;
use crate::server::turns::Turn;

/// The result of an attempt.
pub struct Attempt {
    pub policy: Policy,
    pub charged: ChargedAttempt,
    /// The user with the email, if there is one.
    pub user: Option<SignInUser>,
    /// The stored hash, if the password matched.
    pub matched: Option<String>,
    /// A new hash with today's parameters, if the password matched and the stored hash is
    /// weaker.
    pub rehashed: Option<String>,
}

/// The policy and user of a sign-in, and the buckets that count the attempt.
struct Lookup {
    policy: Policy,
    buckets: Buckets,
    user: Option<SignInUser>,
}

async fn look_up(panel: &Panel, info: &RequestInfo, email: &Email) -> Result<Lookup> {
    let row = users::of_sign_in(&panel.db, email.as_typed(), email.as_str()).await?;
    let (policy, user) = read_row(row)?;
    let known = user.as_ref().map(|user| (user.columns.id.as_str(), user.device_epoch));
    let buckets = Buckets::of(panel, info, email, known);
    Ok(Lookup { policy, buckets, user })
}

/// The policy and the user in a sign-in's row.
///
/// # Errors
/// `internal` without a row, or for an unreadable policy.
pub fn read_row(row: Option<SignInRow>) -> Result<(Policy, Option<SignInUser>)> {
    let row = row.ok_or_else(|| internal("there is no policy row"))?;
    Ok((Policy::read(&row.rules).map_err(internal)?, row.user.0))
}

/// Waits for the attempt's turn. Locked out attempts are refused without waiting, so that they
/// take no place in the queue.
async fn in_turn(panel: &Panel, info: &RequestInfo, email: &Email) -> Result<(Lookup, Turn)> {
    loop {
        let found = look_up(panel, info, email).await?;
        lockout::check(&panel.db, &found.policy, &found.buckets, info.now).await?;
        let turn = found.buckets.turn(panel).await?;
        if !turn.waited {
            return Ok((found, turn));
        }
        // Earlier attempts may have locked the bucket or changed the user or policy.
        let again = look_up(panel, info, email).await?;
        lockout::check(&panel.db, &again.policy, &again.buckets, info.now).await?;
        if again.buckets == found.buckets {
            return Ok((again, turn));
        }
    }
}

/// Tries a password. An unknown email runs the same steps at the same cost.
///
/// # Errors
/// `account_locked`, `too_many_requests`, `unavailable`; then nothing was evaluated.
pub async fn attempt(panel: &Panel, info: &RequestInfo, email: &Email, password: &str) -> Result<Attempt> {
    let (Lookup { policy, buckets, user }, turn) = in_turn(panel, info, email).await?;
    // Reserves before charging, so that a 503 does not count as an attempt.
    let slot = panel.hasher.reserve()?;
    let charged = lockout::charge(&panel.db, &policy, buckets, turn, info.now).await?;
    let stored = user.as_ref().and_then(|user| user.password_hash.as_deref());
    let verdict = slot.verify(password, stored).await?;
    let matched = stored.filter(|_| verdict.matches).map(str::to_owned);
    Ok(Attempt { policy, charged, user, matched, rehashed: verdict.rehashed })
}

/// Audits a failed attempt and the lock it caused. Refunds attempts that must not count.
///
/// # Errors
/// `unavailable`.
pub async fn record_failure(
    panel: &Panel,
    info: &RequestInfo,
    target: &str,
    why: &str,
    refund: Option<&ChargedAttempt>,
    locked_minutes: Option<u32>,
) -> Result<()> {
    let mut tx = panel.db.begin().await?;
    info.event(Action::SignInFailed).of(target).failed().with("reason", why).write(&mut tx).await?;
    if let Some(minutes) = locked_minutes {
        info.event(Action::Locked).of(target).with("minutes", minutes).write(&mut tx).await?;
    }
    if let Some(charged) = refund {
        lockout::refund(&mut tx, charged).await?;
    }
    tx.commit().await
}

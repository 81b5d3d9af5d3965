//! Saving the policy.

use crate::model::code::Code;
use crate::model::policy::Policy;
use crate::server::audit::{Action, Event};
use crate::server::clock::Millis;
use crate::server::db::Db;
use crate::server::db::policy::{self, CurrentPolicy};
use crate::server::error::{Error, Result, internal};
use crate::server::live;
use crate::server::sessions::end::end_overdue_in;
use crate::server::users::lock_administrators;

/// Saves a new policy. First, in the same transaction, ends every session past a limit of the
/// old policy, so that raising a limit revives no session.
///
/// # Errors
/// `conflict` if the policy was changed since it was read; `unavailable`.
pub async fn save(db: &Db, old: &CurrentPolicy, new: &Policy, at: Millis) -> Result<()> {
    let mut tx = db.begin().await?;
    // First, because every transaction that ends sessions by the policy locks this row.
    lock_administrators(&mut tx).await?;
    // A policy that is out of bounds was never in force.
    if old.policy.out_of_bounds().is_none() {
        end_overdue_in(&mut tx, &old.policy, Event::of_system(Action::SessionEnded, at)).await?;
    }
    let rules = serde_json::to_string(new).map_err(internal)?;
    if policy::save(tx.on(), &rules, old.version).await? == 0 {
        return Err(Error::from(Code::Conflict));
    }
    live::policy_changed(&mut tx).await?;
    let before = serde_json::to_value(&old.policy).map_err(internal)?;
    let after = serde_json::to_value(new).map_err(internal)?;
    Event::of_system(Action::PolicyChanged, at).with("before", before).with("after", after).write(&mut tx).await?;
    tx.commit().await
}

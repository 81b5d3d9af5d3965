//! Saving the policy.

use crate::model::failure::Code;
use crate::model::policy::Policy;
use crate::server::audit::{Action, Event};
use crate::server::clock::Millis;
use crate::server::db::Db;
use crate::server::db::policy::{self, InForce};
use crate::server::error::{Error, Result, internal};
use crate::server::live;
use crate::server::sessions::end::end_overdue_in;
use crate::server::users::hold_administrators;

/// Saves a policy over the one that was read. First, in the same transaction,
/// everything ends that the old one had ended: raising a limit revives nobody.
///
/// # Errors
/// `conflict` when somebody else saved in between; `unavailable`.
pub async fn save(db: &Db, old: &InForce, new: &Policy, at: Millis) -> Result<()> {
    let mut tx = db.begin().await?;
    // First, as everybody takes this row who ends sessions by it.
    hold_administrators(&mut tx).await?;
    // One that is out of bounds was never in force.
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

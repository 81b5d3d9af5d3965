//! Reading and saving the policy.

use super::audit::{Action, Event};
use super::clock::Millis;
use super::db::{Db, execute, fetch_optional, queries};
use super::error::{Result, internal};
use super::live;
use super::sessions::end::end_overdue_in;
use crate::model::failure::{Code, Failure};
use crate::model::policy::Policy;

/// The policy in force, with the version to save a changed one against.
pub struct InForce {
    pub policy: Policy,
    pub version: i64,
}

/// Reads the policy in force.
///
/// # Errors
/// `unavailable`; `internal` for rules that can't be read: nobody is let in by default ones.
pub async fn read(db: &Db) -> Result<InForce> {
    let row = fetch_optional!(db.reader(), (String, i64), queries::POLICY_READ)?;
    let (rules, version) = row.ok_or_else(|| internal("there is no policy row"))?;
    Ok(InForce { policy: serde_json::from_str(&rules).map_err(internal)?, version })
}

/// Saves a policy over the one that was read. First, in the same transaction,
/// everything ends that the old one had ended: raising a limit revives nobody.
///
/// # Errors
/// `conflict` when somebody else saved in between; `unavailable`.
pub async fn save(db: &Db, old: &InForce, new: &Policy, at: Millis) -> Result<()> {
    let mut tx = db.begin().await?;
    end_overdue_in(&mut tx, &old.policy, Event::of_system(Action::SessionEnded, at)).await?;
    let rules = serde_json::to_string(new).map_err(internal)?;
    if execute!(tx.on(), queries::POLICY_SAVE, rules.as_str(), old.version)? == 0 {
        return Err(Failure::new(Code::Conflict));
    }
    live::policy_changed(&mut tx).await?;
    let before = serde_json::to_value(&old.policy).map_err(internal)?;
    let after = serde_json::to_value(new).map_err(internal)?;
    Event::of_system(Action::PolicyChanged, at).with("before", before).with("after", after).write(&mut tx).await?;
    tx.commit().await
}

//! Reading and saving the policy.

use super::audit::{Action, Event};
use super::clock::Millis;
use super::db::{Db, execute, fetch_optional, queries};
use super::error::{Result, internal};
use super::live;
use super::sessions::end::end_overdue_in;
use super::users::hold_administrators;
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
/// `unavailable`; `internal` for rules that can't be read or are out of their
/// bounds: nobody is let in by default ones.
pub async fn read(db: &Db) -> Result<InForce> {
    let (rules, version) = row(db).await?;
    Ok(InForce { policy: Policy::read(&rules).map_err(internal)?, version })
}

/// Reads the stored policy as it is, to mend it: numbers may be out of their bounds.
///
/// # Errors
/// `unavailable`; `internal` for rules that can't be read.
pub async fn read_unchecked(db: &Db) -> Result<InForce> {
    let (rules, version) = row(db).await?;
    Ok(InForce { policy: serde_json::from_str(&rules).map_err(internal)?, version })
}

async fn row(db: &Db) -> Result<(String, i64)> {
    let row = fetch_optional!(db.reader(), (String, i64), queries::POLICY_READ)?;
    row.ok_or_else(|| internal("there is no policy row"))
}

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
    if execute!(tx.on(), queries::POLICY_SAVE, rules.as_str(), old.version)? == 0 {
        return Err(Failure::new(Code::Conflict));
    }
    live::policy_changed(&mut tx).await?;
    let before = serde_json::to_value(&old.policy).map_err(internal)?;
    let after = serde_json::to_value(new).map_err(internal)?;
    Event::of_system(Action::PolicyChanged, at).with("before", before).with("after", after).write(&mut tx).await?;
    tx.commit().await
}

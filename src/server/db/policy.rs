//! The policy: one row.

use super::{Db, fetch_optional, queries};
use crate::model::policy::Policy;
use crate::server::error::{Result, internal};

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

//! The table `policy`: one row.

use super::Db;
use super::query::queries;
use crate::model::policy::Policy;
use crate::server::error::{Result, internal};

queries! {
    fn row() -> Option<(String, i64)> {
        "SELECT rules, version FROM policy WHERE id = 1"
    }

    /// Saves the rules over those of a version.
    fn save(rules: &str, version: i64) -> Count {
        "UPDATE policy SET rules = $1, version = version + 1 WHERE id = 1 AND version = $2"
    }

    /// Queues up everybody who decides whether there is an administrator, on a row that is always there.
    fn hold_administrators() -> Count {
        "UPDATE policy SET version = version WHERE id = 1"
    }
}

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
    let (rules, version) = stored(db).await?;
    Ok(InForce { policy: Policy::read(&rules).map_err(internal)?, version })
}

/// Reads the stored policy as it is, to mend it: numbers may be out of their bounds.
///
/// # Errors
/// `unavailable`; `internal` for rules that can't be read.
pub async fn read_unchecked(db: &Db) -> Result<InForce> {
    let (rules, version) = stored(db).await?;
    Ok(InForce { policy: serde_json::from_str(&rules).map_err(internal)?, version })
}

async fn stored(db: &Db) -> Result<(String, i64)> {
    row(db.reader()).await?.ok_or_else(|| internal("there is no policy row"))
}

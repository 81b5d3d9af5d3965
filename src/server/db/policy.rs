//! The table `policy`: one row.

use super::Db;
use super::query::queries;
use crate::model::policy::Policy;
use crate::server::error::{Result, internal};

queries! {
    fn row() -> Option<(String, i64)> {
        "SELECT rules, version FROM policy WHERE id = 1"
    }

    /// Saves the rules, if the version has not changed.
    fn save(rules: &str, version: i64) -> Count {
        "UPDATE policy SET rules = $1, version = version + 1 WHERE id = 1 AND version = $2"
    }

    /// Serialises the transactions that decide whether an administrator exists, on a row that
    /// always exists.
    fn lock_administrators() -> Count {
        "UPDATE policy SET version = version WHERE id = 1"
    }
}

/// The current policy, with the version to save a changed one against.
pub struct CurrentPolicy {
    pub policy: Policy,
    pub version: i64,
}

/// Reads the current policy.
///
/// # Errors
/// `unavailable`; `internal` for rules that can't be parsed or are out of bounds. Defaults are
/// never used in their place.
pub async fn read(db: &Db) -> Result<CurrentPolicy> {
    let (rules, version) = stored(db).await?;
    Ok(CurrentPolicy { policy: Policy::read(&rules).map_err(internal)?, version })
}

/// Reads the stored policy without checking its bounds, to repair it.
///
/// # Errors
/// `unavailable`; `internal` for rules that can't be parsed.
pub async fn read_unchecked(db: &Db) -> Result<CurrentPolicy> {
    let (rules, version) = stored(db).await?;
    Ok(CurrentPolicy { policy: serde_json::from_str(&rules).map_err(internal)?, version })
}

async fn stored(db: &Db) -> Result<(String, i64)> {
    row(db.reader()).await?.ok_or_else(|| internal("there is no policy row"))
}

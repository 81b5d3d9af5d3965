//! The table `policy`: one row.

use std::cell::RefCell;
use std::sync::Arc;

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ValueRef};
use sqlx::error::BoxDynError;
use sqlx::{Database, Decode, Type};

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

/// The policy in a row of another query. Every request reads one, so each thread keeps the last
/// one parsed, with its text: a changed text is parsed anew.
#[derive(Clone, Debug)]
pub struct StoredPolicy(pub Arc<Policy>);

impl StoredPolicy {
    fn read(rules: &str) -> std::result::Result<StoredPolicy, String> {
        thread_local! {
            static LAST: RefCell<Option<(String, Arc<Policy>)>> = const { RefCell::new(None) };
        }
        let known =
            LAST.with_borrow(|last| last.as_ref().filter(|(text, _)| text == rules).map(|(_, policy)| policy.clone()));
        if let Some(policy) = known {
            return Ok(StoredPolicy(policy));
        }
        let policy = Arc::new(Policy::read(rules)?);
        LAST.set(Some((rules.to_owned(), policy.clone())));
        Ok(StoredPolicy(policy))
    }
}

impl FromSql for StoredPolicy {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<StoredPolicy> {
        StoredPolicy::read(value.as_str()?).map_err(|error| FromSqlError::Other(error.into()))
    }
}

impl<D: Database> Type<D> for StoredPolicy
where
    str: Type<D>,
{
    fn type_info() -> D::TypeInfo {
        <str as Type<D>>::type_info()
    }

    fn compatible(kind: &D::TypeInfo) -> bool {
        <str as Type<D>>::compatible(kind)
    }
}

impl<'r, D: Database> Decode<'r, D> for StoredPolicy
where
    &'r str: Decode<'r, D>,
{
    fn decode(value: D::ValueRef<'r>) -> std::result::Result<StoredPolicy, BoxDynError> {
        Ok(StoredPolicy::read(<&str>::decode(value)?)?)
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

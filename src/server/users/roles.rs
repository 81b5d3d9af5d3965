//! Roles: named sets of permissions.

use std::borrow::Cow;

use crate::model::lang::Lang;
use crate::model::permission::{Permissions, SHIPPED};
use crate::model::roles::{RoleChoice, RoleItem};
use crate::model::words;
use crate::server::db::roles::{self, CountedRole, RoleRow};
use crate::server::db::{Db, Tx};
use crate::server::error::{Result, internal};

/// The role with a name, within a transaction.
///
/// # Errors
/// `unavailable`.
pub async fn find(tx: &mut Tx, name: &str) -> Result<Option<RoleRow>> {
    // PostgreSQL errors on NUL.
    if name.contains('\0') {
        return Ok(None);
    }
    Ok(roles::by_name(tx.on(), name).await?)
}

/// Every role to choose from: the shipped ones first, then the others by their labels.
///
/// # Errors
/// `unavailable`; `internal` for a corrupt row.
pub async fn choices(db: &Db, lang: Lang) -> Result<Vec<RoleChoice>> {
    let rows = roles::all(db.reader()).await?;
    let mut choices: Vec<RoleChoice> = rows.iter().map(|row| row.choice(lang)).collect::<Result<_>>()?;
    choices.sort_by_key(|choice| order(&choice.name, &choice.label));
    Ok(choices)
}

/// Every role with its people, in the same order.
///
/// # Errors
/// `unavailable`; `internal` for a corrupt row.
pub async fn counted(db: &Db, lang: Lang) -> Result<Vec<RoleItem>> {
    let rows = roles::counted(db.reader()).await?;
    let mut items: Vec<RoleItem> =
        rows.into_iter().map(|CountedRole { role, people }| role.item(people, lang)).collect::<Result<_>>()?;
    items.sort_by_key(|item| order(&item.name, &item.label));
    Ok(items)
}

fn order(name: &str, label: &str) -> (usize, String) {
    (SHIPPED.iter().position(|shipped| *shipped == name).unwrap_or(SHIPPED.len()), label.to_lowercase())
}

impl RoleRow {
    /// Its permissions.
    ///
    /// # Errors
    /// `internal` for a corrupt row.
    pub fn set(&self) -> Result<Permissions> {
        stored_permissions(&self.permissions)
    }

    /// Its label; a shipped role's is in the reader's language.
    pub fn label(&self, lang: Lang) -> String {
        self.label.clone().unwrap_or_else(|| words::role_name(&self.name, lang))
    }

    fn choice(&self, lang: Lang) -> Result<RoleChoice> {
        Ok(RoleChoice { label: self.label(lang), permissions: self.set()?.iter().collect(), name: self.name.clone() })
    }

    /// As lists show it.
    ///
    /// # Errors
    /// `internal` for a corrupt row.
    pub fn item(self, people: i64, lang: Lang) -> Result<RoleItem> {
        Ok(RoleItem {
            label: self.label(lang),
            permissions: self.set()?.iter().collect(),
            name: self.name,
            shipped: self.shipped,
            people: u32::try_from(people).unwrap_or(u32::MAX),
            version: self.version,
        })
    }
}

/// The permissions in a JSON list. Unknown names grant nothing.
///
/// # Errors
/// `internal` for a corrupt list.
pub fn stored_permissions(json: &str) -> Result<Permissions> {
    let names: Vec<Cow<'_, str>> = serde_json::from_str(json).map_err(internal)?;
    Ok(Permissions::of_names(names.iter().map(AsRef::as_ref)))
}

//! Roles: saving and deleting them, and what a change would do.

use serde_json::json;

use super::people::{Caller, begin, lacking};
use crate::model::code::Code;
use crate::model::failure::Current;
use crate::model::lang::Lang;
use crate::model::outcome::{KeptOutcome, Outcome, Refusal, Refused};
use crate::model::permission::{ADMINISTRATOR, Permission, Permissions, is_role_name};
use crate::model::profile::person_name;
use crate::model::roles::{RoleChange, RoleDeletion, RoleItem, RoleReview};
use crate::model::text::Text;
use crate::model::words;
use crate::server::audit::Action;
use crate::server::context::RequestContext;
use crate::server::db::Tx;
use crate::server::db::roles::{self, RoleRow};
use crate::server::error::{Error, Result, internal};
use crate::server::kept::keep;
use crate::server::live;
use crate::server::users::roles::{counted, find};

/// The maximum length of a label, in characters.
const MAX_LABEL: usize = 60;

/// The most roles in one request.
const MOST: usize = 200;

/// Every role.
///
/// # Errors
/// `forbidden`; `unavailable`.
pub async fn list(context: &RequestContext) -> Result<Vec<RoleItem>> {
    context.require_permission(Permission::UsersManage)?;
    counted(&context.panel.db, context.info.lang()).await
}

/// Makes or changes a role. It is in force at the next request of everybody who has it.
///
/// # Errors
/// `validation_failed` naming every invalid field; `forbidden` with a permission that the caller
/// lacks, and the role has or gets; `conflict` with `current`, or for the role `admin`; `not_found`;
/// `reauth_required`; `unavailable`.
pub async fn save(context: &RequestContext, wanted: &RoleChange) -> Result<RoleItem> {
    context.require_permission_recently(Permission::UsersManage)?;
    let (mut tx, caller) = begin(context).await?;
    let role = save_in(&mut tx, &caller, wanted, context.info.lang()).await?;
    tx.commit().await?;
    Ok(role)
}

/// Saves a role within a transaction that has locked the administrators.
///
/// # Errors
/// As [`save`].
pub async fn save_in(tx: &mut Tx, caller: &Caller<'_>, wanted: &RoleChange, lang: Lang) -> Result<RoleItem> {
    let (label, permissions) = parse(wanted)?;
    let before = find(tx, &wanted.name).await?;
    let had = before.as_ref().map(RoleRow::set).transpose()?.unwrap_or_default();
    if wanted.name == ADMINISTRATOR {
        return Err(Error::from(Code::Conflict).with(|details| details.text = Some(Text::ErrorAdminRole)));
    }
    lacking(caller.rights(), had.union(permissions)).map_or(Ok(()), |missing| Err(Error::lacks(missing)))?;
    let names: Vec<&str> = permissions.iter().map(Permission::name).collect();
    let json = serde_json::to_string(&names).map_err(internal)?;
    match before {
        None if wanted.version != 0 => return Err(Error::from(Code::NotFound)),
        None => {
            roles::insert(tx.on(), &wanted.name, label.as_deref(), &json).await?;
            let event = caller.event(Action::RoleSaved).with("role", wanted.name.as_str());
            event.with("label", json!(label)).with("after", json!({ "permissions": names })).write(tx).await?;
        }
        Some(_) if wanted.version == 0 => return Err(Error::field("name", Text::FieldRoleTaken)),
        Some(before) if before.version != wanted.version => {
            let people = people_of(tx, &wanted.name).await?;
            let current = before.item(people, lang)?;
            return Err(Error::from(Code::Conflict).with(|details| details.current = Some(Current::Role(current))));
        }
        Some(before) => change(tx, caller, &before, label, &json).await?,
    }
    let people = people_of(tx, &wanted.name).await?;
    find(tx, &wanted.name).await?.ok_or_else(|| internal("a saved role is missing"))?.item(people, lang)
}

async fn change(
    tx: &mut Tx,
    caller: &Caller<'_>,
    before: &RoleRow,
    label: Option<String>,
    permissions: &str,
) -> Result<()> {
    // A shipped role that keeps its name in one of the languages keeps it in all.
    let unchanged = |label: &String| {
        let named = |lang: Lang| words::role_name(&before.name, lang) == *label;
        before.shipped && before.label.is_none() && (named(Lang::Tr) || named(Lang::En))
    };
    let label = label.filter(|label| !unchanged(label));
    if label == before.label && permissions == before.permissions {
        return Ok(());
    }
    roles::change(tx.on(), label.as_deref(), permissions, &before.name, before.version).await?;
    let state = |label: &Option<String>, permissions: &str| json!({ "label": label, "permissions": serde_json::from_str::<serde_json::Value>(permissions).unwrap_or_default() });
    let event = caller.event(Action::RoleSaved).with("role", before.name.as_str());
    let event = event.with("before", state(&before.label, &before.permissions));
    event.with("after", state(&label, permissions)).write(tx).await?;
    live::role_changed(tx, &before.name).await
}

/// Deletes roles.
///
/// # Errors
/// `validation_failed` without names; `invalid_request` for more than 200; `reauth_required`;
/// `unavailable`. Why a role stays is in the outcome.
pub async fn delete(context: &RequestContext, wanted: &RoleDeletion) -> Result<Outcome> {
    context.require_permission_recently(Permission::UsersManage)?;
    if wanted.names.is_empty() {
        return Err(Error::field("names", Text::FieldNothingChosen));
    }
    if wanted.names.len() > MOST {
        return Err(Error::from(Code::InvalidRequest));
    }
    let (mut tx, caller) = begin(context).await?;
    let mut outcome = Outcome::default();
    for name in &wanted.names {
        match delete_in(&mut tx, &caller, name).await? {
            Ok(()) => outcome.done += 1,
            Err(code) => outcome.refused.push(Refused { id: name.clone(), code }),
        }
    }
    tx.commit().await?;
    let refused = outcome.refused.iter().map(|refused| (refused.id.clone(), refused.code)).collect();
    keep(context, &KeptOutcome { done: outcome.done, refused, links: Vec::new() }).await?;
    Ok(outcome)
}

/// Deletes a role within a transaction that has locked the administrators.
///
/// # Errors
/// `unavailable`.
pub async fn delete_in(tx: &mut Tx, caller: &Caller<'_>, name: &str) -> Result<std::result::Result<(), Refusal>> {
    let Some(role) = find(tx, name).await? else { return Ok(Err(Refusal::NotFound)) };
    if role.shipped {
        return Ok(Err(Refusal::Shipped));
    }
    if lacking(caller.rights(), role.set()?).is_some() {
        return Ok(Err(Refusal::Forbidden));
    }
    if roles::delete(tx.on(), name).await? == 0 {
        return Ok(Err(Refusal::InUse));
    }
    let permissions: Vec<&str> = role.set()?.iter().map(Permission::name).collect();
    let event = caller.event(Action::RoleDeleted).with("role", name);
    event.with("label", json!(role.label)).with("before", json!({ "permissions": permissions })).write(tx).await?;
    Ok(Ok(()))
}

/// What a change would do to the people who have the role.
///
/// # Errors
/// `validation_failed`, `not_found`; `unavailable`.
pub async fn review(context: &RequestContext, wanted: RoleChange) -> Result<RoleReview> {
    context.require_permission(Permission::UsersManage)?;
    let (_, permissions) = parse(&wanted)?;
    let roles = counted(&context.panel.db, context.info.lang()).await?;
    let role = roles.iter().find(|role| role.name == wanted.name);
    let had = role.map(|role| Permissions::of(&role.permissions)).unwrap_or_default();
    Ok(RoleReview {
        people: role.map_or(0, |role| role.people),
        gained: permissions.without(had).iter().collect(),
        lost: had.without(permissions).iter().collect(),
        change: wanted,
    })
}

async fn people_of(tx: &mut Tx, name: &str) -> Result<i64> {
    Ok(roles::people(tx.on(), name).await?.map_or(0, |(people,)| people))
}

/// The validated label and permissions.
fn parse(wanted: &RoleChange) -> Result<(Option<String>, Permissions)> {
    let mut wrong = std::collections::BTreeMap::new();
    if !is_role_name(&wanted.name) {
        wrong.insert("name", Text::FieldRoleNameInvalid.into());
    }
    let label = Some(wanted.label.trim()).filter(|label| !label.is_empty());
    let parsed = label.map(|label| person_name(label).filter(|label| label.chars().count() <= MAX_LABEL));
    if parsed == Some(None) {
        wrong.insert("label", Text::FieldRoleLabelInvalid.into());
    }
    // An empty text comes from a form without any.
    let names = wanted.permissions.iter().map(|name| name.trim()).filter(|name| !name.is_empty());
    let permissions: Option<Vec<Permission>> = names.map(Permission::from_name).collect();
    if permissions.is_none() {
        wrong.insert("permissions", Text::FieldPermissionInvalid.into());
    }
    if !wrong.is_empty() {
        return Err(Error::fields(wrong));
    }
    Ok((parsed.flatten(), Permissions::of(&permissions.unwrap_or_default())))
}

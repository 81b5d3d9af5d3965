//! Changing a person: name, email, phone, labels, role and permissions.

use serde_json::{Map, Value, json};

use super::{Caller, Fields, begin, lacking, names_of};
use crate::model::code::Code;
use crate::model::email::{Email, shown};
use crate::model::failure::Current;
use crate::model::people::PersonChange;
use crate::model::permission::{ADMINISTRATOR, Permission, Permissions};
use crate::model::text::Text;
use crate::model::user::User;
use crate::server::audit::Action;
use crate::server::context::RequestContext;
use crate::server::db::Tx;
use crate::server::db::people::{self, TargetRow};
use crate::server::db::roles::RoleRow;
use crate::server::db::users::{self, UserColumns};
use crate::server::error::{Error, Result, internal};
use crate::server::live;
use crate::server::users::{effective_permissions, roles, search};

/// A person's changeable fields.
#[derive(Clone, PartialEq)]
pub(super) struct Profile {
    pub email: String,
    pub name: String,
    pub role: String,
    /// JSON: the permissions of the role.
    pub role_permissions: String,
    /// JSON: the personal grants.
    pub permissions: String,
    /// JSON.
    pub labels: String,
    pub phone: Option<String>,
}

impl Profile {
    pub fn of(target: &TargetRow) -> Profile {
        let user = &target.user;
        Profile {
            email: user.email.clone(),
            name: user.name.clone(),
            role: user.role.clone(),
            role_permissions: user.role_permissions.clone(),
            permissions: user.permissions.clone(),
            labels: user.labels.clone(),
            phone: user.phone.clone(),
        }
    }

    pub fn rights(&self) -> Result<Permissions> {
        effective_permissions(&self.role_permissions, &self.permissions)
    }

    /// Gives another role.
    pub fn set_role(&mut self, role: RoleRow) {
        (self.role, self.role_permissions) = (role.name, role.permissions);
    }

    /// The fields that differ, with their values before and after, for the audit.
    fn differences(&self, after: &Profile) -> (Map<String, Value>, Map<String, Value>) {
        let list = |text: &str| serde_json::from_str::<Value>(text).unwrap_or_default();
        let fields = |profile: &Profile| {
            [
                ("email", json!(profile.email)),
                ("name", json!(profile.name)),
                ("role", json!(profile.role)),
                ("permissions", list(&profile.permissions)),
                ("labels", list(&profile.labels)),
                ("phone", json!(profile.phone)),
            ]
        };
        let (mut old, mut new) = (Map::new(), Map::new());
        for ((name, before), (_, now)) in fields(self).into_iter().zip(fields(after)) {
            if before != now {
                old.insert(name.to_owned(), before);
                new.insert(name.to_owned(), now);
            }
        }
        (old, new)
    }
}

/// Changes a person, if nobody else did since the version that was read.
///
/// # Errors
/// `not_found`; `validation_failed` naming every invalid field; `conflict` with `current`, or for
/// the last administrator; `forbidden` with the permission that the caller lacks, which the person
/// has or would get; `reauth_required`; `unavailable`.
pub async fn change(context: &RequestContext, wanted: &PersonChange) -> Result<User> {
    context.require_permission_recently(Permission::UsersManage)?;
    let (mut tx, caller) = begin(context).await?;
    let user = change_in(&mut tx, &caller, wanted).await?;
    tx.commit().await?;
    user.shown()
}

/// Changes a person within a transaction that has locked the administrators.
///
/// # Errors
/// As [`change`].
pub async fn change_in(tx: &mut Tx, caller: &Caller<'_>, wanted: &PersonChange) -> Result<UserColumns> {
    let target = people::target(tx.on(), &wanted.id).await?.ok_or(Error::from(Code::NotFound))?;
    let before = Profile::of(&target);
    lacking(caller.rights, before.rights()?).map_or(Ok(()), |missing| Err(Error::lacks(missing)))?;
    if target.version != wanted.version {
        return Err(stale(target));
    }
    let role = match &wanted.role {
        Some(name) => roles::find(tx, name).await?,
        None => None,
    };
    let after = parse(wanted, &before, role)?;
    lacking(caller.rights, after.rights()?).map_or(Ok(()), |missing| Err(Error::lacks(missing)))?;
    if after == before {
        return Ok(target.user);
    }
    keep_an_administrator(tx, caller, &target, &after.role).await?;
    let changed = write(tx, caller, &target, &before, &after).await?;
    if !changed {
        return Err(Error::field("email", Text::FieldEmailTaken));
    }
    users::by_id(tx.on(), &wanted.id).await?.ok_or_else(|| internal("a changed user is missing"))
}

fn stale(target: TargetRow) -> Error {
    match target.user.shown() {
        Ok(user) => Error::from(Code::Conflict).with(|details| details.current = Some(Current::User(user))),
        Err(error) => error,
    }
}

/// The profile as wanted.
fn parse(wanted: &PersonChange, stored: &Profile, role: Option<RoleRow>) -> Result<Profile> {
    let mut fields = Fields::default();
    let mut after = stored.clone();
    // Stored values are not validated again: they may be older than the rules.
    let same = |text: &str| [stored.email.as_str(), &shown(&stored.email)].contains(&text.trim());
    if let Some(text) = wanted.email.as_deref().filter(|text| !same(text)) {
        after.email = fields.email(text).map_or_else(String::new, |email| email.as_str().to_owned());
    }
    if let Some(text) = wanted.name.as_deref().filter(|text| text.trim() != stored.name) {
        after.name = fields.name(text).unwrap_or_default();
    }
    // An unknown role can stay, but not be given.
    if wanted.role.as_ref().is_some_and(|name| *name != stored.role) {
        fields.role(role).into_iter().for_each(|role| after.set_role(role));
    }
    if let Some(names) = &wanted.permissions {
        after.permissions = serde_json::to_string(&names_of(&fields.permissions(names))).map_err(internal)?;
    }
    if let Some(labels) = &wanted.labels {
        after.labels = serde_json::to_string(&fields.labels(labels)).map_err(internal)?;
    }
    if let Some(text) = &wanted.phone {
        after.phone = fields.phone(text.as_deref());
    }
    fields.finish()?;
    Ok(after)
}

/// # Errors
/// `conflict` if the change would leave nobody who can administer the panel.
async fn keep_an_administrator(tx: &mut Tx, caller: &Caller<'_>, target: &TargetRow, role: &str) -> Result<()> {
    let leaves = !caller.force && is_administrator(target) && role != ADMINISTRATOR;
    match leaves && people::another_administrator(tx.on(), &target.user.id).await?.is_none() {
        true => Err(Error::from(Code::Conflict).with(|details| details.text = Some(Text::ErrorLastAdministrator))),
        false => Ok(()),
    }
}

/// Whether a person can administer the panel: active, with a password, in the role `admin`.
pub(super) fn is_administrator(target: &TargetRow) -> bool {
    target.user.is_active && target.has_password && target.user.role == ADMINISTRATOR
}

/// Writes a changed profile, its search index, its audit row and its notice. `false` if the email
/// is taken.
pub(super) async fn write(
    tx: &mut Tx,
    caller: &Caller<'_>,
    target: &TargetRow,
    before: &Profile,
    after: &Profile,
) -> Result<bool> {
    let id = target.user.id.as_str();
    let email = Email::of_account(&after.email);
    let typed = email.as_typed();
    let written = people::change(
        tx.on(),
        &after.email,
        &after.name,
        &after.role,
        &after.permissions,
        &after.labels,
        after.phone.as_deref(),
        caller.now,
        id,
        target.version,
        typed,
        &shown(&after.email),
    )
    .await;
    let taken = match &written {
        Err(sqlx::Error::Database(error)) => error.is_unique_violation(),
        written => matches!(written, Ok(0)),
    };
    if taken {
        return Ok(false);
    }
    written?;
    let user = users::by_id(tx.on(), id).await?.ok_or_else(|| internal("a changed user is missing"))?;
    search::index(tx, &user).await?;
    let (old, new) = before.differences(after);
    let event = caller.event(Action::UserChanged).of(id);
    event.with("before", Value::Object(old)).with("after", Value::Object(new)).write(tx).await?;
    live::user_changed(tx, id).await?;
    Ok(true)
}

//! The policy: reading, previewing and saving.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::model::code::Code;
use crate::model::failure::Current;
use crate::model::permission::Permission;
use crate::model::policy::{BOUNDS, Policy};
use crate::model::settings::{PolicyForm, PolicyHistory, PolicyPreview};
use crate::server::audit::{Action, Event};
use crate::server::clock::{Millis, rfc3339};
use crate::server::context::RequestContext;
use crate::server::db::policy::{self, CurrentPolicy};
use crate::server::db::sessions::lists;
use crate::server::db::{Db, Tx, audit};
use crate::server::error::{Error, Problem, Result, internal};
use crate::server::live;
use crate::server::sessions::end::end_overdue_in;
use crate::server::sessions::limits::{idle_limit, remembered_lifetime};
use crate::server::users::lock_administrators;

/// The policy with its version.
///
/// # Errors
/// `forbidden`; `unavailable`.
pub async fn current(context: &RequestContext) -> Result<PolicyForm> {
    context.require_permission(Permission::SettingsManage)?;
    let current = policy::read(&context.panel.db).await?;
    Ok(PolicyForm::of(&current.policy, current.version))
}

/// How many live sessions saving a policy would end now. Changes nothing.
///
/// # Errors
/// `forbidden`, `reauth_required`, `validation_failed`; `unavailable`.
pub async fn preview(context: &RequestContext, form: &PolicyForm) -> Result<PolicyPreview> {
    context.require_permission_recently(Permission::SettingsManage)?;
    let old = policy::read(&context.panel.db).await?.policy;
    let new = parse(form)?;
    let mut tx = context.panel.db.begin().await?;
    Ok(PolicyPreview { ends: count_ended(&mut tx, &old, &new, context.info.now).await? })
}

/// Saves the policy of the settings page, and returns it with its new version.
///
/// # Errors
/// `forbidden`, `reauth_required`, `validation_failed`; `conflict` with `current` if the policy
/// was changed since it was read, with `count` if more sessions would end than `ends`;
/// `unavailable`.
pub async fn change(context: &RequestContext, form: &PolicyForm) -> Result<PolicyForm> {
    context.require_permission_recently(Permission::SettingsManage)?;
    let new = parse(form)?;
    let db = &context.panel.db;
    let old = policy::read(db).await?;
    if old.version != form.version {
        return Err(changed_since(&old));
    }
    let event = |action| context.event(action);
    match save_by(db, &old, &new, context.info.now, form.ends, &event).await {
        Err(error) if error.code == Code::Conflict && error.details().is_none() => {
            Err(changed_since(&policy::read(db).await?))
        }
        saved => saved,
    }?;
    Ok(PolicyForm::of(&new, old.version + 1))
}

/// Saves a new policy from the command line. Any number of sessions may end.
///
/// # Errors
/// `conflict` if the policy was changed since it was read; `unavailable`.
pub async fn save(db: &Db, old: &CurrentPolicy, new: &Policy, at: Millis) -> Result<()> {
    save_by(db, old, new, at, None, &|action| Event::of_system(action, at)).await
}

/// Saves a policy. First, in the same transaction, ends every session past a limit of the old
/// policy, so that raising a limit revives no session; then those past a limit of the new one.
async fn save_by<'e>(
    db: &Db,
    old: &CurrentPolicy,
    new: &Policy,
    at: Millis,
    allowed: Option<u32>,
    event: &(dyn Fn(Action) -> Event<'e> + Send + Sync),
) -> Result<()> {
    let mut tx = db.begin().await?;
    // First, because every transaction that ends sessions by the policy locks this row.
    lock_administrators(&mut tx).await?;
    let ended = |at| Event::of_system(Action::SessionEnded, at);
    // A policy that is out of bounds was never in force.
    if old.policy.out_of_bounds().is_none() {
        end_overdue_in(&mut tx, &old.policy, ended(at)).await?;
        if let Some(allowed) = allowed {
            let ends = count_ended(&mut tx, &old.policy, new, at).await?;
            if ends > allowed {
                return Err(Error::from(Code::Conflict).with(|details| details.count = Some(ends)));
            }
        }
    }
    let rules = serde_json::to_string(new).map_err(internal)?;
    if policy::save(tx.on(), &rules, old.version).await? == 0 {
        return Err(Error::from(Code::Conflict));
    }
    end_overdue_in(&mut tx, new, ended(at)).await?;
    live::policy_changed(&mut tx).await?;
    let before = serde_json::to_value(&old.policy).map_err(internal)?;
    let after = serde_json::to_value(new).map_err(internal)?;
    event(Action::PolicyChanged).with("before", before).with("after", after).write(&mut tx).await?;
    tx.commit().await
}

fn changed_since(current: &CurrentPolicy) -> Error {
    let form = PolicyForm::of(&current.policy, current.version);
    Error::from(Code::Conflict).with(|details| details.current = Some(Current::Policy(form)))
}

/// The sessions that are live under the old policy and not under the new one.
async fn count_ended(tx: &mut Tx, old: &Policy, new: &Policy, now: Millis) -> Result<u32> {
    let count = lists::ended_by_policy(
        tx.on(),
        now,
        now - remembered_lifetime(old),
        now - idle_limit(old),
        old.idle_applies_to_remembered,
        now - remembered_lifetime(new),
        now - idle_limit(new),
        new.idle_applies_to_remembered,
    )
    .await?;
    Ok(count.map_or(0, |(count,)| u32::try_from(count).unwrap_or(u32::MAX)))
}

/// The policy of a form, within its bounds.
///
/// # Errors
/// `validation_failed` naming every number out of bounds; `invalid_request` for an unknown key to
/// reset.
fn parse(form: &PolicyForm) -> Result<Policy> {
    let default = PolicyForm::of(&Policy::default(), form.version);
    let json = |form: &PolicyForm| -> Result<Map<String, Value>> {
        match serde_json::to_value(form).map_err(internal)? {
            Value::Object(fields) => Ok(fields),
            _ => Err(internal("a policy is an object")),
        }
    };
    let (mut fields, defaults) = (json(form)?, json(&default)?);
    for name in ["version", "ends", "restore"] {
        fields.remove(name);
    }
    match form.restore.as_deref() {
        None => {}
        Some("all") => return Ok(Policy::default()),
        Some(key) => {
            let slot = fields.get_mut(key).ok_or(Error::from(Code::InvalidRequest))?;
            *slot = defaults.get(key).cloned().unwrap_or_default();
        }
    }
    let mut problems = BTreeMap::new();
    for (key, min, max) in BOUNDS {
        let number = fields.get(key).and_then(Value::as_i64);
        if !number.is_some_and(|number| (i64::from(min)..=i64::from(max)).contains(&number)) {
            problems.insert(key, Problem::OutOfBounds { min, max });
        }
    }
    match problems.is_empty() {
        true => serde_json::from_value(Value::Object(fields)).map_err(internal),
        false => Err(Error::fields(problems)),
    }
}

/// Who changed the policy last, and what.
///
/// # Errors
/// `unavailable`.
pub async fn last_change(db: &Db) -> Result<Option<PolicyHistory>> {
    let Some((at, by, details)) = audit::last_policy_change(db.reader()).await? else { return Ok(None) };
    let details: Value = serde_json::from_str(&details).unwrap_or_default();
    let (before, after) = (&details["before"], &details["after"]);
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let changes = after.as_object().into_iter().flatten().filter(|(key, value)| before[key.as_str()] != **value);
    Ok(Some(PolicyHistory {
        at: rfc3339(at),
        by,
        changes: changes.map(|(key, value)| (key.clone(), text(&before[key.as_str()]), text(value))).collect(),
    }))
}

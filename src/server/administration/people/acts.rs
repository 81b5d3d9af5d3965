//! Acts on several people. Each person is judged alone; the answer says who was left out and why.

use std::sync::Arc;

use super::change::{Profile, is_administrator, write};
use super::chosen::Chosen;
use super::{Caller, Fields, begin, lacking};
use crate::model::code::Code;
use crate::model::email::{Email, shown};
use crate::model::jobs::Answer;
use crate::model::outcome::{Outcome, PersonLink, Refusal};
use crate::model::people::{Assignment, Deletion};
use crate::model::permission::{ADMINISTRATOR, Permission};
use crate::model::session::EndReason;
use crate::model::text::Text;
use crate::server::administration::jobs::{Batch, MOST_AT_ONCE, Started, Tally, run};
use crate::server::audit::Action;
use crate::server::context::RequestContext;
use crate::server::db::people::{self, TargetRow};
use crate::server::db::{Tx, pictures, users};
use crate::server::error::{Error, Result, internal};
use crate::server::sessions::end::end_of_user_in;
use crate::server::users::roles;
use crate::server::{db, links, live, lockout};

/// The maximum length of a reason, in characters.
const MAX_REASON: usize = 200;

/// What is done to each person.
#[derive(Clone, Debug)]
pub enum Act {
    /// Ends all sessions. The reason goes to the audit.
    Disable {
        reason: Option<String>,
    },
    Enable,
    /// Lifts a lockout.
    Unlock,
    RemovePicture,
    /// From now on nothing but a new password is possible.
    RequirePassword,
    /// Makes a one-time link to set a password: the first or a new one.
    ResetLink,
    /// Removes the person, their sessions and their picture.
    Delete,
    Assign {
        /// The name of a role.
        role: Option<String>,
        add: Vec<String>,
        remove: Vec<String>,
    },
}

impl Act {
    /// Disabling, with a reason of at most 200 characters.
    ///
    /// # Errors
    /// `validation_failed`.
    pub fn disable(reason: Option<&str>) -> Result<Act> {
        let reason = reason.map(str::trim).filter(|reason| !reason.is_empty()).map(str::to_owned);
        let too_long =
            reason.as_ref().is_some_and(|reason| reason.chars().count() > MAX_REASON || reason.contains('\0'));
        if too_long { Err(Error::field("reason", Text::FieldReasonInvalid)) } else { Ok(Act::Disable { reason }) }
    }

    /// Assigning a role and labels.
    ///
    /// # Errors
    /// `validation_failed`.
    pub fn assign(wanted: &Assignment) -> Result<Act> {
        let mut fields = Fields::default();
        let nested = wanted.assign.clone().unwrap_or_default();
        let role = wanted.role.as_deref().or(nested.role.as_deref()).filter(|role| !role.is_empty());
        let add = fields.labels(&[wanted.add_labels.clone(), nested.add_labels].concat());
        let remove = fields.labels(&[wanted.remove_labels.clone(), nested.remove_labels].concat());
        fields.finish()?;
        Ok(Act::Assign { role: role.map(str::to_owned), add, remove })
    }

    /// Whether it needs a recent sign-in. Lifting a lockout does not: an office may be waiting.
    fn needs_proof(&self) -> bool {
        !matches!(self, Act::Unlock)
    }

    /// Whether it may be done to people with rights that the caller lacks.
    fn spares_nobody(&self) -> bool {
        matches!(self, Act::Unlock)
    }
}

/// Does one thing to each of these people. More than 200 become a job.
///
/// # Errors
/// `validation_failed`, `invalid_request` and `conflict` as explained at [`Chosen`];
/// `reauth_required`; `unavailable`. What can't be done to one person is in the outcome.
pub async fn several(context: &RequestContext, chosen: &Chosen<'_>, act: Act) -> Result<Answer> {
    match act.needs_proof() {
        true => context.require_permission_recently(Permission::UsersManage)?,
        false => context.require_permission(Permission::UsersManage)?,
    };
    if let Act::Assign { role: Some(role), .. } = &act
        && !role_exists(context, role).await?
    {
        return Err(Error::field("role", Text::FieldRoleInvalid));
    }
    let ids = chosen.find(context).await?;
    // The links of a job could be shown to nobody.
    if matches!(act, Act::ResetLink) && ids.len() > MOST_AT_ONCE {
        return Err(Error::from(Code::InvalidRequest));
    }
    let batch: Batch = Arc::new(move |context, ids| {
        let act = act.clone();
        Box::pin(async move { batch(context, &act, ids).await })
    });
    Ok(match run(context, "users", ids, batch).await? {
        Started::Job(job) => Answer::Job { job },
        Started::Done(tally) => {
            let urls = tally.links.iter().map(|(id, _, url)| PersonLink { id: id.clone(), url: url.clone() });
            let urls = (!tally.links.is_empty()).then(|| urls.collect());
            Answer::Done(Outcome { done: tally.done, refused: tally.refused(), urls })
        }
    })
}

async fn role_exists(context: &RequestContext, role: &str) -> Result<bool> {
    Ok(!role.contains('\0') && db::roles::by_name(context.panel.db.reader(), role).await?.is_some())
}

/// Does it to each of a few people, within one transaction.
async fn batch(context: &RequestContext, act: &Act, ids: &[String]) -> Result<(Tx, Tally)> {
    let (mut tx, caller) = begin(context).await?;
    let mut tally = Tally::default();
    for id in ids {
        // PostgreSQL errors on NUL.
        let target = if id.contains('\0') { None } else { people::target(tx.on(), id).await? };
        let Some(target) = target else {
            tally.refuse(id, id, Refusal::NotFound);
            continue;
        };
        let name = target.user.name.as_str();
        match one(&mut tx, &caller, act, &target).await? {
            Err(code) => tally.refuse(id, name, code),
            Ok(link) => {
                tally.done += 1;
                tally.links.extend(link.map(|url| (id.clone(), name.to_owned(), url)));
            }
        }
    }
    Ok((tx, tally))
}

/// Deletes people. A page sends the email of the one whom it deletes.
///
/// # Errors
/// As [`several`]; `validation_failed` for another email.
pub async fn delete(context: &RequestContext, wanted: &Deletion) -> Result<Answer> {
    context.require_permission_recently(Permission::UsersManage)?;
    if let Some(typed) = &wanted.confirm_email {
        let wrong = || Error::field("confirmEmail", Text::FieldConfirmEmailWrong);
        let [id] = wanted.ids.as_slice() else { return Err(wrong()) };
        let user = users::by_id(context.panel.db.reader(), id).await?.ok_or(Error::from(Code::NotFound))?;
        let email = Email::parse(typed).map(|email| email.as_str().to_owned());
        let same = email.as_deref() == Some(user.email.as_str()) || typed.trim() == shown(&user.email);
        same.then_some(()).ok_or_else(wrong)?;
    }
    several(context, &Chosen::ids(&wanted.ids), Act::Delete).await
}

/// A link, if one was made; or why nothing was done.
pub type Done = std::result::Result<Option<String>, Refusal>;

/// Does it to one person, within a transaction that has locked the administrators.
///
/// # Errors
/// `unavailable`.
pub async fn one(tx: &mut Tx, caller: &Caller<'_>, act: &Act, target: &TargetRow) -> Result<Done> {
    if !act.spares_nobody() && lacking(caller.rights, target.user.effective()?).is_some() {
        return Ok(Err(Refusal::Forbidden));
    }
    let leaves = match act {
        Act::Disable { .. } | Act::Delete => true,
        Act::Assign { role, .. } => role.as_ref().is_some_and(|role| role != ADMINISTRATOR),
        _ => false,
    };
    if leaves
        && !caller.force
        && is_administrator(target)
        && people::another_administrator(tx.on(), &target.user.id).await?.is_none()
    {
        return Ok(Err(Refusal::LastAdministrator));
    }
    let (id, now, by) = (target.user.id.as_str(), caller.now, caller.by);
    match act {
        Act::Disable { reason } => {
            if users::disable(tx.on(), now, id, caller.force).await? > 0 {
                let event = caller.event(Action::UserDisabled).of(id);
                let event = match reason {
                    Some(reason) => event.with("reason", reason.as_str()),
                    None => event,
                };
                event.write(tx).await?;
                live::user_changed(tx, id).await?;
                end_of_user_in(tx, caller.event(Action::SessionEnded), id, EndReason::AccountDisabled, by).await?;
            }
        }
        Act::Enable => {
            if users::enable(tx.on(), now, id).await? > 0 {
                caller.event(Action::UserEnabled).of(id).write(tx).await?;
                live::user_changed(tx, id).await?;
            }
        }
        Act::Unlock => {
            if lockout::lift(tx, &Email::of_account(&target.user.email)).await? {
                caller.event(Action::Unlocked).of(id).write(tx).await?;
            }
        }
        Act::RemovePicture => {
            if target.user.avatar.is_some() {
                users::set_avatar(tx.on(), None, now, id).await?;
                pictures::remove(tx.on(), id).await?;
                caller.event(Action::UserChanged).of(id).with("fields", vec!["picture"]).write(tx).await?;
                live::user_changed(tx, id).await?;
            }
        }
        Act::RequirePassword => {
            if people::require_password(tx.on(), now, id).await? > 0 {
                caller.event(Action::PasswordRequired).of(id).write(tx).await?;
                live::user_changed(tx, id).await?;
            }
        }
        Act::ResetLink => {
            let url = links::create_in(tx, links::Kind::Activation, Some(id), caller.public_url, now).await?;
            caller.event(Action::ResetLinkMade).of(id).write(tx).await?;
            return Ok(Ok(Some(url)));
        }
        Act::Delete => {
            end_of_user_in(tx, caller.event(Action::SessionEnded), id, EndReason::AccountDeleted, by).await?;
            lockout::lift(tx, &Email::of_account(&target.user.email)).await?;
            let event = caller.event(Action::UserDeleted).of(id);
            event.with("name", target.user.name.as_str()).with("email", target.user.email.as_str()).write(tx).await?;
            people::bury(tx.on(), now, id).await?;
            people::delete_sessions(tx.on(), id).await?;
            people::delete_links(tx.on(), id).await?;
            pictures::remove(tx.on(), id).await?;
            people::delete(tx.on(), id).await?;
        }
        Act::Assign { role, add, remove } => {
            let before = Profile::of(target);
            let mut after = before.clone();
            if let Some(name) = role {
                let Some(role) = roles::find(tx, name).await? else { return Ok(Err(Refusal::NotFound)) };
                after.set_role(role);
            }
            if lacking(caller.rights, after.rights()?).is_some() {
                return Ok(Err(Refusal::Forbidden));
            }
            let mut labels: Vec<String> = serde_json::from_str(&before.labels).map_err(internal)?;
            labels.retain(|label| !remove.contains(label));
            let new: Vec<String> = add.iter().filter(|label| !labels.contains(label)).cloned().collect();
            labels.extend(new);
            after.labels = serde_json::to_string(&labels).map_err(internal)?;
            if after != before {
                write(tx, caller, target, &before, &after).await?;
            }
        }
    }
    Ok(Ok(None))
}

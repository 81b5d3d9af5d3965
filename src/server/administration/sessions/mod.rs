//! Everybody's sessions: [the list](list), and ending them.

pub mod list;

use std::collections::HashSet;
use std::sync::Arc;

use self::list::people;
use super::jobs::{Batch, Started, Tally, run};
use super::people::lacking;
use crate::model::code::Code;
use crate::model::desk::{EndedOutcome, SessionEnding, SessionFilter};
use crate::model::jobs::Answer;
use crate::model::outcome::Refusal;
use crate::model::permission::Permission;
use crate::model::session::EndReason;
use crate::model::text::Text;
use crate::server::audit::Action;
use crate::server::context::RequestContext;
use crate::server::db::sessions::lists::{self, Start};
use crate::server::db::{Tx, users};
use crate::server::error::{Error, Result};
use crate::server::sessions::end::end_in;
use crate::server::sessions::is_handle;
use crate::server::users::effective_permissions;

/// Ends sessions: by handle, of a user, of everybody else, or those that a filter finds. Nobody
/// with rights that the caller lacks is touched. More than 200 become a job.
///
/// # Errors
/// `invalid_request` unless exactly one of the four is given; `validation_failed` without handles;
/// `conflict` with `count` if a filter finds more than were shown; `reauth_required`;
/// `unavailable`.
pub async fn end(context: &RequestContext, wanted: &SessionEnding) -> Result<Answer<EndedOutcome>> {
    let session = &context.require_permission_recently(Permission::SessionsManage)?.session;
    let everybody_else = wanted.everybody_else == Some(true);
    let given = [wanted.handles.is_some(), wanted.user_id.is_some(), everybody_else, wanted.filter.is_some()];
    if given.iter().filter(|given| **given).count() != 1 || (wanted.expected.is_some() != wanted.filter.is_some()) {
        return Err(Error::from(Code::InvalidRequest));
    }
    if let Some(handles) = &wanted.handles {
        if handles.is_empty() {
            return Err(Error::field("handles", Text::FieldNothingChosen));
        }
        if !handles.iter().all(|handle| is_handle(handle)) {
            return Err(Error::from(Code::InvalidRequest));
        }
    }
    let filter = match (&wanted.user_id, &wanted.filter) {
        (Some(user), _) => SessionFilter { user: Some(user.clone()), ..SessionFilter::default() },
        (None, filter) => filter.clone().unwrap_or_default(),
    };
    let handles: Vec<String> = match &wanted.handles {
        Some(handles) => {
            let mut seen = HashSet::new();
            handles.iter().filter(|handle| seen.insert(*handle)).cloned().collect()
        }
        None => {
            let people = people(context, &filter).await?;
            let start = Start::of(people.as_ref());
            let live = start.conditions(people.as_ref(), &filter, false, &session.policy, context.info.now);
            let found = match wanted.user_id {
                Some(_) => live,
                None => live.and("s.user_id <> ?1", [session.user.id.as_str().into()]),
            };
            lists::handles(context.panel.db.reader(), start, &found)
                .await?
                .into_iter()
                .map(|(handle,)| handle)
                .collect()
        }
    };
    let count = u32::try_from(handles.len()).unwrap_or(u32::MAX);
    if wanted.expected.is_some_and(|expected| count > expected) {
        return Err(Error::from(Code::Conflict).with(|details| details.count = Some(count)));
    }
    let batch: Batch = Arc::new(|context, handles| Box::pin(end_batch(context, handles)));
    Ok(match run(context, "sessions", handles, batch).await? {
        Started::Job(job) => Answer::Job { job },
        Started::Done(tally) => Answer::Done(EndedOutcome { ended: tally.done, refused: tally.refused() }),
    })
}

/// Ends a few sessions, within one transaction.
async fn end_batch(context: &RequestContext, handles: &[String]) -> Result<(Tx, Tally)> {
    let me = context.require_user()?.session.user.id.as_str();
    let mut tx = context.panel.db.begin().await?;
    let caller = users::by_id(tx.on(), me).await?.filter(|user| user.is_active);
    let rights = caller.ok_or(Error::from(Code::Unauthenticated))?.effective()?;
    if !rights.contains(Permission::SessionsManage) {
        return Err(Error::lacks(Permission::SessionsManage));
    }
    let mut tally = Tally::default();
    for handle in handles {
        let Some(owner) = lists::owner(tx.on(), handle).await? else { continue };
        if lacking(rights, effective_permissions(&owner.role_permissions, &owner.permissions)?).is_some() {
            tally.refuse(&owner.id, &owner.name, Refusal::Forbidden);
            continue;
        }
        let event = context.event(Action::SessionEnded);
        tally.done += u32::from(end_in(&mut tx, event, handle, EndReason::Revoked, Some(me)).await?);
    }
    Ok((tx, tally))
}

//! Everybody's sessions: the list, and ending them.

use std::collections::HashSet;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use super::jobs::{Batch, Started, Tally, run};
use super::people::lacking;
use crate::model::code::Code;
use crate::model::desk::{EndedOutcome, PersonRef, SessionEnding, SessionFilter, SessionsPage, UserSession};
use crate::model::form::non_null;
use crate::model::jobs::Answer;
use crate::model::listing::Listing;
use crate::model::outcome::Refusal;
use crate::model::permission::Permission;
use crate::model::policy::Policy;
use crate::model::session::{EndReason, SessionItem};
use crate::model::text::Text;
use crate::server::audit::Action;
use crate::server::clock::Millis;
use crate::server::context::RequestContext;
use crate::server::db::conditions::Conditions;
use crate::server::db::sessions::lists::{self, From, UserSessionRow};
use crate::server::db::{Tx, users};
use crate::server::error::{Error, Result};
use crate::server::listing::Limit;
use crate::server::sessions::end::end_in;
use crate::server::sessions::is_handle;
use crate::server::sessions::limits::{idle_limit, remembered_lifetime};
use crate::server::users::effective_permissions;
use crate::server::users::search::{Column, Matches, matches};

/// How far sessions are counted.
const COUNTED: i64 = SessionsPage::COUNTED as i64;

macro_rules! live {
    () => {
        "s.expires_at > ?1 AND (NOT s.remembered OR s.started_at > ?2) AND (s.last_seen_at > ?3 OR (s.remembered AND NOT ?4))"
    };
}

/// The query of the list. Live sessions are those that a request would accept now.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sessions {
    pub q: Option<String>,
    pub user: Option<String>,
    pub address: Option<String>,
    pub ended: bool,
    pub limit: Limit,
    #[serde(deserialize_with = "non_null")]
    pub cursor: Option<Cursor>,
}

impl Sessions {
    /// The filter without the page.
    pub fn filter(&self) -> SessionFilter {
        let text = |value: &Option<String>| value.clone().filter(|text| !text.trim().is_empty());
        SessionFilter { q: text(&self.q), user: text(&self.user), address: text(&self.address), ended: self.ended }
    }
}

/// A position in the list, which is sorted by start: a start never changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    at: Millis,
    handle: String,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.at, self.handle)
    }
}

impl FromStr for Cursor {
    type Err = &'static str;

    fn from_str(text: &str) -> std::result::Result<Cursor, &'static str> {
        let (at, handle) = text.split_once('.').ok_or("invalid cursor")?;
        let at = at.parse().map_err(|_| "invalid cursor")?;
        is_handle(handle).then(|| Cursor { at, handle: handle.to_owned() }).ok_or("invalid cursor")
    }
}

impl<'de> Deserialize<'de> for Cursor {
    fn deserialize<D: Deserializer<'de>>(text: D) -> std::result::Result<Cursor, D::Error> {
        String::deserialize(text)?.parse().map_err(D::Error::custom)
    }
}

/// The conditions of a filter, for people who were found. `also_ended` adds sessions that have ended, as
/// the filter wants.
fn conditions(
    found: Option<&Matches>,
    filter: &SessionFilter,
    also_ended: bool,
    policy: &Policy,
    now: Millis,
) -> Conditions {
    let mut all = Conditions::default();
    let text = |value: &Option<String>| {
        value.clone().map(|text| text.replace('\0', "")).filter(|text| !text.trim().is_empty())
    };
    if let Some(found) = found {
        all = found.and(all, Column::SessionUser);
    }
    if let Some(user) = text(&filter.user) {
        all = all.and("s.user_id = ?1", [user.into()]);
    }
    if let Some(address) = text(&filter.address) {
        all = all.and("s.address = ?1", [address.trim().into()]);
    }
    let limits = [
        now.into(),
        (now - remembered_lifetime(policy)).into(),
        (now - idle_limit(policy)).into(),
        policy.idle_applies_to_remembered.into(),
    ];
    match also_ended {
        false => all.and("s.ended_at IS NULL", []).and(LIVE, limits),
        true => all.and(concat!("s.ended_at IS NOT NULL OR (", live!(), ")"), limits),
    }
}

impl From {
    /// Where to begin reading all sessions that match. If many people match, they are still fewer than the
    /// sessions of everybody.
    fn of(people: Option<&Matches>) -> From {
        if matches!(people, Some(Matches::Many(_))) { From::People } else { From::Sessions }
    }

    /// As [`conditions`], for a query that begins there.
    fn conditions(
        self,
        people: Option<&Matches>,
        filter: &SessionFilter,
        also_ended: bool,
        policy: &Policy,
        now: Millis,
    ) -> Conditions {
        match (self, people) {
            (From::People, Some(people)) => people.and_joined(conditions(None, filter, also_ended, policy, now)),
            _ => conditions(people, filter, also_ended, policy, now),
        }
    }
}

/// Whom a filter's search finds.
///
/// # Errors
/// `unavailable`.
async fn people(context: &RequestContext, filter: &SessionFilter) -> Result<Option<Matches>> {
    matches(&context.panel.db, filter.q.as_deref().unwrap_or_default()).await
}

/// Whether a session without an end is live. The limits are as in [`ends`](crate::server::db::sessions::ends).
const LIVE: &str = live!();

/// A page of the sessions that match, newest first.
///
/// # Errors
/// `forbidden`; `unavailable`.
pub async fn list(context: &RequestContext, wanted: &Sessions) -> Result<Listing<UserSession>> {
    let session = &context.require_permission(Permission::SessionsManage)?.session;
    let (db, policy, now) = (&context.panel.db, &session.policy, context.info.now);
    let filter = wanted.filter();
    let people = people(context, &filter).await?;
    let found = conditions(people.as_ref(), &filter, wanted.ended, policy, now);
    let from = From::of(people.as_ref());
    let counted = from.conditions(people.as_ref(), &filter, wanted.ended, policy, now);
    let total = lists::count(db.reader(), from, &counted, COUNTED + 1).await?;
    let page = match &wanted.cursor {
        Some(Cursor { at, handle }) => {
            found.and("(s.started_at, s.handle) < (?1, ?2)", [(*at).into(), handle.as_str().into()])
        }
        None => found,
    };
    let rows = lists::of_users(db.reader(), &page, wanted.limit.rows()).await?;
    let cursor = |row: &UserSessionRow| {
        Cursor { at: row.session.times.started_at, handle: row.session.handle.clone() }.to_string()
    };
    let item = |row: UserSessionRow| {
        let current = row.session.handle == session.handle;
        UserSession {
            user: PersonRef { id: row.user_id, name: row.user_name, email: row.user_email },
            session: SessionItem { current, ended_by: row.ended_by_name, ..row.session.item(policy) },
        }
    };
    let more = total > COUNTED as u64;
    Ok(Listing { total: (!more).then_some(total), more, ..wanted.limit.listing(rows, cursor, item) })
}

/// How many sessions are live, counted to one more than 1,000.
///
/// # Errors
/// `forbidden`; `unavailable`.
pub async fn live_sessions(context: &RequestContext) -> Result<u32> {
    let session = &context.require_permission(Permission::SessionsManage)?.session;
    let live = conditions(None, &SessionFilter::default(), false, &session.policy, context.info.now);
    let count = lists::count(context.panel.db.reader(), From::Sessions, &live, COUNTED + 1).await?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

/// How many live sessions of other people match. Everybody else's are counted to one more than 1,000: ending
/// them needs no number.
///
/// # Errors
/// `forbidden`; `unavailable`.
pub async fn count_others(context: &RequestContext, filter: &SessionFilter) -> Result<u32> {
    let session = &context.require_permission(Permission::SessionsManage)?.session;
    let people = people(context, filter).await?;
    let from = From::of(people.as_ref());
    let found = from.conditions(people.as_ref(), filter, false, &session.policy, context.info.now);
    let others = found.and("s.user_id <> ?1", [session.user.id.as_str().into()]);
    let bound = if filter.is_everybody() { COUNTED + 1 } else { i64::MAX };
    let count = lists::count(context.panel.db.reader(), from, &others, bound).await?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

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
            let from = From::of(people.as_ref());
            let live = from.conditions(people.as_ref(), &filter, false, &session.policy, context.info.now);
            let found = match wanted.user_id {
                Some(_) => live,
                None => live.and("s.user_id <> ?1", [session.user.id.as_str().into()]),
            };
            lists::handles(context.panel.db.reader(), from, &found).await?.into_iter().map(|(handle,)| handle).collect()
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

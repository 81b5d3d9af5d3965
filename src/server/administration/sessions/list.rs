//! The list of everybody's sessions, and which ones a filter finds.

use std::fmt;
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use crate::model::desk::{PersonRef, SessionFilter, SessionsPage, UserSession};
use crate::model::form::non_null;
use crate::model::listing::Listing;
use crate::model::permission::Permission;
use crate::model::policy::Policy;
use crate::model::session::SessionItem;
use crate::server::clock::Millis;
use crate::server::context::RequestContext;
use crate::server::db::conditions::Conditions;
use crate::server::db::sessions::lists::{self, Start, UserSessionRow};
use crate::server::error::Result;
use crate::server::listing::Limit;
use crate::server::sessions::is_handle;
use crate::server::sessions::limits::{idle_limit, remembered_lifetime};
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
    let text = |value: &Option<String>| value.clone().filter(|text| !text.trim().is_empty());
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

impl Start {
    /// Where to begin reading all sessions that match. If many people match, they are still fewer than the
    /// sessions of everybody.
    pub(super) fn of(people: Option<&Matches>) -> Start {
        if matches!(people, Some(Matches::Many { .. })) { Start::People } else { Start::Sessions }
    }

    /// As [`conditions`], for a query that begins there.
    pub(super) fn conditions(
        self,
        people: Option<&Matches>,
        filter: &SessionFilter,
        also_ended: bool,
        policy: &Policy,
        now: Millis,
    ) -> Conditions {
        match (self, people) {
            (Start::People, Some(people)) => people.and_joined(conditions(None, filter, also_ended, policy, now)),
            _ => conditions(people, filter, also_ended, policy, now),
        }
    }
}

/// Whom a filter's search finds.
///
/// # Errors
/// `unavailable`.
pub(super) async fn people(context: &RequestContext, filter: &SessionFilter) -> Result<Option<Matches>> {
    matches(&context.panel.db, filter.q.as_deref().unwrap_or_default()).await
}

/// Whether a session without an end is live. The limits are as in [`ends`](crate::server::db::sessions::ends).
const LIVE: &str = live!();

/// A page of the sessions that match, newest first.
///
/// # Errors
/// `forbidden`; `unavailable`.
pub async fn list(context: &RequestContext, wanted: &Sessions) -> Result<Listing<UserSession>> {
    context.require_permission(Permission::SessionsManage)?;
    let people = people(context, &wanted.filter()).await?;
    page(context, wanted, people.as_ref(), 0).await
}

/// As [`list`], and how many live sessions of other people match. Everybody else's are counted to one more
/// than 1,000: ending them needs no number.
///
/// # Errors
/// `forbidden`; `unavailable`.
pub async fn list_and_others(context: &RequestContext, wanted: &Sessions) -> Result<(Listing<UserSession>, u32)> {
    let session = &context.require_permission(Permission::SessionsManage)?.session;
    let filter = wanted.filter();
    let people = people(context, &filter).await?;
    let start = Start::of(people.as_ref());
    let found = start.conditions(people.as_ref(), &filter, false, &session.policy, context.info.now);
    let others = found.and("s.user_id <> ?1", [session.user.id.as_str().into()]);
    let bound = if filter.is_everybody() { COUNTED + 1 } else { i64::MAX };
    let count = lists::count(context.panel.db.reader(), start, &others, bound).await?;
    Ok((page(context, wanted, people.as_ref(), count).await?, u32::try_from(count).unwrap_or(u32::MAX)))
}

/// A page of the list. `at_least` is how many sessions match as far as the caller has counted.
async fn page(
    context: &RequestContext,
    wanted: &Sessions,
    people: Option<&Matches>,
    at_least: u64,
) -> Result<Listing<UserSession>> {
    let session = &context.require_user()?.session;
    let (db, policy, now) = (&context.panel.db, &session.policy, context.info.now);
    let filter = wanted.filter();
    let found = conditions(people, &filter, wanted.ended, policy, now);
    let count = async |people: Option<&Matches>| {
        let start = Start::of(people);
        let counted = start.conditions(people, &filter, wanted.ended, policy, now);
        lists::count(db.reader(), start, &counted, COUNTED + 1).await
    };
    let mut total = at_least;
    if total <= COUNTED as u64
        && let Some(Matches::Many { some, .. }) = people
    {
        // Some of many people have enough sessions most of the time; finding all people takes much longer.
        total = count(Some(&Matches::Few(some.clone()))).await?;
    }
    if total <= COUNTED as u64 {
        total = count(people).await?;
    }
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
    let count = lists::count(context.panel.db.reader(), Start::Sessions, &live, COUNTED + 1).await?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

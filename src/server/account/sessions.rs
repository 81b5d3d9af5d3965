//! The user's own sessions: listing and ending them.

use std::fmt;
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use crate::model::account::EndedSessions;
use crate::model::code::Code;
use crate::model::form::non_null;
use crate::model::listing::Listing;
use crate::model::session::{EndReason, SessionItem};
use crate::server::audit::Action;
use crate::server::clock::Millis;
use crate::server::context::RequestContext;
use crate::server::db::sessions::is_own;
use crate::server::db::sessions::lists::{self, OwnRow};
use crate::server::error::{Error, Result};
use crate::server::flash::count_cookie;
use crate::server::listing::Limit;
use crate::server::sessions::end::{end_of_user_in, end_others_in, end_own_in};
use crate::server::sessions::identity::Identity;
use crate::server::sessions::is_handle;
use crate::server::sessions::limits::{idle_limit, remembered_lifetime};

/// The sort position of live sessions. The current session comes before them, ended ones after.
const LIVE: i64 = 1;

/// A sort position before every session.
const BEFORE_ALL: i64 = -1;

/// The query of the session list.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OwnSessions {
    /// Whether to include ended sessions.
    pub ended: bool,
    pub limit: Limit,
    /// Where the previous page ended.
    #[serde(deserialize_with = "non_null")]
    pub cursor: Option<Cursor>,
}

/// A position in the list of the user's sessions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    place: i64,
    at: Millis,
    handle: String,
}

impl Cursor {
    /// The position before the first ended session.
    pub fn before_ended() -> Cursor {
        Cursor { place: LIVE, at: Millis::MIN, handle: "~".to_owned() }
    }

    fn of(row: &OwnRow) -> Cursor {
        Cursor { place: row.place, at: row.at, handle: row.session.handle.clone() }
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.place, self.at, self.handle)
    }
}

impl FromStr for Cursor {
    type Err = &'static str;

    fn from_str(text: &str) -> std::result::Result<Cursor, &'static str> {
        let read = || {
            let mut parts = text.splitn(3, '.');
            let (place, at, handle) = (parts.next()?, parts.next()?, parts.next()?);
            let cursor = Cursor { place: place.parse().ok()?, at: at.parse().ok()?, handle: handle.to_owned() };
            is_handle(handle).then_some(cursor)
        };
        read().ok_or("invalid cursor")
    }
}

impl<'de> Deserialize<'de> for Cursor {
    fn deserialize<D: Deserializer<'de>>(text: D) -> std::result::Result<Cursor, D::Error> {
        String::deserialize(text)?.parse().map_err(D::Error::custom)
    }
}

/// Lists the caller's sessions: the current one, then live ones by activity, then, if
/// requested, ended ones by their end. Leaves out sessions that are past a limit but not yet
/// ended.
///
/// # Errors
/// `unavailable`.
pub async fn list_own(
    context: &RequestContext,
    identity: &Identity,
    wanted: &OwnSessions,
) -> Result<Listing<SessionItem>> {
    let (session, now) = (&identity.session, context.info.now);
    let policy = &session.policy;
    let first = Cursor { place: BEFORE_ALL, at: 0, handle: String::new() };
    let after = wanted.cursor.as_ref().unwrap_or(&first);
    let rows = lists::own_sessions(
        context.panel.db.reader(),
        &session.user.id,
        &session.handle,
        now,
        now - remembered_lifetime(policy),
        now - idle_limit(policy),
        policy.idle_applies_to_remembered,
        wanted.ended,
        after.place,
        after.at,
        &after.handle,
        wanted.limit.rows(),
    )
    .await?;
    let item = |row: OwnRow| {
        let current = row.session.handle == session.handle;
        SessionItem { current, ended_by: row.ended_by_name, ..row.session.item(policy) }
    };
    Ok(wanted.limit.listing(rows, |row| Cursor::of(row).to_string(), item))
}

/// Ends one of the caller's sessions and returns the number of ended sessions: 0 if it had
/// already ended.
///
/// # Errors
/// `not_found` for an unknown handle or another user's; `unavailable`.
pub async fn end_one(context: &RequestContext, handle: &str) -> Result<EndedSessions> {
    let user_id = context.require_user()?.session.user.id.as_str();
    if !is_handle(handle) {
        return Err(Error::from(Code::NotFound));
    }
    let mut tx = context.panel.db.begin().await?;
    let ended = end_own_in(&mut tx, context.event(Action::SessionEnded), handle, user_id).await?;
    if !ended {
        let own = is_own(tx.on(), handle, user_id).await?;
        own.ok_or(Error::from(Code::NotFound))?;
    }
    tx.commit().await?;
    respond(context, usize::from(ended))
}

/// Ends the caller's sessions except the current one.
///
/// # Errors
/// `unavailable`.
pub async fn end_others(context: &RequestContext) -> Result<EndedSessions> {
    let identity = context.require_user()?;
    let mut tx = context.panel.db.begin().await?;
    let ended = end_others_in(&mut tx, context.event(Action::SessionEnded), identity, EndReason::Revoked).await?;
    tx.commit().await?;
    respond(context, ended)
}

/// Ends all of the caller's sessions, and clears this browser's cookies as signing out does.
///
/// # Errors
/// `unavailable`.
pub async fn end_all(context: &RequestContext) -> Result<EndedSessions> {
    let user_id = context.require_user()?.session.user.id.as_str();
    let event = context.event(Action::SessionEnded);
    let mut tx = context.panel.db.begin().await?;
    let ended = end_of_user_in(&mut tx, event, user_id, EndReason::Revoked, Some(user_id)).await?;
    tx.commit().await?;
    context.set_cookies(context.panel.cookies.cleared())?;
    Ok(EndedSessions { ended })
}

/// The response. For a form, also sets the flash message of the next page.
fn respond(context: &RequestContext, ended: usize) -> Result<EndedSessions> {
    if context.info.is_form() {
        context.set_cookies(count_cookie(&context.panel, ended))?;
    }
    Ok(EndedSessions { ended })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_a_round_trip() {
        for text in ["1.1768464000000.sid_x-_9", "-1.0.~", &Cursor::before_ended().to_string()] {
            assert_eq!(text.parse::<Cursor>().map(|cursor| cursor.to_string()).as_deref(), Ok(text));
        }
        let over_long = format!("1.2.{}", "a".repeat(65));
        for bad in ["", "1", "1.2", "x.2.sid", "1.x.sid", "1.2.s d", "1.99999999999999999999.sid", &over_long] {
            assert!(bad.parse::<Cursor>().is_err(), "{bad}");
        }
    }
}

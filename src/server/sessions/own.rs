//! A person's own sessions: seen, and ended.

use sqlx::FromRow;

use super::super::audit::Action;
use super::super::clock::{Millis, rfc3339};
use super::super::db::{fetch_all, fetch_optional, queries};
use super::super::device;
use super::super::error::Result;
use super::super::identity::Identity;
use super::super::listing::{Window, invalid};
use super::super::pages;
use super::super::request::Asked;
use super::end::{end_of_user_in, end_others_in, end_own_in};
use super::is_handle;
use super::limits::{Times, idle_limit, remembered_lifetime};
use crate::model::account::EndedSessions;
use crate::model::failure::{Code, Failure};
use crate::model::listing::Listing;
use crate::model::policy::Policy;
use crate::model::session::{EndReason, SessionItem};

#[derive(FromRow)]
struct Row {
    handle: String,
    user_agent: String,
    address: String,
    remembered: bool,
    started_at: Millis,
    last_seen_at: Millis,
    expires_at: Millis,
    ended_at: Option<Millis>,
    end_reason: Option<String>,
    ended_by_name: Option<String>,
    place: i64,
    at: Millis,
}

impl Row {
    fn cursor(&self) -> String {
        format!("{}.{}.{}", self.place, self.at, self.handle)
    }

    fn item(self, current: &str, policy: &Policy) -> SessionItem {
        let Row { remembered, started_at, last_seen_at, expires_at, .. } = self;
        let times = Times { remembered, started_at, last_seen_at, expires_at };
        let words = device::read(&self.user_agent);
        SessionItem {
            current: self.handle == current,
            handle: self.handle,
            browser: words.browser,
            device: words.device,
            address: self.address,
            remembered,
            started_at: rfc3339(started_at),
            last_active_at: rfc3339(last_seen_at),
            expires_at: rfc3339(times.expires_at(policy)),
            idle_expires_at: times.idle_expires_at(policy).map(rfc3339),
            ended_at: self.ended_at.map(rfc3339),
            end_reason: self.end_reason.as_deref().and_then(EndReason::from_name),
            ended_by: self.ended_by_name,
        }
    }
}

/// Lists the sessions of whoever asks: this one, then the live ones by
/// activity, then, if wanted, the ended ones by their end. One that is past a
/// limit and that nobody has ended yet is neither.
///
/// # Errors
/// `invalid_request` for a cursor that is none; `unavailable`.
pub async fn own(asked: &Asked, identity: &Identity, ended: bool, window: &Window) -> Result<Listing<SessionItem>> {
    let (session, now) = (&identity.session, asked.visit.now);
    let policy = &session.policy;
    let (place, at, handle) = match &window.cursor {
        Some(cursor) => read_cursor(cursor).ok_or_else(invalid)?,
        None => (-1, 0, ""),
    };
    let mut rows = fetch_all!(
        asked.panel.db.reader(),
        Row,
        queries::SESSIONS_OWN,
        session.user.id.as_str(),
        session.handle.as_str(),
        now,
        now - remembered_lifetime(policy),
        now - idle_limit(policy),
        policy.idle_applies_to_remembered,
        ended,
        place,
        at,
        handle,
        // One more tells whether there are more.
        i64::from(window.limit) + 1,
    )?;
    let limit = window.limit as usize;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next_cursor = rows.last().filter(|_| more).map(Row::cursor);
    let items = rows.into_iter().map(|row| row.item(&session.handle, policy)).collect();
    Ok(Listing { items, next_cursor, total: None })
}

/// Where the ended sessions begin, as a cursor.
pub fn before_the_ended() -> String {
    format!("1.{}.~", i64::MIN)
}

fn read_cursor(text: &str) -> Option<(i64, Millis, &str)> {
    let mut parts = text.splitn(3, '.');
    let (place, at, handle) = (parts.next()?, parts.next()?, parts.next()?);
    let known = handle.len() <= 64 && handle.bytes().all(|b| b.is_ascii_graphic());
    Some((place.parse().ok()?, at.parse().ok()?, handle)).filter(|_| known)
}

/// Ends one of the caller's sessions; says how many that were, 0 for one that
/// had ended already.
///
/// # Errors
/// `not_found` for a handle that is nobody's or somebody else's; `unavailable`.
pub async fn end_one(asked: &Asked, handle: &str) -> Result<EndedSessions> {
    let user_id = asked.require_user()?.session.user.id.as_str();
    if !is_handle(handle) {
        return Err(Failure::new(Code::NotFound));
    }
    let mut tx = asked.panel.db.begin().await?;
    let ended = end_own_in(&mut tx, asked.event(Action::SessionEnded), handle, user_id).await?;
    if !ended {
        let own = fetch_optional!(tx.on(), (String,), queries::SESSION_IS_OWN, handle, user_id)?;
        own.ok_or(Failure::new(Code::NotFound))?;
    }
    tx.commit().await?;
    Ok(told(asked, usize::from(ended)))
}

/// Ends the caller's sessions but the one that asks.
///
/// # Errors
/// `unavailable`.
pub async fn end_others(asked: &Asked) -> Result<EndedSessions> {
    let identity = asked.require_user()?;
    let mut tx = asked.panel.db.begin().await?;
    let ended = end_others_in(&mut tx, asked.event(Action::SessionEnded), identity, EndReason::Revoked).await?;
    tx.commit().await?;
    Ok(told(asked, ended))
}

/// Ends all of the caller's sessions, and clears this browser as signing out does.
///
/// # Errors
/// `unavailable`.
pub async fn end_all(asked: &Asked) -> Result<EndedSessions> {
    let user_id = asked.require_user()?.session.user.id.as_str();
    let event = asked.event(Action::SessionEnded);
    let mut tx = asked.panel.db.begin().await?;
    let ended = end_of_user_in(&mut tx, event, user_id, EndReason::Revoked, Some(user_id)).await?;
    tx.commit().await?;
    asked.set_cookies(asked.panel.cookies.cleared());
    Ok(EndedSessions { ended })
}

/// The answer; a form without WASM reads it on the page it leads to.
fn told(asked: &Asked, ended: usize) -> EndedSessions {
    if asked.visit.is_form_post() {
        asked.set_cookies(pages::count_cookie(&asked.panel, ended));
    }
    EndedSessions { ended }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_was_written() {
        assert_eq!(read_cursor("1.1768464000000.sid_x-_9"), Some((1, 1_768_464_000_000, "sid_x-_9")));
        assert!(read_cursor(&before_the_ended()).is_some());
        for bad in ["", "1", "1.2", "x.2.sid", "1.x.sid", "1.2.s d", "1.99999999999999999999.sid"] {
            assert_eq!(read_cursor(bad), None, "{bad}");
        }
        assert_eq!(read_cursor(&format!("1.2.{}", "a".repeat(65))), None);
    }
}

//! A person's own sessions: seen, and ended.

use sqlx::FromRow;

use crate::model::account::EndedSessions;
use crate::model::failure::{Code, Failure};
use crate::model::listing::Listing;
use crate::model::policy::Policy;
use crate::model::session::{EndReason, SessionItem};
use crate::server::audit::Action;
use crate::server::clock::Millis;
use crate::server::context::RequestContext;
use crate::server::db::{fetch_all, fetch_optional, queries};
use crate::server::error::Result;
use crate::server::flash::count_cookie;
use crate::server::listing::{Window, invalid};
use crate::server::sessions::columns::SessionColumns;
use crate::server::sessions::end::{end_of_user_in, end_others_in, end_own_in};
use crate::server::sessions::identity::Identity;
use crate::server::sessions::is_handle;
use crate::server::sessions::limits::{idle_limit, remembered_lifetime};

#[derive(FromRow)]
struct Row {
    #[sqlx(flatten)]
    session: SessionColumns,
    ended_by_name: Option<String>,
    place: i64,
    at: Millis,
}

impl Row {
    fn cursor(&self) -> String {
        format!("{}.{}.{}", self.place, self.at, self.session.handle)
    }

    fn item(self, current: &str, policy: &Policy) -> SessionItem {
        let current = self.session.handle == current;
        SessionItem { current, ended_by: self.ended_by_name, ..self.session.item(policy) }
    }
}

/// Lists the sessions of whoever asks: this one, then the live ones by
/// activity, then, if wanted, the ended ones by their end. One that is past a
/// limit and that nobody has ended yet is neither.
///
/// # Errors
/// `invalid_request` for a cursor that is none; `unavailable`.
pub async fn own(
    context: &RequestContext,
    identity: &Identity,
    ended: bool,
    window: &Window,
) -> Result<Listing<SessionItem>> {
    let (session, now) = (&identity.session, context.info.now);
    let policy = &session.policy;
    let (place, at, handle) = match &window.cursor {
        Some(cursor) => read_cursor(cursor).ok_or_else(invalid)?,
        None => (-1, 0, ""),
    };
    let mut rows = fetch_all!(
        context.panel.db.reader(),
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
    Some((place.parse().ok()?, at.parse().ok()?, handle)).filter(|_| is_handle(handle))
}

/// Ends one of the caller's sessions; says how many that were, 0 for one that
/// had ended already.
///
/// # Errors
/// `not_found` for a handle that is nobody's or somebody else's; `unavailable`.
pub async fn end_one(context: &RequestContext, handle: &str) -> Result<EndedSessions> {
    let user_id = context.require_user()?.session.user.id.as_str();
    if !is_handle(handle) {
        return Err(Failure::new(Code::NotFound));
    }
    let mut tx = context.panel.db.begin().await?;
    let ended = end_own_in(&mut tx, context.event(Action::SessionEnded), handle, user_id).await?;
    if !ended {
        let own = fetch_optional!(tx.on(), (String,), queries::SESSION_IS_OWN, handle, user_id)?;
        own.ok_or(Failure::new(Code::NotFound))?;
    }
    tx.commit().await?;
    told(context, usize::from(ended))
}

/// Ends the caller's sessions but the one that asks.
///
/// # Errors
/// `unavailable`.
pub async fn end_others(context: &RequestContext) -> Result<EndedSessions> {
    let identity = context.require_user()?;
    let mut tx = context.panel.db.begin().await?;
    let ended = end_others_in(&mut tx, context.event(Action::SessionEnded), identity, EndReason::Revoked).await?;
    tx.commit().await?;
    told(context, ended)
}

/// Ends all of the caller's sessions, and clears this browser as signing out does.
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

/// The answer; a form reads it on the page it leads to.
fn told(context: &RequestContext, ended: usize) -> Result<EndedSessions> {
    if context.info.is_form() {
        context.set_cookies(count_cookie(&context.panel, ended))?;
    }
    Ok(EndedSessions { ended })
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

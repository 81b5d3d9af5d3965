//! Signing in at the session limit: ends the chosen session and starts a new one.

use super::identity::Identity;
use super::is_handle;
use super::session_limit::AtLimit;
use super::start::{StartedSession, start};
use super::ticket::{Ticket, invalid_ticket};
use crate::model::account::Choice;
use crate::model::code::Code;
use crate::model::text::Text;
use crate::server::db::sessions::is_own;
use crate::server::error::{Error, Result};
use crate::server::request::RequestInfo;
use crate::server::state::Panel;
use crate::server::users::still_authenticated;

/// Ends the chosen session and starts a new one. A ticket replaces the password.
///
/// # Errors
/// `validation_failed` naming `ticket` if it is expired, used, forged or issued for an earlier
/// password, and naming `handle` if it is empty; `not_found` for a session of another user;
/// `account_inactive`; `session_limit` again if the chosen session has already ended and the
/// limit is still reached; `unavailable`.
pub async fn choose(
    panel: &Panel,
    info: &RequestInfo,
    previous: Option<&Identity>,
    choice: &Choice,
) -> Result<StartedSession> {
    let ticket = Ticket::open(panel, &choice.ticket, info.now).ok_or_else(invalid_ticket)?;
    let authenticated = still_authenticated(panel, &ticket.user_id, |hash| ticket.is_of(hash)).await?;
    let authenticated = authenticated.ok_or_else(invalid_ticket)?;
    if choice.handle.is_empty() {
        return Err(Error::field("handle", Text::FieldHandleMissing));
    }
    if !is_handle(&choice.handle) {
        return Err(Error::from(Code::NotFound));
    }
    let (handle, user_id) = (choice.handle.as_str(), ticket.user_id.as_str());
    let own = is_own(panel.db.reader(), handle, user_id).await?;
    own.ok_or(Error::from(Code::NotFound))?;
    let remember_me = ticket.remember_me;
    start(panel, info, previous, authenticated, remember_me, AtLimit::End { chosen: choice.handle.clone(), ticket })
        .await
}

//! The policy's limit on live sessions.

use super::end::end_in;
use super::ticket::Ticket;
use crate::model::code::Code;
use crate::model::hidden::Hidden;
use crate::model::policy::Policy;
use crate::model::session::{EndReason, SessionChoice};
use crate::server::audit::Action;
use crate::server::clock::Millis;
use crate::server::db::Tx;
use crate::server::db::sessions::SessionColumns;
use crate::server::db::sessions::lists::open_of_user;
use crate::server::error::{Error, Result};
use crate::server::lockout;
use crate::server::request::RequestInfo;
use crate::server::state::Panel;
use crate::server::users::{AuthenticatedUser, still_authenticated};

/// What happens at the session limit.
pub enum AtLimit {
    /// The least recently active session ends.
    EndLeastActive,
    /// The caller is asked which session ends.
    Ask,
    /// The caller chose a session, with a ticket.
    End { chosen: String, ticket: Ticket },
}

impl AtLimit {
    /// The variant for a sign-in's `askAtLimit`.
    pub fn for_sign_in(ask: bool) -> AtLimit {
        if ask { AtLimit::Ask } else { AtLimit::EndLeastActive }
    }
}

/// The live sessions among a user's open ones, least recently active first.
fn live(open: Vec<SessionColumns>, policy: &Policy, now: Millis) -> Vec<SessionColumns> {
    open.into_iter().filter(|session| session.times.overdue(policy, now).is_none()).collect()
}

/// Ends as many sessions as needed, so that the `new` session is within the limit. If the
/// caller must choose, returns the sessions to choose from. The transaction must then be rolled
/// back.
///
/// The transaction holds a lock on the user's row, so each of several parallel sign-ins sees
/// the sessions of the earlier ones.
///
/// # Errors
/// `unavailable`.
pub async fn enforce_limit(
    tx: &mut Tx,
    info: &RequestInfo,
    authenticated: &AuthenticatedUser,
    new: &str,
    at_limit: &AtLimit,
) -> Result<Option<Vec<SessionColumns>>> {
    let (user_id, now) = (authenticated.user.id.as_str(), info.now);
    let ended = || info.event(Action::SessionEnded).by(user_id);
    let open = open_of_user(tx.on(), user_id).await?;
    let mut others = live(open, &authenticated.policy, now);
    others.retain(|session| session.handle != new);
    let may_end_others = match at_limit {
        AtLimit::EndLeastActive => true,
        AtLimit::Ask => false,
        // The chosen session has already ended, so the caller has to choose again.
        AtLimit::End { chosen, .. } => match others.iter().position(|session| session.handle == *chosen) {
            Some(at) => {
                others.remove(at);
                end_in(tx, ended(), chosen, EndReason::SessionLimit, Some(user_id)).await?
            }
            None => false,
        },
    };
    let surplus = surplus(others.len() + 1, &authenticated.policy);
    if surplus > 0 && !may_end_others {
        return Ok(Some(others));
    }
    for session in others.iter().take(surplus) {
        end_in(tx, ended(), &session.handle, EndReason::SessionLimit, None).await?;
    }
    Ok(None)
}

/// How many sessions exceed the limit.
fn surplus(sessions: usize, policy: &Policy) -> usize {
    match policy.session_limit {
        0 => 0,
        limit => sessions.saturating_sub(limit as usize),
    }
}

/// The error that asks which session ends. The password was right, so the attempt counts as a
/// success and is audited.
///
/// # Errors
/// `unavailable`.
pub async fn ask(
    panel: &Panel,
    info: &RequestInfo,
    authenticated: &AuthenticatedUser,
    ticket: Ticket,
    others: Vec<SessionColumns>,
) -> Result<Error> {
    let user_id = authenticated.user.id.as_str();
    let mut tx = panel.db.begin().await?;
    if let Some(charged) = &authenticated.charged {
        lockout::succeeded(&mut tx, charged).await?;
    }
    info.event(Action::SessionLimitReached).by(user_id).of(user_id).write(&mut tx).await?;
    tx.commit().await?;
    Ok(session_limit(choice_of(ticket.seal(panel)?, others, &authenticated.policy)))
}

/// The error at the session limit: one of these sessions has to end.
fn session_limit(choice: SessionChoice) -> Error {
    Error::from(Code::SessionLimit).with(|details| details.choice = Some(choice))
}

fn choice_of(ticket: Hidden, others: Vec<SessionColumns>, policy: &Policy) -> SessionChoice {
    SessionChoice {
        ticket,
        // The number stays the same: the chosen session goes and the new one comes.
        also_ending: u32::try_from(surplus(others.len(), policy)).unwrap_or(u32::MAX),
        sessions: others.into_iter().map(|session| session.item(policy)).collect(),
    }
}

/// The sessions that the ticket's holder can choose from; `None` if the ticket is invalid.
///
/// # Errors
/// `unavailable`.
pub async fn choice(panel: &Panel, sealed: &str, now: Millis) -> Result<Option<SessionChoice>> {
    let Some(ticket) = Ticket::open(panel, sealed, now) else { return Ok(None) };
    let authenticated = match still_authenticated(panel, &ticket.user_id, |hash| ticket.is_of(hash)).await {
        Ok(Some(authenticated)) => authenticated,
        Ok(None) => return Ok(None),
        Err(error) if error.code == Code::AccountInactive => return Ok(None),
        Err(error) => return Err(error),
    };
    let open = open_of_user(panel.db.reader(), &ticket.user_id).await?;
    Ok(Some(choice_of(sealed.to_owned().into(), live(open, &authenticated.policy, now), &authenticated.policy)))
}

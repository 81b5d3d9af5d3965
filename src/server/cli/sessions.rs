//! `session list|revoke|sweep`.

use serde::Serialize;
use serde_json::json;

use super::users::parse_known_email;
use super::{SessionCommand, message};
use crate::model::policy::Policy;
use crate::model::session::{EndReason, SessionItem};
use crate::server::audit::{Action, Event};
use crate::server::clock::{Millis, rfc3339};
use crate::server::db::policy;
use crate::server::db::sessions::SessionColumns;
use crate::server::db::sessions::lists::{self, Filter, ListedRow};
use crate::server::error::Result as Answer;
use crate::server::sessions::end::end_in;
use crate::server::sessions::state::SessionState;
use crate::server::state::AppState;
use crate::server::{device, sweep};

pub async fn run(panel: &AppState, command: SessionCommand) -> Result<(), String> {
    match command {
        SessionCommand::List { user, ended, json } => list(panel, user.as_deref(), ended, json).await,
        SessionCommand::Revoke { handle } => match revoke(panel, &handle).await.map_err(message)? {
            true => {
                println!("{handle} has ended.");
                Ok(())
            }
            false => Err(format!("There is no live session {handle}; `session list` shows them.")),
        },
        SessionCommand::Sweep => {
            let swept = sweep::sweep(panel).await.map_err(message)?;
            println!(
                "{} past a limit ended, {} past their retention deleted.",
                count(swept.ended as u64),
                swept.deleted
            );
            Ok(())
        }
    }
}

fn count(sessions: u64) -> String {
    if sessions == 1 { "1 session".to_owned() } else { format!("{sessions} sessions") }
}

/// Ends a live session. Returns whether it was live.
async fn revoke(panel: &AppState, handle: &str) -> Answer<bool> {
    let now = panel.clock.now();
    let state = SessionState::of(&panel.db, handle).await?;
    // A session past a limit is already over and keeps that reason.
    if state.is_none_or(|state| state.end_reason_at(now).is_some()) {
        return Ok(false);
    }
    let mut tx = panel.db.begin().await?;
    let event = Event::of_system(Action::SessionEnded, now);
    let ended = end_in(&mut tx, event, handle, EndReason::Revoked, None).await?;
    tx.commit().await?;
    Ok(ended)
}

/// A line of `session list --json`: the API's item, and the session's user.
#[derive(Serialize)]
struct Listed {
    user: String,
    #[serde(flatten)]
    item: SessionItem,
}

impl ListedRow {
    /// Why the session is invalid, whether or not its end is written already.
    fn end_reason_at(&self, policy: &Policy, now: Millis) -> Option<EndReason> {
        let SessionColumns { times, end, .. } = &self.session;
        times.end_reason_at(end, self.is_active, policy, now)
    }

    fn listed(self, dead: Option<EndReason>, policy: &Policy) -> Listed {
        let item = SessionItem { end_reason: dead, ended_by: self.ended_by, ..self.session.item(policy) };
        Listed { user: self.email, item }
    }

    fn line(&self, dead: Option<EndReason>) -> String {
        let SessionColumns { handle, times, end, address, user_agent } = &self.session;
        let state = match (dead, end.ended_at) {
            (None, _) => "live".to_owned(),
            (Some(reason), Some(at)) => format!("{} {}", reason.name(), rfc3339(at)),
            (Some(reason), None) => reason.name().to_owned(),
        };
        let device = device::describe(user_agent);
        let (since, seen) = (rfc3339(times.started_at), rfc3339(times.last_seen_at));
        format!("{handle}\t{}\t{device}\t{address}\t{since}\t{seen}\t{state}", self.email)
    }
}

async fn list(panel: &AppState, user: Option<&str>, with_ended: bool, as_json: bool) -> Result<(), String> {
    let email = user.map(parse_known_email).transpose()?;
    let email = email.as_ref().map(|email| (email.as_typed(), email.as_str()));
    let (now, policy) = (panel.clock.now(), policy::read(&panel.db).await.map_err(message)?.policy);
    let rows = lists::filtered(panel.db.reader(), &Filter { email, ended: with_ended }).await;
    let rows = rows.map_err(|error| message(error.into()))?;
    let rows = rows.into_iter().map(|row| (row.end_reason_at(&policy, now), row));
    let rows = rows.filter(|(dead, _)| with_ended || dead.is_none());
    if as_json {
        let listed: Vec<Listed> = rows.map(|(dead, row)| row.listed(dead, &policy)).collect();
        println!("{}", json!(listed));
    } else {
        rows.for_each(|(dead, row)| println!("{}", row.line(dead)));
    }
    Ok(())
}

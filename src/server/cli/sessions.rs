//! `session list|revoke|sweep`.

use serde_json::json;
use sqlx::FromRow;

use super::super::audit::{Action, Event};
use super::super::clock::{Millis, rfc3339};
use super::super::db::{fetch_all, queries};
use super::super::error::Result as Answer;
use super::super::sessions::end::end_in;
use super::super::sessions::limits::Times;
use super::super::sessions::standing::{Standing, ended};
use super::super::state::AppState;
use super::super::{device, policy, sweep};
use super::users::parse;
use super::{SessionCommand, in_words};
use crate::model::policy::Policy;
use crate::model::session::EndReason;

pub async fn run(panel: &AppState, command: SessionCommand) -> Result<(), String> {
    match command {
        SessionCommand::List { user, ended, json } => list(panel, user.as_deref(), ended, json).await,
        SessionCommand::Revoke { handle } => match revoke(panel, &handle).await.map_err(in_words)? {
            true => {
                println!("{handle} has ended.");
                Ok(())
            }
            false => Err(format!("There is no live session {handle}; `session list` shows them.")),
        },
        SessionCommand::Sweep => {
            let swept = sweep::sweep(panel).await.map_err(in_words)?;
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

/// Ends a live session; says whether there was one.
async fn revoke(panel: &AppState, handle: &str) -> Answer<bool> {
    let now = panel.clock.now();
    let standing = Standing::of(&panel.db, handle).await?;
    // What is past a limit is over, and keeps its own reason.
    if standing.is_none_or(|standing| standing.dead(now).is_some()) {
        return Ok(false);
    }
    let mut tx = panel.db.begin().await?;
    let event = Event::of_system(Action::SessionEnded, now);
    let ended = end_in(&mut tx, event, handle, EndReason::Revoked, None).await?;
    tx.commit().await?;
    Ok(ended)
}

#[derive(FromRow)]
struct Row {
    handle: String,
    email: String,
    remembered: bool,
    started_at: Millis,
    last_seen_at: Millis,
    expires_at: Millis,
    ended_at: Option<Millis>,
    end_reason: Option<String>,
    ended_by: Option<String>,
    address: String,
    user_agent: String,
    is_active: bool,
}

impl Row {
    fn times(&self) -> Times {
        Times {
            remembered: self.remembered,
            started_at: self.started_at,
            last_seen_at: self.last_seen_at,
            expires_at: self.expires_at,
        }
    }

    /// Why it does not count any more, written down or not yet.
    fn dead(&self, policy: &Policy, now: Millis) -> Option<EndReason> {
        let disabled = (!self.is_active).then_some(EndReason::AccountDisabled);
        let written = ended(self.ended_at, self.end_reason.as_deref());
        written.or(disabled).or_else(|| self.times().overdue(policy, now))
    }
}

async fn list(panel: &AppState, user: Option<&str>, with_ended: bool, as_json: bool) -> Result<(), String> {
    let email = user.map(parse).transpose()?;
    let email = email.as_ref().map_or("", |email| email.as_str());
    let (now, policy) = (panel.clock.now(), policy::read(&panel.db).await.map_err(in_words)?.policy);
    let rows = fetch_all!(panel.db.reader(), Row, queries::SESSIONS_OF, email, with_ended);
    let rows = rows.map_err(|error| in_words(error.into()))?;
    let rows = rows.iter().map(|row| (row, row.dead(&policy, now))).filter(|(_, dead)| with_ended || dead.is_none());
    if as_json {
        println!("{}", serde_json::Value::from_iter(rows.map(|(row, dead)| as_item(row, dead, &policy))));
        return Ok(());
    }
    for (row, dead) in rows {
        let state = match (dead, row.ended_at) {
            (None, _) => "live".to_owned(),
            (Some(reason), Some(at)) => format!("{} {}", reason.name(), rfc3339(at)),
            (Some(reason), None) => reason.name().to_owned(),
        };
        let device = device::in_words(&row.user_agent);
        let (since, seen) = (rfc3339(row.started_at), rfc3339(row.last_seen_at));
        println!("{}\t{}\t{device}\t{}\t{since}\t{seen}\t{state}", row.handle, row.email, row.address);
    }
    Ok(())
}

fn as_item(row: &Row, dead: Option<EndReason>, policy: &Policy) -> serde_json::Value {
    let times = row.times();
    json!({
        "handle": row.handle, "user": row.email, "device": device::in_words(&row.user_agent), "address": row.address,
        "remembered": row.remembered, "startedAt": rfc3339(row.started_at), "lastActiveAt": rfc3339(row.last_seen_at),
        "expiresAt": rfc3339(times.expires_at(policy)), "idleExpiresAt": times.idle_expires_at(policy).map(rfc3339),
        "endedAt": row.ended_at.map(rfc3339), "endReason": dead, "endedBy": row.ended_by,
    })
}

//! Acts on many things: in batches, at once if they are few, else as a job that the page follows.
//!
//! Each batch is a transaction of its own, so that sign-ins never wait long, and reads the caller's
//! rights again. A job's progress is written in the transaction of its batch.

use std::collections::HashSet;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures::future::BoxFuture;
use http::StatusCode;
use serde::{Deserialize, Serialize};

use crate::model::code::Code;
use crate::model::jobs::{Job, JobState, ShownJob};
use crate::model::outcome::{KeptOutcome, Refusal, Refused};
use crate::server::clock::{DAY, MINUTE, Millis, SECOND};
use crate::server::context::RequestContext;
use crate::server::db::Tx;
use crate::server::db::jobs::{self, JobRow};
use crate::server::error::{Error, Result, internal};
use crate::server::kept::keep;
use crate::server::keys::random;

/// The most things in one transaction: a sign-in waits for several of them, one after the other.
const BATCH: usize = 25;

/// The most things that a request waits for.
pub const MOST_AT_ONCE: usize = 200;

/// A running job that has written nothing for so long was interrupted by the end of its server.
const SILENCE: Millis = 30 * SECOND;

/// How long pages show a job after its end.
const SHOWN: Millis = 10 * MINUTE;

/// How long jobs can be asked for.
pub const LIFETIME: Millis = DAY;

/// One that was left out.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LeftOut {
    pub id: String,
    pub name: String,
    pub code: Refusal,
}

/// What happened to things of one or several batches.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    pub done: u32,
    refused: Vec<LeftOut>,
    /// The ids of those who were left out.
    left: HashSet<String>,
    /// Ids and names with their one-time links.
    pub links: Vec<(String, String, String)>,
}

impl Tally {
    /// Leaves one out. Someone who has several things is named once.
    pub fn refuse(&mut self, id: &str, name: &str, code: Refusal) {
        if self.left.insert(id.to_owned()) {
            self.refused.push(LeftOut { id: id.to_owned(), name: name.to_owned(), code });
        }
    }

    fn add(&mut self, other: Tally) {
        self.done += other.done;
        other.refused.iter().for_each(|left| self.refuse(&left.id, &left.name, left.code));
        self.links.extend(other.links);
    }

    /// Those that were left out, as programs get them.
    pub fn refused(&self) -> Vec<Refused> {
        self.refused.iter().map(|left| Refused { id: left.id.clone(), code: left.code }).collect()
    }

    fn kept(&self) -> KeptOutcome {
        KeptOutcome {
            done: self.done,
            refused: self.refused.iter().map(|left| (left.name.clone(), left.code)).collect(),
            links: self.links.iter().map(|(_, name, url)| (name.clone(), url.clone())).collect(),
        }
    }
}

/// Does something to each thing of a batch, within a transaction that it begins and that its caller
/// commits.
pub type Batch =
    Arc<dyn for<'a> Fn(&'a RequestContext, &'a [String]) -> BoxFuture<'a, Result<(Tx, Tally)>> + Send + Sync>;

/// What became of an act.
pub enum Started {
    Done(Tally),
    Job(Job),
}

/// Does something to these things, which each have an id. More than 200 become a job, and the
/// response is 202. `what` names the things: `users` or `sessions`.
///
/// # Errors
/// Those of a batch, after which the batches before it stay done.
pub async fn run(context: &RequestContext, what: &'static str, ids: Vec<String>, batch: Batch) -> Result<Started> {
    if ids.len() > MOST_AT_ONCE {
        return Ok(Started::Job(start(context, what, ids, batch).await?));
    }
    let mut tally = Tally::default();
    for part in ids.chunks(BATCH) {
        let (tx, done) = batch(context, part).await?;
        tx.commit().await?;
        tally.add(done);
    }
    keep(context, &tally.kept()).await?;
    Ok(Started::Done(tally))
}

async fn start(context: &RequestContext, what: &'static str, ids: Vec<String>, batch: Batch) -> Result<Job> {
    let session = context.require_user()?.session.handle.clone();
    let id = format!("job_{}", URL_SAFE_NO_PAD.encode(random::<16>()));
    let total = u32::try_from(ids.len()).unwrap_or(u32::MAX);
    jobs::insert(context.panel.db.writer(), &id, &session, what, total.into(), context.info.now).await?;
    if let Some(answer) = &context.response_options {
        answer.set_status(StatusCode::ACCEPTED);
    }
    let job = Job { id: id.clone(), state: JobState::Running, total, done: 0, refused: Vec::new() };
    // The task outlives its request, so it sets no cookies.
    let context = RequestContext { response_options: None, ..context.clone() };
    let panel = context.panel.clone();
    drop(panel.work.begin(async move {
        if let Err(error) = work(&context, &session, &id, &ids, &batch).await {
            tracing::warn!(%error, job = id, "a job was interrupted");
            // If this fails too, the job's silence says the same.
            let _ = jobs::interrupt(context.panel.db.writer(), context.panel.clock.now(), &id).await;
        }
    }));
    Ok(job)
}

/// Does the batches one after the other, until the server shuts down or the session ends.
async fn work(context: &RequestContext, session: &str, id: &str, ids: &[String], batch: &Batch) -> Result<()> {
    let (panel, mut tally) = (&context.panel, Tally::default());
    let (mut worked, mut refused) = (0, "[]".to_owned());
    for part in ids.chunks(BATCH) {
        if panel.shutdown.is_cancelled() {
            return Err(internal("the server shuts down"));
        }
        let (mut tx, done) = batch(context, part).await?;
        jobs::session_is_open(tx.on(), session).await?.ok_or(Error::from(Code::Unauthenticated))?;
        let more_refused = !done.refused.is_empty();
        tally.add(done);
        if more_refused {
            refused = serde_json::to_string(&tally.refused).map_err(internal)?;
        }
        worked += part.len();
        let state = if worked == ids.len() { "done" } else { "running" };
        jobs::record(tx.on(), state, tally.done.into(), &refused, panel.clock.now(), id).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// A job of this session.
///
/// # Errors
/// `unauthenticated`; `not_found`; `unavailable`.
pub async fn find(context: &RequestContext, id: &str) -> Result<Job> {
    let session = &context.require_user()?.session.handle;
    let plain = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    let row = match plain {
        true => jobs::find(context.panel.db.reader(), id, session).await?,
        false => None,
    };
    let row = row.ok_or(Error::from(Code::NotFound))?;
    let refused = row.left_out()?.into_iter().map(|left| Refused { id: left.id, code: left.code }).collect();
    Ok(Job { state: row.state(context.info.now), total: row.total(), done: row.done(), refused, id: row.id })
}

/// The newest job of this session on such things, for its pages: while it runs, and ten minutes
/// longer.
///
/// # Errors
/// `unauthenticated`; `unavailable`.
pub async fn shown(context: &RequestContext, what: &str) -> Result<Option<ShownJob>> {
    let session = &context.require_user()?.session.handle;
    let now = context.info.now;
    let Some(row) = jobs::newest(context.panel.db.reader(), session, what, now - SHOWN).await? else {
        return Ok(None);
    };
    let refused = row.left_out()?.into_iter().map(|left| (left.name, left.code)).collect();
    Ok(Some(ShownJob { state: row.state(now), total: row.total(), done: row.done(), refused }))
}

impl JobRow {
    fn state(&self, now: Millis) -> JobState {
        match self.state.as_str() {
            "done" => JobState::Done,
            "running" if self.updated_at > now - SILENCE => JobState::Running,
            _ => JobState::Interrupted,
        }
    }

    fn total(&self) -> u32 {
        u32::try_from(self.total).unwrap_or(u32::MAX)
    }

    fn done(&self) -> u32 {
        u32::try_from(self.done).unwrap_or(u32::MAX)
    }

    fn left_out(&self) -> Result<Vec<LeftOut>> {
        serde_json::from_str(&self.refused).map_err(internal)
    }
}

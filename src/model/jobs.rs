//! Jobs: acts on more people or sessions than one request should wait for.

use serde::{Deserialize, Serialize};

use super::outcome::{Outcome, Refused};

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum JobState {
    Running,
    Done,
    /// By a restart, a lost right or the end of its session. What is done stays done.
    Interrupted,
}

/// A job, as `GET /api/jobs/{id}` shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Job {
    pub id: String,
    pub state: JobState,
    pub total: u32,
    pub done: u32,
    pub refused: Vec<Refused>,
}

/// The answer to an act: what happened, or the job that does it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Answer<T = Outcome> {
    Job { job: Job },
    Done(T),
}

/// A job as pages show it.
#[derive(Clone, Debug, PartialEq)]
pub struct ShownJob {
    pub state: JobState,
    pub total: u32,
    pub done: u32,
    /// The names of those who were left out, and why.
    pub refused: Vec<(String, super::outcome::Refusal)>,
}

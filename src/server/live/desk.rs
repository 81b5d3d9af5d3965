//! What of the administrators' lists has changed, told once a second at most.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::hub::{Hub, Signal};
use crate::model::live::DeskPart;

/// The shortest time between two signals.
const INTERVAL: Duration = Duration::from_secs(1);

/// The changes that have not been told yet.
#[derive(Default)]
pub struct Desk {
    due: BTreeSet<DeskPart>,
    told_at: Option<Instant>,
    /// The administrators by id, with their names; `None` before the first look.
    pub administrators: Option<BTreeMap<String, String>>,
}

impl Desk {
    /// Notes a change.
    pub fn changed(&mut self, part: DeskPart) {
        self.due.insert(part);
    }

    /// Waits until a change may be told. Cancel safe.
    pub async fn wait(&self) {
        match (self.due.is_empty(), self.told_at) {
            (true, _) => std::future::pending().await,
            (false, None) => {}
            (false, Some(told_at)) => sleep_until(told_at + INTERVAL).await,
        }
    }

    /// Signals the changes to those who may see them.
    pub fn tell(&mut self, hub: &Hub) {
        self.told_at = Some(Instant::now());
        for part in std::mem::take(&mut self.due) {
            let may = |rights: &super::hub::Rights| rights.permissions.contains(part.needs());
            hub.signal_those(may, None, &Signal::DeskChanged(part));
        }
    }
}

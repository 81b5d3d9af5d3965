//! A session's row, as far as people are shown it.

use crate::model::policy::Policy;
use crate::model::session::SessionItem;
use crate::server::clock::rfc3339;
use crate::server::db::sessions::SessionColumns;
use crate::server::device;

impl SessionColumns {
    /// The item of a list, under the policy in force. Whether it is the one that
    /// asks, and who ended it, is for the list to add.
    pub fn item(self, policy: &Policy) -> SessionItem {
        let device::Words { browser, device } = device::read(&self.user_agent);
        SessionItem {
            handle: self.handle,
            current: false,
            browser,
            device,
            address: self.address,
            remembered: self.times.remembered,
            started_at: rfc3339(self.times.started_at),
            last_active_at: rfc3339(self.times.last_seen_at),
            expires_at: rfc3339(self.times.expires_at(policy)),
            idle_expires_at: self.times.idle_expires_at(policy).map(rfc3339),
            ended_at: self.end.ended_at.map(rfc3339),
            end_reason: self.end.reason(),
            ended_by: None,
        }
    }
}

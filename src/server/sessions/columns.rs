//! Turns a session's row into a list item.

use crate::model::policy::Policy;
use crate::model::session::SessionItem;
use crate::server::clock::rfc3339;
use crate::server::db::sessions::SessionColumns;
use crate::server::device;

impl SessionColumns {
    /// The list item under the current policy. The caller sets `current` and `ended_by`.
    pub fn item(self, policy: &Policy) -> SessionItem {
        let device::Description { browser, device } = device::read(&self.user_agent);
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

//! Limits a repeated log message to one a minute.

use std::sync::atomic::{AtomicI64, Ordering};

use super::clock::{MINUTE, Millis};

/// The time of the last message.
pub struct OncePerMinute(AtomicI64);

impl Default for OncePerMinute {
    fn default() -> OncePerMinute {
        OncePerMinute(AtomicI64::new(Millis::MIN))
    }
}

impl OncePerMinute {
    /// Whether to log now. If so, records the message as logged.
    pub fn is_due(&self, now: Millis) -> bool {
        let due = |last: Millis| (now < last || now.saturating_sub(last) >= MINUTE).then_some(now);
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, due).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_due_once_a_minute_and_after_the_clock_was_set_back() {
        let said = OncePerMinute::default();
        let due: Vec<bool> = [0, 1, 59_999, 60_000, 60_001, 5, 6].into_iter().map(|now| said.is_due(now)).collect();
        assert_eq!(due, [true, false, false, true, false, true, false]);
    }
}

//! The expiry rules of sessions, without queries.

use crate::model::policy::Policy;
use crate::model::session::EndReason;
use crate::server::clock::{DAY, MINUTE, Millis, is_ahead};
use crate::server::db::sessions::{End, Times};

/// The maximum lifetime of a session that is not remembered.
pub const SESSION_LIFETIME: Millis = DAY;

/// Activity is written at most once in this interval. The idle limit is therefore the policy's
/// plus this interval, so that no session ends earlier than the policy says.
pub const TOUCH_INTERVAL: Millis = MINUTE;

/// How long a password proof is valid for sensitive operations (ASVS 5.0, 7.5.1).
pub const RECENT_SIGN_IN: Millis = 15 * MINUTE;

impl Times {
    /// When the session expires under a policy. A lower `rememberMeDays` applies to live
    /// sessions too. With `rememberMe` off, remembered sessions last a day.
    pub fn expires_at(&self, policy: &Policy) -> Millis {
        match self.remembered {
            true => self.expires_at.min(self.started_at + remembered_lifetime(policy)),
            false => self.expires_at,
        }
    }

    /// The same times, corrected if a clock that was ahead wrote them: the session starts now
    /// and keeps its length. `None` if no correction is needed.
    pub fn corrected(&self, now: Millis) -> Option<Times> {
        let (started, seen) = (is_ahead(self.started_at, now), is_ahead(self.last_seen_at, now));
        let lifetime = self.expires_at - self.started_at;
        (started || seen).then(|| Times {
            remembered: self.remembered,
            started_at: self.started_at.min(now),
            last_seen_at: self.last_seen_at.min(now),
            expires_at: if started { now + lifetime } else { self.expires_at },
        })
    }

    /// When the session expires without activity; `None` if the idle limit does not apply.
    pub fn idle_expires_at(&self, policy: &Policy) -> Option<Millis> {
        let applies = !self.remembered || policy.idle_applies_to_remembered;
        applies.then(|| self.last_seen_at + idle_limit(policy))
    }

    /// The limit that a live session has exceeded, if any.
    pub fn overdue(&self, policy: &Policy, now: Millis) -> Option<EndReason> {
        if now >= self.expires_at(policy) {
            return Some(EndReason::Expired);
        }
        self.idle_expires_at(policy).filter(|end| now >= *end).map(|_| EndReason::Idle)
    }

    /// Why a session is invalid at a time: it has ended, its user is disabled, or it is past a
    /// limit. `None` while it is live.
    pub fn end_reason_at(&self, end: &End, user_is_active: bool, policy: &Policy, now: Millis) -> Option<EndReason> {
        let disabled = (!user_is_active).then_some(EndReason::AccountDisabled);
        end.reason().or(disabled).or_else(|| self.overdue(policy, now))
    }
}

/// The maximum lifetime of a remembered session.
pub fn remembered_lifetime(policy: &Policy) -> Millis {
    match policy.remember_me {
        true => i64::from(policy.remember_me_days) * DAY,
        false => SESSION_LIFETIME,
    }
}

/// The maximum time without activity.
pub fn idle_limit(policy: &Policy) -> Millis {
    i64::from(policy.idle_timeout_minutes) * MINUTE + TOUCH_INTERVAL
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(remembered: bool) -> Times {
        Times { remembered, started_at: 0, last_seen_at: 0, expires_at: if remembered { 30 * DAY } else { DAY } }
    }

    #[test]
    fn the_idle_limit_is_the_policys_plus_a_minute() {
        let policy = Policy::default();
        assert_eq!(times(false).overdue(&policy, 31 * MINUTE - 1), None);
        assert_eq!(times(false).overdue(&policy, 31 * MINUTE), Some(EndReason::Idle));
    }

    #[test]
    fn remembered_sessions_are_exempt_unless_the_policy_says_otherwise() {
        let mut policy = Policy::default();
        assert_eq!(times(true).overdue(&policy, 29 * DAY), None);
        assert_eq!(times(true).overdue(&policy, 30 * DAY), Some(EndReason::Expired));
        policy.idle_applies_to_remembered = true;
        assert_eq!(times(true).overdue(&policy, 31 * MINUTE), Some(EndReason::Idle));
    }

    #[test]
    fn a_stricter_policy_shortens_live_sessions_and_a_looser_one_does_not_extend_them() {
        let policy = Policy { remember_me_days: 2, ..Policy::default() };
        assert_eq!(times(true).expires_at(&policy), 2 * DAY);
        let policy = Policy { remember_me: false, ..Policy::default() };
        assert_eq!(times(true).expires_at(&policy), DAY);
        let short = Times { expires_at: 2 * DAY, ..times(true) };
        assert_eq!(short.expires_at(&Policy::default()), 2 * DAY);
        assert_eq!(times(false).expires_at(&policy), DAY);
    }

    #[test]
    fn times_in_the_future_are_corrected_to_start_now() {
        let ahead = 400 * DAY;
        for remembered in [false, true] {
            let lifetime = if remembered { 30 * DAY } else { DAY };
            let times = Times { remembered, started_at: ahead, last_seen_at: ahead, expires_at: ahead + lifetime };
            let back = times.corrected(0).unwrap();
            assert_eq!((back.started_at, back.last_seen_at, back.expires_at), (0, 0, lifetime));
            assert!(back.corrected(0).is_none(), "once");
            assert!(times.corrected(ahead).is_none(), "by the same clock nothing is ahead");
        }
        let seen = Times { last_seen_at: ahead, ..times(true) };
        let back = seen.corrected(DAY).unwrap();
        assert_eq!((back.started_at, back.last_seen_at, back.expires_at), (0, DAY, 30 * DAY));
        // Differences within the allowed clock skew are not corrected, even under a stricter
        // policy.
        let close = Times { remembered: true, started_at: 900, last_seen_at: 1000, expires_at: 30 * DAY + 900 };
        assert!(close.corrected(0).is_none());
    }
}

//! The session's expiry: sent by the server and counted on a monotonic clock, so a wrong system
//! clock does not matter.

use crate::model::live::SessionExtended;
use crate::model::session::{EndReason, SessionStatus};

/// How long before the end the warning starts, in milliseconds.
const LEAD: f64 = 60_000.0;

/// The session's expiry, RFC 3339: part of the session check's answer and the data of
/// `session-extended`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Times {
    pub expires_at: String,
    /// `null` where the idle limit does not apply.
    pub idle_expires_at: Option<String>,
    pub server_time: String,
}

impl From<&SessionStatus> for Times {
    fn from(status: &SessionStatus) -> Times {
        Times {
            expires_at: status.expires_at.clone(),
            idle_expires_at: status.idle_expires_at.clone(),
            server_time: status.server_time.clone(),
        }
    }
}

impl From<SessionExtended> for Times {
    fn from(event: SessionExtended) -> Times {
        let SessionExtended { expires_at, idle_expires_at, server_time } = event;
        Times { expires_at, idle_expires_at, server_time }
    }
}

/// The limit that is reached first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Activity extends it.
    Idle,
    /// The absolute limit, which can't be extended.
    Absolute,
}

impl Limit {
    /// Returns the server's reason for an end by this limit.
    pub fn reason(self) -> EndReason {
        match self {
            Limit::Idle => EndReason::Idle,
            Limit::Absolute => EndReason::Expired,
        }
    }
}

/// The session's expiry on the page's clock.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Deadline {
    at: f64,
    /// The longest time left so far, in milliseconds: about the timeout itself.
    span: f64,
    pub limit: Limit,
    /// Whether there is an idle limit, so that activity matters.
    pub idles: bool,
}

/// The content of the warning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Warning {
    /// Seconds.
    pub left: u32,
    pub limit: Limit,
}

impl Deadline {
    /// Parses the server's times, requested at `asked` on the page's clock. The server computed
    /// them a little later, so the page's deadline is slightly early. Returns `None` for invalid
    /// times.
    pub fn read(times: &Times, asked: f64, before: Option<Deadline>) -> Option<Deadline> {
        let moment = |at: &str| Some(js_sys::Date::parse(at)).filter(|ms| !ms.is_nan());
        let server = moment(&times.server_time)?;
        let absolute = moment(&times.expires_at)? - server;
        let idle = times.idle_expires_at.as_deref().and_then(moment).map(|at| at - server);
        let (left, limit) = match idle {
            Some(idle) if idle < absolute => (idle, Limit::Idle),
            _ => (absolute, Limit::Absolute),
        };
        let span = before.filter(|b| b.limit == limit).map_or(left, |b| b.span.max(left));
        Some(Deadline { at: asked + left, span, limit, idles: idle.is_some() })
    }

    /// Returns the milliseconds left; negative after the end.
    pub fn left(&self, now: f64) -> f64 {
        self.at - now
    }

    /// Returns the warning for this time: in the last minute, or in the second half of a timeout
    /// below two minutes.
    pub fn warning(&self, now: f64) -> Option<Warning> {
        let left = self.left(now);
        let near = left <= LEAD.min(self.span / 2.0);
        near.then(|| Warning { left: (left / 1000.0).ceil().max(0.0) as u32, limit: self.limit })
    }
}

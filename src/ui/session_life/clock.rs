//! When the session ends, told by the server and counted by a clock that
//! nobody can set: a browser whose own clock is wrong counts right all the same.

use crate::model::live::SessionExtended;
use crate::model::session::{EndReason, SessionStatus};

/// How long before the end people are warned, in milliseconds.
const LEAD: f64 = 60_000.0;

/// What the server says of a session's end, RFC 3339: part of the session
/// check's answer and the data of `session-extended`.
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

/// Which of the two limits comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Somebody who is there can move it.
    Idle,
    /// Nobody can.
    Absolute,
}

impl Limit {
    /// What the server will call it.
    pub fn reason(self) -> EndReason {
        match self {
            Limit::Idle => EndReason::Idle,
            Limit::Absolute => EndReason::Expired,
        }
    }
}

/// The end of the session on the page's clock.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Deadline {
    at: f64,
    /// The longest that was ever left: as good as the timeout itself.
    span: f64,
    pub limit: Limit,
    /// Whether activity means anything.
    pub idles: bool,
}

/// What the warning says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Warning {
    /// Seconds.
    pub left: u32,
    pub limit: Limit,
}

impl Deadline {
    /// Reads the server's word, which was asked for at `asked` on the page's
    /// clock. The server said it a little later, so the page ends a little early.
    /// `None` for words that are no times.
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

    /// Milliseconds that are left; negative past the end.
    pub fn left(&self, now: f64) -> f64 {
        self.at - now
    }

    /// The warning for this moment: in the last minute, or in the second half of
    /// a timeout that is shorter than two.
    pub fn warning(&self, now: f64) -> Option<Warning> {
        let left = self.left(now);
        let near = left <= LEAD.min(self.span / 2.0);
        near.then(|| Warning { left: (left / 1000.0).ceil().max(0.0) as u32, limit: self.limit })
    }
}

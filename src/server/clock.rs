//! Time is a parameter: functions that decide by time take `now` and don't read the clock.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Datelike, Timelike, Utc};
use tokio::sync::watch;

use crate::server::ascii::Ascii;

/// Unix milliseconds, the unit of every time in the database.
pub type Millis = i64;

pub const SECOND: Millis = 1000;
pub const MINUTE: Millis = 60 * SECOND;
pub const DAY: Millis = 24 * 60 * MINUTE;

/// The assumed maximum clock difference between servers, in milliseconds.
const SKEW: Millis = 5 * SECOND;

/// The latest timestamp that another server's clock may have written by now.
pub fn latest(now: Millis) -> Millis {
    now + SKEW
}

/// Whether a timestamp was written by a clock that was ahead. Such a timestamp grants nothing.
pub fn is_ahead(at: Millis, now: Millis) -> bool {
    at > latest(now)
}

/// The source of the current time.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// A clock for tests: it changes only when it is set. Clones share the time.
    Fixed(Arc<watch::Sender<Millis>>),
}

impl Clock {
    pub fn fixed(at: Millis) -> Clock {
        Clock::Fixed(Arc::new(watch::Sender::new(at)))
    }

    pub fn now(&self) -> Millis {
        match self {
            Clock::System => Utc::now().timestamp_millis(),
            Clock::Fixed(at) => *at.borrow(),
        }
    }

    /// Moves a fixed clock forward. Has no effect on the machine's clock.
    pub fn advance(&self, by: Duration) {
        if let Clock::Fixed(at) = self {
            at.send_modify(|now| *now += i64::try_from(by.as_millis()).unwrap_or_default());
        }
    }

    /// Sets a fixed clock. Has no effect on the machine's clock.
    pub fn set(&self, to: Millis) {
        if let Clock::Fixed(at) = self {
            at.send_replace(to);
        }
    }

    /// Waits until about a time. The machine's clock may be changed meanwhile, so the caller
    /// checks the time again.
    pub async fn wait_until(&self, at: Millis) {
        match self {
            Clock::System => {
                let wait = u64::try_from(at - self.now()).unwrap_or_default();
                tokio::time::sleep(Duration::from_millis(wait)).await;
            }
            Clock::Fixed(now) => drop(now.subscribe().wait_for(|now| *now >= at).await),
        }
    }
}

/// A time as text: `2026-11-24T22:00:00.123Z`.
pub type TimeText = Ascii<24>;

/// Formats a time as RFC 3339 in UTC with milliseconds, as the contract requires.
pub fn rfc3339(at: Millis) -> String {
    time_text(at).to_string()
}

/// As [`rfc3339`], for what every request formats.
pub fn time_text(at: Millis) -> TimeText {
    // Written by hand because every session check formats several times and chrono's formatter
    // is slow.
    let time = DateTime::from_timestamp_millis(at).unwrap_or_default().naive_utc();
    let (date, time) = (time.date(), time.time());
    let mut text = *b"0000-00-00T00:00:00.000Z";
    for (at, width, mut number) in [
        (0, 4, u32::try_from(date.year()).unwrap_or_default()),
        (5, 2, date.month()),
        (8, 2, date.day()),
        (11, 2, time.hour()),
        (14, 2, time.minute()),
        (17, 2, time.second()),
        (20, 3, time.nanosecond() / 1_000_000),
    ] {
        for digit in text[at..at + width].iter_mut().rev() {
            *digit += (number % 10) as u8;
            number /= 10;
        }
    }
    Ascii::new(text)
}

/// Whole seconds from now until a time, rounded up, so that waiting this long is enough.
pub fn seconds_until(then: Millis, now: Millis) -> u64 {
    u64::try_from((then - now).max(0)).unwrap_or_default().div_ceil(1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_milliseconds_and_a_z() {
        assert_eq!(rfc3339(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(rfc3339(1_795_557_600_123), "2026-11-24T22:00:00.123Z");
    }

    #[test]
    fn seconds_until_rounds_up() {
        assert_eq!(seconds_until(1001, 0), 2);
        assert_eq!(seconds_until(1000, 0), 1);
        assert_eq!(seconds_until(0, 5), 0);
    }
}

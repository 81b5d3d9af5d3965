//! Detects that this page stood still: during an open `alert`, in a busy loop, or in a frozen
//! process. Messages that it reads afterwards may be outdated, so it asks the server instead.

use std::cell::Cell;

use super::browser::now;

/// The page stood still if it ran nothing for longer than this, in milliseconds.
const STANDSTILL: f64 = 4_000.0;

/// Messages read within this time after a standstill may be old, in milliseconds.
const BACKLOG: f64 = 2_000.0;

/// When a page last ran, in milliseconds of its monotonic clock.
#[derive(Clone, Copy, Debug)]
pub struct Pulse {
    last: f64,
    woke: f64,
}

impl Pulse {
    /// Creates the pulse of a page that runs at this time.
    pub fn new(now: f64) -> Pulse {
        Pulse { last: now, woke: f64::NEG_INFINITY }
    }

    /// Records that the page runs.
    pub fn beat(&mut self, now: f64) {
        if now - self.last > STANDSTILL {
            self.woke = now;
        }
        self.last = now;
    }

    /// Whether a message read now may have waited during a standstill.
    pub fn is_late(&self, now: f64) -> bool {
        now - self.last > STANDSTILL || now - self.woke < BACKLOG
    }
}

thread_local! {
    /// The page's pulse, since its session is watched.
    static PULSE: Cell<Option<Pulse>> = const { Cell::new(None) };
}

/// Records that this page runs.
pub fn beat() {
    let now = now();
    let mut pulse = PULSE.get().unwrap_or(Pulse::new(now));
    pulse.beat(now);
    PULSE.set(Some(pulse));
}

/// Whether a message that this page reads now may have waited during a standstill.
pub fn is_late() -> bool {
    PULSE.get().is_some_and(|pulse| pulse.is_late(now()))
}

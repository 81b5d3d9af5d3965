//! Whether this page has stood still: under an open `alert`, in a busy loop, in
//! a frozen process. What it hears when it goes on was said meanwhile, and may be
//! untrue by now: then it asks the server instead.

use std::cell::Cell;

use super::browser::now;

/// A page that ran nothing for so long has stood still, in milliseconds.
const STANDSTILL: f64 = 4_000.0;

/// For so long after it, what comes in may have waited, in milliseconds.
const BACKLOG: f64 = 2_000.0;

/// When a page last ran. Times are on its clock.
#[derive(Clone, Copy, Debug)]
pub struct Pulse {
    last: f64,
    woke: f64,
}

impl Pulse {
    /// The pulse of a page that runs from now on.
    pub fn new(now: f64) -> Pulse {
        Pulse { last: now, woke: f64::NEG_INFINITY }
    }

    /// The page runs.
    pub fn beat(&mut self, now: f64) {
        if now - self.last > STANDSTILL {
            self.woke = now;
        }
        self.last = now;
    }

    /// Whether what is heard now may have waited through a standstill.
    pub fn is_late(&self, now: f64) -> bool {
        now - self.last > STANDSTILL || now - self.woke < BACKLOG
    }
}

thread_local! {
    /// The page's, from when its session is watched.
    static PULSE: Cell<Option<Pulse>> = const { Cell::new(None) };
}

/// The page runs.
pub fn beat() {
    let now = now();
    let mut pulse = PULSE.get().unwrap_or(Pulse::new(now));
    pulse.beat(now);
    PULSE.set(Some(pulse));
}

/// Whether what this page hears now may have waited through a standstill.
pub fn is_late() -> bool {
    PULSE.get().is_some_and(|pulse| pulse.is_late(now()))
}

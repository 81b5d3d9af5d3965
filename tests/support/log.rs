//! Captures in memory what a panel on this thread logs.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use kafkasder_panel::server::config::LogFormat;
use kafkasder_panel::server::log::log;
use tracing::dispatcher::{DefaultGuard, set_default};
use tracing_subscriber::EnvFilter;

/// Captures this thread's log until it is dropped.
pub struct Log {
    written: Written,
    _guard: DefaultGuard,
}

#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// Starts capturing log messages of `level` and above.
    pub fn catch(format: LogFormat, level: &str) -> Log {
        let written = Written::default();
        let to = written.clone();
        let log = log(format, EnvFilter::new(level), false, move || to.clone());
        Log { written, _guard: set_default(&log) }
    }

    pub fn text(&self) -> String {
        let written = self.written.0.lock().expect("the lock is not poisoned");
        String::from_utf8(written.clone()).expect("a log is text")
    }
}

impl Write for Written {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("the lock is not poisoned").write(line)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

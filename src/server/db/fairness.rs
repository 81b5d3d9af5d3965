//! Lets SQLite's transactions run beside workers that are busy with reads.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The number of transactions that are open or about to be. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct OpenTransactions(Arc<AtomicUsize>);

/// Counts as open until it is dropped.
pub struct OpenTransaction(OpenTransactions);

impl OpenTransactions {
    pub fn begin(&self) -> OpenTransaction {
        self.0.fetch_add(1, Ordering::Relaxed);
        OpenTransaction(self.clone())
    }

    /// Lets the threads of open transactions run. Each statement of a transaction passes between
    /// threads, and without this it would wait each time until the system interrupts a worker that
    /// is busy with reads.
    pub fn let_run(&self) {
        if self.0.load(Ordering::Relaxed) > 0 {
            std::thread::yield_now();
        }
    }
}

impl Drop for OpenTransaction {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}

//! What has begun runs to its end, also when nobody waits for it any more.
//!
//! A server drops what it does for a connection as soon as the sender has gone,
//! wherever that is: a mutation would be half done, or not at all.

use std::panic::resume_unwind;

use tokio_util::task::TaskTracker;
use tracing::Instrument;

/// The work of a server that is not to be cut off.
#[derive(Default)]
pub struct Work(TaskTracker);

impl Work {
    /// Begins some work, at once and not only when its outcome is waited for.
    /// Who waits gets the outcome, and the panic if it panics; dropping what
    /// comes back ends nothing.
    pub fn begin<T, W>(&self, work: W) -> impl Future<Output = T> + Send + use<T, W>
    where
        T: Send + 'static,
        W: Future<Output = T> + Send + 'static,
    {
        let task = self.0.spawn(work.in_current_span());
        async move {
            match task.await.map_err(tokio::task::JoinError::try_into_panic) {
                Ok(outcome) => outcome,
                Err(Ok(panic)) => resume_unwind(panic),
                // The runtime ends, and whoever waits with it.
                Err(Err(_)) => std::future::pending().await,
            }
        }
    }

    /// How much is running.
    pub fn running(&self) -> usize {
        self.0.len()
    }

    /// Waits until nothing is running.
    pub async fn ended(&self) {
        self.0.close();
        self.0.wait().await;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use futures::FutureExt;
    use tokio::sync::Notify;

    use super::*;

    #[tokio::test]
    async fn work_goes_on_without_anybody_waiting() {
        let (work, go_on) = (Work::default(), Arc::new(Notify::new()));
        let gone_on = go_on.clone();
        drop(work.begin(async move { gone_on.notified().await }));
        assert_eq!(work.running(), 1);
        assert!(work.ended().now_or_never().is_none(), "it waits for what runs");
        go_on.notify_one();
        work.ended().await;
    }

    #[tokio::test]
    async fn a_panic_is_the_waiters() {
        let work = Work::default();
        let outcome = std::panic::AssertUnwindSafe(work.begin(async { panic!("over a test") })).catch_unwind().await;
        assert_eq!(*outcome.expect_err("a panic").downcast::<&str>().expect("its words"), "over a test");
    }
}

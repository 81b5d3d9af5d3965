//! Work that runs to completion even if the caller stops waiting.
//!
//! hyper drops a request's future at any await point when the client disconnects. A mutation
//! would be left incomplete.

use std::panic::resume_unwind;

use tokio_util::task::TaskTracker;

use super::log;

/// The work in progress.
#[derive(Default)]
pub struct Work(TaskTracker);

impl Work {
    /// Starts the work immediately, without waiting for the first poll. The returned future
    /// yields the result and resumes a panic of the work. Dropping it does not stop the work.
    pub fn begin<T, W>(&self, work: W) -> impl Future<Output = T> + Send + use<T, W>
    where
        T: Send + 'static,
        W: Future<Output = T> + Send + 'static,
    {
        let task = self.0.spawn(log::in_current_request(work));
        async move {
            match task.await.map_err(tokio::task::JoinError::try_into_panic) {
                Ok(outcome) => outcome,
                Err(Ok(panic)) => resume_unwind(panic),
                // The runtime is shutting down, and this future with it.
                Err(Err(_)) => std::future::pending().await,
            }
        }
    }

    /// The number of running tasks.
    pub fn running(&self) -> usize {
        self.0.len()
    }

    /// Waits until no task is running.
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
    async fn work_continues_after_its_future_is_dropped() {
        let (work, go_on) = (Work::default(), Arc::new(Notify::new()));
        let gone_on = go_on.clone();
        drop(work.begin(async move { gone_on.notified().await }));
        assert_eq!(work.running(), 1);
        assert!(work.ended().now_or_never().is_none(), "it waits for what runs");
        go_on.notify_one();
        work.ended().await;
    }

    #[tokio::test]
    async fn a_panic_is_passed_to_the_caller() {
        let work = Work::default();
        let outcome = std::panic::AssertUnwindSafe(work.begin(async { panic!("over a test") })).catch_unwind().await;
        assert_eq!(*outcome.expect_err("a panic").downcast::<&str>().expect("its message"), "over a test");
    }
}

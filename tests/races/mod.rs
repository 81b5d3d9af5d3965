//! Concurrent requests have the same result as requests in sequence.
//!
//! | file | concurrent requests |
//! |---|---|
//! | `administrators` | that would leave no administrator, or create a second first one |
//! | `ends` | that end one session, and others in flight |
//! | `rotation` | of several tabs when the id rotates |
//! | `limit` | that sign in or choose at the session limit |

mod administrators;
mod ends;
mod limit;
mod rotation;

use std::sync::Arc;

use futures::future::join_all;
use tokio::sync::Barrier;

/// The number of rounds of each race on each database.
const ROUNDS: usize = 200;

/// Starts all futures at the same moment, and returns their outputs.
async fn at_once<F>(works: impl IntoIterator<Item = F>) -> Vec<F::Output>
where
    F: Future<Output: Send> + Send + 'static,
{
    let works: Vec<F> = works.into_iter().collect();
    let barrier = Arc::new(Barrier::new(works.len()));
    let tasks = works.into_iter().map(|work| {
        let barrier = barrier.clone();
        tokio::spawn(async move {
            barrier.wait().await;
            work.await
        })
    });
    join_all(tasks).await.into_iter().map(|done| done.expect("no panic")).collect()
}

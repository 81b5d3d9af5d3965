//! What many do at once: as if one had done it after the other.
//!
//! | file | what at once |
//! |---|---|
//! | `administrators` | what would leave no administrator, or make a second first one |
//! | `ends` | ends of one session, and requests in flight |
//! | `rotation` | tabs at the moment the id changes |
//! | `limit` | sign-ins and choices at the session limit |

mod administrators;
mod ends;
mod limit;
mod rotation;

use std::sync::Arc;

use futures::future::join_all;
use tokio::sync::Barrier;

/// So often each race is run, on each database.
const ROUNDS: usize = 200;

/// Lets all of them go at the same moment; gives what came of each.
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

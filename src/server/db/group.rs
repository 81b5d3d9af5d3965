//! Group commit: writes that arrive while another is being committed share the next commit.
//!
//! SQLite has one writer, and each commit waits for the disk. Without this, the activity of many
//! users would queue for longer than it takes to write.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use super::{Db, On};
use crate::server::error::Result;

/// The maximum number of writes in a commit. So no commit holds up others for long.
const MAX_WRITES: usize = 200;

/// The writes of one kind that wait for a commit.
pub struct Group<W> {
    waiting: Mutex<Vec<Waiting<W>>>,
    turn: tokio::sync::Mutex<()>,
}

struct Waiting<W> {
    write: W,
    done: oneshot::Sender<Result<bool>>,
}

impl<W> Default for Group<W> {
    fn default() -> Group<W> {
        Group { waiting: Mutex::default(), turn: tokio::sync::Mutex::default() }
    }
}

impl<W: Clone> Group<W> {
    /// Writes, and returns once this is committed. `commit` writes all in one transaction and
    /// returns for each whether it had an effect. PostgreSQL groups commits itself, and would
    /// lock the rows of many users in one transaction, so there each write is alone.
    ///
    /// # Errors
    /// The error of `commit`, for all its writes.
    pub async fn write<F>(&self, db: &Db, write: W, commit: impl Fn(Vec<W>) -> F) -> Result<bool>
    where
        F: Future<Output = Result<Vec<bool>>>,
    {
        if let On::Postgres(_) = db.writer() {
            return Ok(commit(vec![write]).await?.first().copied().unwrap_or_default());
        }
        let (done, mut outcome) = oneshot::channel();
        self.waiting().push(Waiting { write: write.clone(), done });
        loop {
            let _turn = self.turn.lock().await;
            match outcome.try_recv() {
                Ok(outcome) => return outcome,
                // Whoever was committing it was dropped.
                Err(oneshot::error::TryRecvError::Closed) => {
                    return Ok(commit(vec![write]).await?.first().copied().unwrap_or_default());
                }
                Err(oneshot::error::TryRecvError::Empty) => {}
            }
            let group: Vec<Waiting<W>> = {
                let mut waiting = self.waiting();
                let count = waiting.len().min(MAX_WRITES);
                waiting.drain(..count).collect()
            };
            let (writes, waiting): (Vec<W>, Vec<_>) =
                group.into_iter().map(|waiting| (waiting.write, waiting.done)).unzip();
            let written = commit(writes).await;
            for (index, done) in waiting.into_iter().enumerate() {
                let outcome = written.as_ref().map(|all| all.get(index).copied().unwrap_or_default());
                // Fails if the request was dropped meanwhile.
                let _ = done.send(outcome.map_err(Clone::clone));
            }
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Vec<Waiting<W>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use futures::FutureExt;
    use futures::future::join_all;
    use tokio::sync::Semaphore;

    use super::*;
    use crate::model::code::Code;

    async fn database() -> (tempfile::TempDir, Db) {
        let folder = tempfile::TempDir::new().expect("a folder");
        let db = Db::open(&format!("sqlite:{}/panel.db", folder.path().display())).await.expect("a database");
        (folder, db)
    }

    #[tokio::test]
    async fn writes_that_wait_share_a_commit() {
        let ((_folder, db), group) = (database().await, Group::default());
        let (commits, disk) = (RefCell::new(Vec::new()), Semaphore::new(0));
        let (commits, disk) = (&commits, &disk);
        let commit = |writes: Vec<usize>| async move {
            commits.borrow_mut().push(writes.len());
            disk.acquire().await.expect("open").forget();
            Ok(writes.iter().map(|write| write % 2 == 0).collect())
        };
        let mut all = Box::pin(join_all((0..500).map(|number| group.write(&db, number, commit))));
        assert!((&mut all).now_or_never().is_none(), "the first write waits for the disk");
        disk.add_permits(500);
        let written: Vec<bool> = all.await.into_iter().map(|outcome| outcome.expect("written")).collect();
        assert_eq!(written, (0..500).map(|number| number % 2 == 0).collect::<Vec<_>>());
        assert_eq!(*commits.borrow(), [1, MAX_WRITES, MAX_WRITES, 99]);
    }

    #[tokio::test]
    async fn an_error_is_everybodys_and_a_dropped_commit_is_made_up_for() {
        let ((_folder, db), group) = (database().await, Group::default());
        let fails = |_| async { Err(Code::Unavailable.into()) };
        let outcomes = join_all((0..3).map(|number| group.write(&db, number, fails))).await;
        assert!(outcomes.iter().all(|outcome| outcome.as_ref().is_err_and(|error| error.code == Code::Unavailable)));

        let hangs = |_| std::future::pending();
        let works = |writes: Vec<i32>| async move { Ok(vec![true; writes.len()]) };
        let mut first = Box::pin(group.write(&db, 0, hangs));
        assert!((&mut first).now_or_never().is_none());
        drop(first);
        let (mut leader, mut follower) = (Box::pin(group.write(&db, 1, hangs)), Box::pin(group.write(&db, 2, works)));
        assert!((&mut leader).now_or_never().is_none());
        assert!((&mut follower).now_or_never().is_none());
        drop(leader);
        assert!(follower.await.expect("written"));
    }
}

//! Notices: messages that a transaction sends to all listeners, in this process and in others,
//! after its commit. Without a commit, none is sent.
//!
//! On PostgreSQL, `NOTIFY` delivers them, to the sending process too. SQLite has no equivalent:
//! notices stay within this process, and writes of other processes are detected every half
//! second. In both cases notices can be lost. [`ListenerEvent::Gap`] tells a listener to check the
//! database.

use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgListener, PgPoolOptions};
use sqlx::{Sqlite, SqliteConnection, Transaction};
use tokio::sync::broadcast::{self, error::RecvError};
use tokio::time::{Interval, MissedTickBehavior, interval, sleep, timeout};

use super::fairness::OpenTransaction;
use super::{Db, On, TIMEOUT, Tx};
use crate::server::error::Result;

/// The channel's name in PostgreSQL. Channels are per database.
const CHANNEL: &str = "panel";

/// The only statement that exists in PostgreSQL alone, and therefore not in the query list.
const NOTIFY: &str = "SELECT pg_notify($1, $2)";

/// The polling interval for other processes' writes to SQLite's file.
const POLL_INTERVAL: Duration = Duration::from_millis(500);

/// The longest silence of PostgreSQL before the connection is checked.
const MAX_SILENCE: Duration = Duration::from_secs(30);

/// The pause before reconnecting to PostgreSQL.
const RECONNECT_PAUSE: Duration = Duration::from_secs(1);

/// The queue length of a listener in this process.
const QUEUE_LENGTH: usize = 1024;

/// The channel for notices within this process.
#[derive(Clone, Debug)]
pub struct LocalNotices(broadcast::Sender<Arc<str>>);

impl Default for LocalNotices {
    fn default() -> LocalNotices {
        LocalNotices(broadcast::Sender::new(QUEUE_LENGTH))
    }
}

/// A SQLite transaction with the notices to send after its commit.
pub struct SqliteTx {
    _open: OpenTransaction,
    tx: Transaction<'static, Sqlite>,
    notices: Vec<Arc<str>>,
    channel: LocalNotices,
}

impl SqliteTx {
    pub fn new(tx: Transaction<'static, Sqlite>, open: OpenTransaction, channel: &LocalNotices) -> SqliteTx {
        SqliteTx { _open: open, tx, notices: Vec::new(), channel: channel.clone() }
    }

    pub fn connection(&mut self) -> &mut SqliteConnection {
        &mut self.tx
    }

    /// Commits, then sends the notices.
    pub async fn commit(self) -> sqlx::Result<()> {
        self.tx.commit().await?;
        for notice in self.notices {
            // Fails without listeners, which is no error.
            let _ = self.channel.0.send(notice);
        }
        Ok(())
    }
}

impl Tx {
    /// Sends a notice to all listeners after the commit. Never a secret: every user of the
    /// database may listen. At most 7999 bytes.
    ///
    /// # Errors
    /// `unavailable`; then the transaction is rolled back.
    pub async fn notify(&mut self, notice: &str) -> Result<()> {
        match &mut self.on {
            On::Sqlite(tx) => tx.notices.push(notice.into()),
            On::Postgres(tx) => {
                sqlx::query(NOTIFY).bind(CHANNEL).bind(notice).execute(&mut **tx).await?;
            }
        }
        Ok(())
    }
}

impl Tx {
    /// Sends a notice as [`notify`](Tx::notify) does, but once for the whole transaction.
    pub fn notify_once(&mut self, notice: String) {
        self.notices.insert(notice);
    }
}

/// What a listener receives.
pub enum ListenerEvent {
    Notice(Arc<str>),
    /// Notices may have been missed, so check the database.
    Gap,
}

/// Receives every notice from now on.
pub struct Listener(On<SqliteListener, PostgresListener>);

struct SqliteListener {
    notices: broadcast::Receiver<Arc<str>>,
    poll: Interval,
}

struct PostgresListener {
    options: PgConnectOptions,
    listener: Option<PgListener>,
}

impl Db {
    /// Starts listening. The first item is a [`ListenerEvent::Gap`], once no later notice will be
    /// missed.
    pub fn listen(&self) -> Listener {
        Listener(match &self.pools {
            On::Sqlite(pools) => {
                let mut poll = interval(POLL_INTERVAL);
                poll.set_missed_tick_behavior(MissedTickBehavior::Delay);
                On::Sqlite(SqliteListener { notices: pools.notices.0.subscribe(), poll })
            }
            On::Postgres(pool) => {
                On::Postgres(PostgresListener { options: (*pool.connect_options()).clone(), listener: None })
            }
        })
    }
}

impl Listener {
    /// The next item. Cancel safe.
    pub async fn next(&mut self) -> ListenerEvent {
        match &mut self.0 {
            On::Sqlite(listener) => listener.next().await,
            On::Postgres(listener) => listener.next().await,
        }
    }
}

impl SqliteListener {
    async fn next(&mut self) -> ListenerEvent {
        tokio::select! {
            received = self.notices.recv() => match received {
                Ok(notice) => ListenerEvent::Notice(notice),
                Err(RecvError::Lagged(_)) => ListenerEvent::Gap,
                // The database is closed, and the process is about to end.
                Err(RecvError::Closed) => std::future::pending().await,
            },
            _ = self.poll.tick() => ListenerEvent::Gap,
        }
    }
}

impl PostgresListener {
    async fn next(&mut self) -> ListenerEvent {
        loop {
            let Some(listener) = &mut self.listener else {
                match connect(&self.options).await {
                    Ok(listener) => {
                        self.listener = Some(listener);
                        return ListenerEvent::Gap;
                    }
                    Err(error) => {
                        tracing::warn!(%error, "no notices from PostgreSQL; trying again");
                        sleep(RECONNECT_PAUSE).await;
                        continue;
                    }
                }
            };
            match timeout(MAX_SILENCE, listener.try_recv()).await {
                Ok(Ok(Some(notice))) => return ListenerEvent::Notice(notice.payload().into()),
                // The connection was lost and has been replaced.
                Ok(Ok(None)) => return ListenerEvent::Gap,
                Ok(Err(error)) => {
                    tracing::debug!(%error, "the connection for notices was lost");
                    self.listener = None;
                }
                // A connection can break without an error.
                Err(_) if responds(listener).await => return ListenerEvent::Gap,
                Err(_) => self.listener = None,
            }
        }
    }
}

/// Uses a separate connection, because waiting would occupy one of the pool.
async fn connect(options: &PgConnectOptions) -> sqlx::Result<PgListener> {
    let pool = PgPoolOptions::new().max_connections(1).acquire_timeout(TIMEOUT).idle_timeout(None).max_lifetime(None);
    let mut listener = PgListener::connect_with(&pool.connect_lazy_with(options.clone())).await?;
    listener.ignore_pool_close_event(true);
    listener.listen(CHANNEL).await?;
    Ok(listener)
}

async fn responds(listener: &mut PgListener) -> bool {
    matches!(timeout(TIMEOUT, sqlx::query("SELECT 1").execute(listener)).await, Ok(Ok(_)))
}

//! Notices: what a transaction tells all who listen, in this process and in
//! others, once it is committed. Never before, and not at all if it is not.
//!
//! PostgreSQL carries them (`NOTIFY`), own ones included. SQLite has nothing
//! like it: they go round in this process alone, and what another process has
//! written is looked for every half second. Either way a notice may get lost;
//! [`Heard::Gap`] says when to look for oneself.

use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgListener, PgPoolOptions};
use sqlx::{Sqlite, SqliteConnection, Transaction};
use tokio::sync::broadcast::{self, error::RecvError};
use tokio::time::{Interval, MissedTickBehavior, interval, sleep, timeout};

use super::{Db, On, PATIENCE, Tx};
use crate::server::error::Result;

/// PostgreSQL's channel; every database has its own of the name.
const CHANNEL: &str = "panel";

/// The one text that only PostgreSQL knows, and therefore not among the queries.
const NOTIFY: &str = "SELECT pg_notify($1, $2)";

/// How often another process' writes are looked for in SQLite's file.
const LOOK: Duration = Duration::from_millis(500);

/// How long PostgreSQL may be silent before it is asked whether it is there.
const SILENCE: Duration = Duration::from_secs(30);

/// How long to wait before PostgreSQL is connected to again.
const RECONNECT: Duration = Duration::from_secs(1);

/// How many notices may wait for a listener of this process.
const WAITING: usize = 1024;

/// Where notices of this process go round.
#[derive(Clone, Debug)]
pub struct Local(broadcast::Sender<Arc<str>>);

impl Default for Local {
    fn default() -> Local {
        Local(broadcast::Sender::new(WAITING))
    }
}

/// A transaction of SQLite with what it will tell.
pub struct SqliteTx {
    tx: Transaction<'static, Sqlite>,
    told: Vec<Arc<str>>,
    to: Local,
}

impl SqliteTx {
    pub fn new(tx: Transaction<'static, Sqlite>, to: &Local) -> SqliteTx {
        SqliteTx { tx, told: Vec::new(), to: to.clone() }
    }

    pub fn connection(&mut self) -> &mut SqliteConnection {
        &mut self.tx
    }

    /// Makes it last, and tells.
    pub async fn commit(self) -> sqlx::Result<()> {
        self.tx.commit().await?;
        for notice in self.told {
            // Nobody may be listening.
            let _ = self.to.0.send(notice);
        }
        Ok(())
    }
}

impl Tx {
    /// Tells all who listen, when this is committed. Never a secret: whoever may
    /// connect to the database may listen too. At most 7999 bytes.
    ///
    /// # Errors
    /// `unavailable`; then nothing of the transaction happened.
    pub async fn notify(&mut self, notice: &str) -> Result<()> {
        match &mut self.on {
            On::Sqlite(tx) => tx.told.push(notice.into()),
            On::Postgres(tx) => {
                sqlx::query(NOTIFY).bind(CHANNEL).bind(notice).execute(&mut **tx).await?;
            }
        }
        Ok(())
    }
}

/// What a listener hears.
pub enum Heard {
    Notice(Arc<str>),
    /// Notices may have been missed: look for yourself.
    Gap,
}

/// Somebody who hears every notice from now on.
pub struct Listener(On<Here, There>);

struct Here {
    notices: broadcast::Receiver<Arc<str>>,
    look: Interval,
}

struct There {
    options: PgConnectOptions,
    listener: Option<PgListener>,
}

impl Db {
    /// Listens. The first thing heard is a [`Heard::Gap`], as soon as nothing
    /// later will be missed.
    pub fn listen(&self) -> Listener {
        Listener(match &self.pools {
            On::Sqlite(pools) => {
                let mut look = interval(LOOK);
                look.set_missed_tick_behavior(MissedTickBehavior::Delay);
                On::Sqlite(Here { notices: pools.notices.0.subscribe(), look })
            }
            On::Postgres(pool) => On::Postgres(There { options: (*pool.connect_options()).clone(), listener: None }),
        })
    }
}

impl Listener {
    /// The next thing heard. Waiting for it may be given up at any time.
    pub async fn next(&mut self) -> Heard {
        match &mut self.0 {
            On::Sqlite(here) => here.next().await,
            On::Postgres(there) => there.next().await,
        }
    }
}

impl Here {
    async fn next(&mut self) -> Heard {
        tokio::select! {
            heard = self.notices.recv() => match heard {
                Ok(notice) => Heard::Notice(notice),
                Err(RecvError::Lagged(_)) => Heard::Gap,
                // The database is closed, and the process about to end.
                Err(RecvError::Closed) => std::future::pending().await,
            },
            _ = self.look.tick() => Heard::Gap,
        }
    }
}

impl There {
    async fn next(&mut self) -> Heard {
        loop {
            let Some(listener) = &mut self.listener else {
                match connect(&self.options).await {
                    Ok(listener) => {
                        self.listener = Some(listener);
                        return Heard::Gap;
                    }
                    Err(error) => {
                        tracing::warn!(%error, "no notices from PostgreSQL; trying again");
                        sleep(RECONNECT).await;
                        continue;
                    }
                }
            };
            match timeout(SILENCE, listener.try_recv()).await {
                Ok(Ok(Some(notice))) => return Heard::Notice(notice.payload().into()),
                // The connection was lost, and there is a new one.
                Ok(Ok(None)) => return Heard::Gap,
                Ok(Err(error)) => {
                    tracing::debug!(%error, "the connection for notices broke");
                    self.listener = None;
                }
                // A connection may die without a word.
                Err(_) if answers(listener).await => return Heard::Gap,
                Err(_) => self.listener = None,
            }
        }
    }
}

/// A connection of its own: waiting in the pool would take one from the requests.
async fn connect(options: &PgConnectOptions) -> sqlx::Result<PgListener> {
    let pool = PgPoolOptions::new().max_connections(1).acquire_timeout(PATIENCE).idle_timeout(None).max_lifetime(None);
    let mut listener = PgListener::connect_with(&pool.connect_lazy_with(options.clone())).await?;
    listener.ignore_pool_close_event(true);
    listener.listen(CHANNEL).await?;
    Ok(listener)
}

async fn answers(listener: &mut PgListener) -> bool {
    matches!(timeout(PATIENCE, sqlx::query("SELECT 1").execute(listener)).await, Ok(Ok(_)))
}

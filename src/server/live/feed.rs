//! Passes notices from the database to the hub, and catches up on missed ones.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use super::desk::Desk;
use super::hub::{Hub, Signal};
use super::notices::Notice;
use crate::model::live::{AdministratorChanged, DeskPart, NewSignIn};
use crate::model::session::EndReason;
use crate::server::clock::{Clock, MINUTE, Millis};
use crate::server::db::notices::ListenerEvent;
use crate::server::db::sessions::lists;
use crate::server::db::{Db, people, policy, roles};
use crate::server::device;
use crate::server::error::Result;

/// How far a catch-up looks back before the previous one. An end has the time of its request
/// but is written later, and servers' clocks differ. Sending an end twice does no harm.
const OVERLAP: Millis = 2 * MINUTE;

/// The retry interval if the database is down.
const RETRY: Duration = Duration::from_secs(1);

/// Feeds the streams until the server shuts down. The receiver resolves once no later notice
/// will be missed.
pub fn spawn(db: Db, hub: Hub, clock: Clock, shutdown: CancellationToken) -> oneshot::Receiver<()> {
    let (ready, is_ready) = oneshot::channel();
    let caught_up_at = clock.now();
    let feed = Feed { db, hub, clock, caught_up_at, policy_version: None, desk: Desk::default() };
    tokio::spawn(async move { shutdown.run_until_cancelled(run(feed, ready)).await });
    is_ready
}

/// The source of the streams' signals, and what they have been sent already.
struct Feed {
    db: Db,
    hub: Hub,
    clock: Clock,
    caught_up_at: Millis,
    policy_version: Option<i64>,
    desk: Desk,
}

async fn run(mut feed: Feed, ready: oneshot::Sender<()>) {
    let mut listener = feed.db.listen();
    let (mut ready, mut behind) = (Some(ready), false);
    loop {
        let event = tokio::select! {
            event = listener.next() => event,
            () = tokio::time::sleep(RETRY), if behind => ListenerEvent::Gap,
            () = feed.desk.wait() => {
                feed.desk.tell(&feed.hub);
                continue;
            }
        };
        let done = match event {
            ListenerEvent::Notice(notice) => feed.handle_notice(&notice).await,
            ListenerEvent::Gap => feed.catch_up().await,
        };
        // The catch-up at the next retry makes up for the error.
        behind = done
            .inspect_err(|error| tracing::warn!(%error, "the open event streams could not be notified; trying again"))
            .is_err();
        if let Some(ready) = ready.take() {
            let _ = ready.send(());
        }
    }
}

impl Feed {
    async fn handle_notice(&mut self, notice: &str) -> Result<()> {
        match serde_json::from_str(notice) {
            Ok(Notice::Ended { handles, reason }) => handles.iter().for_each(|handle| self.hub.end(handle, reason)),
            Ok(Notice::Extended { handle, last_seen_at }) => {
                self.hub.signal_session(&handle, &Signal::Extended(last_seen_at));
            }
            Ok(Notice::Renewed { handle, renewals }) => self.hub.renew(&handle, renewals),
            Ok(Notice::UserChanged { user_id }) => self.hub.signal_user(&user_id, None, &Signal::UserChanged),
            Ok(Notice::RoleChanged { role }) => {
                for (user_id,) in roles::holders(self.db.reader(), &role).await? {
                    self.hub.signal_user(&user_id, None, &Signal::UserChanged);
                }
            }
            Ok(Notice::SignedIn { user_id, handle }) => self.signal_sign_in(&user_id, handle).await?,
            Ok(Notice::DeskChanged { what }) => {
                self.desk.changed(what);
                if what == DeskPart::Users {
                    self.check_administrators().await?;
                }
            }
            Ok(Notice::PolicyChanged) => self.check_policy().await?,
            // Written by a newer version of the program.
            Err(error) => tracing::debug!(%error, "an unknown notice was ignored"),
        }
        Ok(())
    }

    /// Looks up the address and browser, because notices contain no personal data.
    async fn signal_sign_in(&self, user_id: &str, handle: String) -> Result<()> {
        if !self.hub.has_others(user_id, &handle) {
            return Ok(());
        }
        let row = lists::origin(self.db.reader(), &handle).await?;
        if let Some((address, user_agent)) = row {
            let sign_in = NewSignIn { device: device::describe(&user_agent), address, handle: handle.clone() };
            self.hub.signal_user(user_id, Some(&handle), &Signal::SignedIn(sign_in.into()));
        }
        Ok(())
    }

    /// Catches up on missed notices. Streams that open later check their session themselves.
    async fn catch_up(&mut self) -> Result<()> {
        let now = self.clock.now();
        if !self.hub.is_empty() {
            let since = self.caught_up_at - OVERLAP;
            let rows = lists::ended_since(self.db.reader(), since).await?;
            for (handle, reason) in rows {
                self.hub.end(&handle, EndReason::of_ended(reason.as_deref()));
            }
            let rows = lists::renewed_since(self.db.reader(), since).await?;
            for (handle, renewals) in rows {
                self.hub.renew(&handle, renewals);
            }
            self.check_policy().await?;
        }
        // Also with nobody there: who comes later has the dashboard's news, and hears only what
        // happens from then on.
        self.check_administrators().await?;
        self.caught_up_at = now;
        Ok(())
    }

    /// Tells administrators who has become one of them since the last time, and who is none any
    /// more. Whatever changed it is found: this server, another one, or the command line.
    async fn check_administrators(&mut self) -> Result<()> {
        let now: BTreeMap<String, String> = people::administrators(self.db.reader()).await?.into_iter().collect();
        let Some(before) = self.desk.administrators.replace(now.clone()) else { return Ok(()) };
        let tell = |id: &String, name: &String, is: bool| {
            let change = AdministratorChanged { name: name.clone(), is };
            let signal = Signal::AdministratorChanged(change.into());
            self.hub.signal_those(|rights| rights.administrator, Some(id), &signal);
        };
        now.iter().filter(|(id, _)| !before.contains_key(*id)).for_each(|(id, name)| tell(id, name, true));
        before.iter().filter(|(id, _)| !now.contains_key(*id)).for_each(|(id, name)| tell(id, name, false));
        Ok(())
    }

    async fn check_policy(&mut self) -> Result<()> {
        let current = policy::read(&self.db).await?;
        if self.policy_version.replace(current.version) != Some(current.version) {
            self.hub.signal_all(&Signal::PolicyChanged(current.policy.into()));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::super::hub::Rights;
    use super::*;

    /// Adds an administrator as another process does, without a notice.
    async fn add_administrator(db: &Db, id: &str) {
        let mut tx = db.begin().await.expect("a transaction");
        let added = crate::server::db::users::insert(tx.on(), id, id, id, "admin", Some("a hash"), 0, id, id).await;
        assert_eq!(added.expect("added"), 1);
        tx.commit().await.expect("committed");
    }

    #[tokio::test]
    async fn a_stream_hears_only_of_administrators_who_came_after_it() {
        let folder = TempDir::new().expect("a folder");
        let db = Db::open(&format!("sqlite:{}", folder.path().join("panel.db").display())).await.expect("a database");
        db.migrate().await.expect("migrated");
        let hub = Hub::default();
        let desk = Desk::default();
        let clock = Clock::fixed(0);
        let mut feed = Feed { db: db.clone(), hub: hub.clone(), clock, caught_up_at: 0, policy_version: None, desk };
        feed.catch_up().await.expect("the database is there");
        add_administrator(&db, "before").await;
        feed.catch_up().await.expect("the database is there");
        let rights = Rights { administrator: true, ..Rights::default() };
        let (_slot, mut signals) = hub.open("me", "sid_me", 0, rights).expect("a stream");
        feed.catch_up().await.expect("the database is there");
        add_administrator(&db, "after").await;
        feed.catch_up().await.expect("the database is there");
        let mut heard = Vec::new();
        while let Ok(signal) = signals.try_recv() {
            if let Signal::AdministratorChanged(change) = signal {
                heard.push((change.name.clone(), change.is));
            }
        }
        assert_eq!(heard, [("after".to_owned(), true)]);
    }
}

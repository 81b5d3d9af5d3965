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
        // With nobody there, changes are told to whoever comes next.
        if !self.hub.is_empty() || self.desk.administrators.is_none() {
            self.check_administrators().await?;
        }
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

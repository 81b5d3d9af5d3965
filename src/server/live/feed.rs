//! From the database to the hub: every notice, and what was missed.

use std::time::Duration;

use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use super::hub::{Hub, Signal};
use super::notices::Notice;
use crate::model::live::NewSignIn;
use crate::model::session::EndReason;
use crate::server::clock::{Clock, MINUTE, Millis};
use crate::server::db::notices::Heard;
use crate::server::db::sessions::lists;
use crate::server::db::{Db, policy};
use crate::server::device;
use crate::server::error::Result;

/// An end is dated when its request came, and written some time later; servers'
/// clocks differ a little too. What ended this long before the last look is
/// looked at again: telling twice does nothing.
const MARGIN: Millis = 2 * MINUTE;

/// How soon to look again when the database could not be asked.
const RETRY: Duration = Duration::from_secs(1);

/// Feeds the streams until the server shuts down. What comes back says when
/// every later notice will be heard.
pub fn spawn(db: Db, hub: Hub, clock: Clock, shutdown: CancellationToken) -> oneshot::Receiver<()> {
    let (ready, hears) = oneshot::channel();
    let looked_at = clock.now();
    let feed = Feed { db, hub, clock, looked_at, policy_version: None };
    tokio::spawn(async move { shutdown.run_until_cancelled(run(feed, ready)).await });
    hears
}

/// What the streams are fed from, and what they have been told already.
struct Feed {
    db: Db,
    hub: Hub,
    clock: Clock,
    looked_at: Millis,
    policy_version: Option<i64>,
}

async fn run(mut feed: Feed, ready: oneshot::Sender<()>) {
    let mut listener = feed.db.listen();
    let (mut ready, mut behind) = (Some(ready), false);
    loop {
        let heard = tokio::select! {
            heard = listener.next() => heard,
            () = tokio::time::sleep(RETRY), if behind => Heard::Gap,
        };
        let done = match heard {
            Heard::Notice(notice) => feed.pass_on(&notice).await,
            Heard::Gap => feed.look().await,
        };
        // Looking again makes good what went wrong.
        behind = done.inspect_err(|error| tracing::warn!(%error, "the open streams will be told later")).is_err();
        if let Some(ready) = ready.take() {
            let _ = ready.send(());
        }
    }
}

impl Feed {
    async fn pass_on(&mut self, notice: &str) -> Result<()> {
        match serde_json::from_str(notice) {
            Ok(Notice::Ended { handles, reason }) => handles.iter().for_each(|handle| self.hub.end(handle, reason)),
            Ok(Notice::Extended { handle, last_seen_at }) => {
                self.hub.tell_session(&handle, &Signal::Extended(last_seen_at));
            }
            Ok(Notice::Renewed { handle, renewals }) => self.hub.renew(&handle, renewals),
            Ok(Notice::UserChanged { user_id }) => self.hub.tell_user(&user_id, None, &Signal::UserChanged),
            Ok(Notice::SignedIn { user_id, handle }) => self.tell_of_sign_in(&user_id, handle).await?,
            Ok(Notice::PolicyChanged) => self.look_at_policy().await?,
            // Another version of this program knows more.
            Err(error) => tracing::debug!(%error, "a notice that is not known"),
        }
        Ok(())
    }

    /// Where from and by what is not in the notice: it is nobody's but the user's.
    async fn tell_of_sign_in(&self, user_id: &str, handle: String) -> Result<()> {
        if !self.hub.has_others(user_id, &handle) {
            return Ok(());
        }
        let row = lists::origin(self.db.reader(), &handle).await?;
        if let Some((address, user_agent)) = row {
            let sign_in = NewSignIn { device: device::in_words(&user_agent), address, handle: handle.clone() };
            self.hub.tell_user(user_id, Some(&handle), &Signal::SignedIn(sign_in.into()));
        }
        Ok(())
    }

    /// Looks for what has happened without being heard. A stream that opens later
    /// looks for itself.
    async fn look(&mut self) -> Result<()> {
        let now = self.clock.now();
        if !self.hub.is_empty() {
            let since = self.looked_at - MARGIN;
            let rows = lists::ended_since(self.db.reader(), since).await?;
            for (handle, reason) in rows {
                self.hub.end(&handle, EndReason::of_ended(reason.as_deref()));
            }
            let rows = lists::renewed_since(self.db.reader(), since).await?;
            for (handle, renewals) in rows {
                self.hub.renew(&handle, renewals);
            }
            self.look_at_policy().await?;
        }
        self.looked_at = now;
        Ok(())
    }

    async fn look_at_policy(&mut self) -> Result<()> {
        let in_force = policy::read(&self.db).await?;
        if self.policy_version.replace(in_force.version) != Some(in_force.version) {
            self.hub.tell_all(&Signal::PolicyChanged(in_force.policy.into()));
        }
        Ok(())
    }
}

//! From the database to the hub: every notice, and what was missed.

use std::time::Duration;

use tokio::sync::oneshot;

use super::super::clock::{MINUTE, Millis};
use super::super::db::notices::Heard;
use super::super::db::{fetch_all, fetch_optional, queries};
use super::super::error::Result;
use super::super::sessions::limits::reason_of;
use super::super::state::AppState;
use super::super::{device, policy};
use super::hub::{NewSignIn, Signal};
use super::notices::Notice;

/// An end is dated when its request came, and written some time later; servers'
/// clocks differ a little too. What ended this long before the last look is
/// looked at again: telling twice does nothing.
const MARGIN: Millis = 2 * MINUTE;

/// How soon to look again when the database could not be asked.
const RETRY: Duration = Duration::from_secs(1);

/// Feeds the streams until the server shuts down. What comes back says when
/// every later notice will be heard.
pub fn spawn(panel: AppState) -> oneshot::Receiver<()> {
    let (ready, hears) = oneshot::channel();
    tokio::spawn(async move {
        let shutdown = panel.shutdown.clone();
        tokio::select! {
            () = shutdown.cancelled() => {}
            () = feed(panel, ready) => {}
        }
    });
    hears
}

async fn feed(panel: AppState, ready: oneshot::Sender<()>) {
    let mut listener = panel.db.listen();
    let mut known = Known { looked_at: panel.clock.now(), policy_version: None };
    let (mut ready, mut behind) = (Some(ready), false);
    loop {
        let heard = tokio::select! {
            heard = listener.next() => heard,
            () = tokio::time::sleep(RETRY), if behind => Heard::Gap,
        };
        let done = match heard {
            Heard::Notice(notice) => pass_on(&panel, &mut known, &notice).await,
            Heard::Gap => look(&panel, &mut known).await,
        };
        // What went wrong is in the log; looking again makes it good.
        behind = done.is_err();
        if let Some(ready) = ready.take() {
            let _ = ready.send(());
        }
    }
}

/// What the streams have been told already.
struct Known {
    looked_at: Millis,
    policy_version: Option<i64>,
}

async fn pass_on(panel: &AppState, known: &mut Known, notice: &str) -> Result<()> {
    match serde_json::from_str(notice) {
        Ok(Notice::Ended { handles, reason }) => handles.iter().for_each(|handle| panel.live.end(handle, reason)),
        Ok(Notice::Extended { handle, last_seen_at }) => {
            panel.live.tell_session(&handle, &Signal::Extended(last_seen_at));
        }
        Ok(Notice::Renewed { handle, renewals }) => panel.live.renew(&handle, renewals),
        Ok(Notice::UserChanged { user_id }) => panel.live.tell_user(&user_id, None, &Signal::UserChanged),
        Ok(Notice::SignedIn { user_id, handle }) => tell_of_sign_in(panel, &user_id, handle).await?,
        Ok(Notice::PolicyChanged) => look_at_policy(panel, known).await?,
        // Another version of this program knows more.
        Err(error) => tracing::debug!(%error, "a notice that is not known"),
    }
    Ok(())
}

/// Where from and by what is not in the notice: it is nobody's but the user's.
async fn tell_of_sign_in(panel: &AppState, user_id: &str, handle: String) -> Result<()> {
    if !panel.live.has_others(user_id, &handle) {
        return Ok(());
    }
    let row = fetch_optional!(panel.db.reader(), (String, String), queries::SESSION_ORIGIN, handle.as_str())?;
    if let Some((address, user_agent)) = row {
        let sign_in = NewSignIn { device: device::in_words(&user_agent), address, handle: handle.clone() };
        panel.live.tell_user(user_id, Some(&handle), &Signal::SignedIn(sign_in.into()));
    }
    Ok(())
}

/// Looks for what has happened without being heard. A stream that opens later
/// looks for itself.
async fn look(panel: &AppState, known: &mut Known) -> Result<()> {
    let now = panel.clock.now();
    if !panel.live.is_empty() {
        let since = known.looked_at - MARGIN;
        let rows = fetch_all!(panel.db.reader(), (String, Option<String>), queries::SESSIONS_ENDED_SINCE, since)?;
        for (handle, reason) in rows {
            panel.live.end(&handle, reason_of(reason.as_deref()));
        }
        let rows = fetch_all!(panel.db.reader(), (String, i64), queries::SESSIONS_RENEWED_SINCE, since)?;
        for (handle, renewals) in rows {
            panel.live.renew(&handle, renewals);
        }
        look_at_policy(panel, known).await?;
    }
    known.looked_at = now;
    Ok(())
}

async fn look_at_policy(panel: &AppState, known: &mut Known) -> Result<()> {
    let in_force = policy::read(&panel.db).await?;
    if known.policy_version.replace(in_force.version) != Some(in_force.version) {
        panel.live.tell_all(&Signal::PolicyChanged(in_force.policy.into()));
    }
    Ok(())
}

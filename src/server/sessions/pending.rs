//! Sign-outs that the database could not store. They take effect in this process at once. They
//! are written when the database is back, or at the latest when the server shuts down.

use std::time::Duration;

use super::end::record;
use super::hash;
use crate::model::session::EndReason;
use crate::server::audit::{Action, Event};
use crate::server::clock::Millis;
use crate::server::db::sessions::{IdHash, ends, id_key};
use crate::server::error::Result;
use crate::server::state::{Panel, PendingSignOut};

/// How long the server retries at shutdown.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(10);

/// The pause between retries at shutdown.
const RETRY: Duration = Duration::from_millis(200);

/// Remembers a sign-out that could not be written, under the first of the ids that the session
/// may have.
pub fn add_pending(panel: &Panel, ids: Vec<IdHash>, at: Millis) {
    let Some(id_hash) = ids.first().copied() else { return };
    tracing::warn!("a sign-out is pending until the database is back");
    // Keeps the time of the first sign-out if the session signs out again.
    panel.pending_sign_outs().entry(id_hash).or_insert(PendingSignOut { ids, at });
}

/// Whether this session has a pending sign-out, which is already in force.
pub fn is_pending(panel: &Panel, session_id: &str) -> bool {
    let waiting = panel.pending_sign_outs();
    if waiting.is_empty() {
        return false;
    }
    let id_hash = hash(session_id);
    waiting.values().any(|end| end.ids.contains(&id_hash))
}

/// Writes the pending sign-outs. Those that still fail stay pending.
///
/// # Errors
/// `unavailable` while the database is down.
pub async fn write_pending(panel: &Panel) -> Result<()> {
    let waiting: Vec<(IdHash, PendingSignOut)> =
        panel.pending_sign_outs().iter().map(|(id_hash, end)| (*id_hash, end.clone())).collect();
    for (id_hash, end) in waiting {
        write(panel, &end).await?;
        panel.pending_sign_outs().remove(&id_hash);
    }
    Ok(())
}

async fn write(panel: &Panel, end: &PendingSignOut) -> Result<()> {
    let (at, reason) = (end.at, EndReason::Logout);
    let mut tx = panel.db.begin().await?;
    for id_hash in &end.ids {
        let ended = ends::by_id(tx.on(), at, reason.name(), id_key(id_hash), id_hash).await?;
        record(&mut tx, Event::of_system(Action::SignOut, at), ended.as_slice(), reason).await?;
    }
    tx.commit().await
}

/// Writes the pending sign-outs at shutdown. Retries for a bounded time, and then logs what is
/// lost.
pub async fn write_pending_at_shutdown(panel: &Panel) {
    let written = async {
        while let Err(error) = write_pending(panel).await {
            tracing::warn!(%error, "pending sign-outs could not be written; trying again");
            tokio::time::sleep(RETRY).await;
        }
    };
    if tokio::time::timeout(SHUTDOWN_TIMEOUT, written).await.is_err() {
        let lost = panel.pending_sign_outs().len();
        tracing::error!(
            lost,
            "pending sign-outs could not be written before shutdown: these sessions stay live until they expire or are ended"
        );
    }
}

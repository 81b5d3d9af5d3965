//! Signing out.

use super::end::end_in;
use super::identity::Identity;
use super::pending::add_pending;
use super::rotate::hashes_of;
use crate::model::code::Code;
use crate::model::session::EndReason;
use crate::server::audit::Action;
use crate::server::error::Result;
use crate::server::request::RequestInfo;
use crate::server::state::Panel;

/// Signs a browser out and ends its session, if it has one. The layer around it clears the
/// cookies on every response.
///
/// # Errors
/// `unavailable` if the database is down. The sign-out is in force at once and is written when
/// the database is back.
pub async fn sign_out(panel: &Panel, info: &RequestInfo, identity: Option<&Identity>) -> Result<()> {
    let Some(identity) = identity else { return Ok(()) };
    let written = write_sign_out(panel, info, &identity.session.handle, &identity.session.user.id).await;
    match written {
        Err(error) if error.code == Code::Unavailable => {
            add_pending(panel, hashes_of(panel, &identity.claim.session_id), info.now);
            Err(error)
        }
        other => other,
    }
}

async fn write_sign_out(panel: &Panel, info: &RequestInfo, handle: &str, user_id: &str) -> Result<()> {
    let mut tx = panel.db.begin().await?;
    let event = info.event(Action::SignOut).by(user_id);
    end_in(&mut tx, event, handle, EndReason::Logout, Some(user_id)).await?;
    tx.commit().await
}

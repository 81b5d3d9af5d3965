//! The messages between servers. They contain handles, user ids and reasons, never secrets or
//! personal data.

use serde::{Deserialize, Serialize};

use crate::model::live::DeskPart;
use crate::model::session::EndReason;
use crate::server::clock::Millis;
use crate::server::db::Tx;
use crate::server::db::sessions::ends::EndedRow;
use crate::server::error::{Result, internal};

/// The maximum number of handles in one notice, well within PostgreSQL's size limit.
const MAX_HANDLES: usize = 100;

/// A change that open streams have to report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Notice {
    Ended { handles: Vec<String>, reason: EndReason },
    Extended { handle: String, last_seen_at: Millis },
    Renewed { handle: String, renewals: i64 },
    UserChanged { user_id: String },
    RoleChanged { role: String },
    SignedIn { user_id: String, handle: String },
    PolicyChanged,
    DeskChanged { what: DeskPart },
}

/// Notifies the streams of sessions that have ended.
///
/// # Errors
/// `unavailable`; then the transaction is rolled back.
pub async fn sessions_ended(tx: &mut Tx, ended: &[EndedRow], reason: EndReason) -> Result<()> {
    for part in ended.chunks(MAX_HANDLES) {
        let handles = part.iter().map(|(handle, _)| handle.clone()).collect();
        send(tx, &Notice::Ended { handles, reason }).await?;
    }
    Ok(())
}

/// Notifies the streams of a session of its activity.
///
/// # Errors
/// `unavailable`; then the transaction is rolled back.
pub async fn session_extended(tx: &mut Tx, handle: &str, last_seen_at: Millis) -> Result<()> {
    send(tx, &Notice::Extended { handle: handle.to_owned(), last_seen_at }).await
}

/// Notifies the streams that were opened with an earlier id of a session that it is no longer
/// valid.
///
/// # Errors
/// `unavailable`; then the transaction is rolled back.
pub async fn session_renewed(tx: &mut Tx, handle: &str, renewals: i64) -> Result<()> {
    send(tx, &Notice::Renewed { handle: handle.to_owned(), renewals }).await
}

/// Notifies all streams of a user that profile, role, permissions or picture changed.
///
/// # Errors
/// `unavailable`; then the transaction is rolled back.
pub async fn user_changed(tx: &mut Tx, user_id: &str) -> Result<()> {
    send(tx, &Notice::UserChanged { user_id: user_id.to_owned() }).await
}

/// Notifies all streams of the users with a role that their permissions changed.
///
/// # Errors
/// `unavailable`; then the transaction is rolled back.
pub async fn role_changed(tx: &mut Tx, role: &str) -> Result<()> {
    send(tx, &Notice::RoleChanged { role: role.to_owned() }).await
}

/// Notifies the streams of a user's other sessions of a new sign-in.
///
/// # Errors
/// `unavailable`; then the transaction is rolled back.
pub async fn signed_in(tx: &mut Tx, user_id: &str, handle: &str) -> Result<()> {
    send(tx, &Notice::SignedIn { user_id: user_id.to_owned(), handle: handle.to_owned() }).await
}

/// Notifies all streams that limits may have changed.
///
/// # Errors
/// `unavailable`; then the transaction is rolled back.
pub async fn policy_changed(tx: &mut Tx) -> Result<()> {
    send(tx, &Notice::PolicyChanged).await
}

/// Notifies the streams of administrators that a list has changed.
///
/// # Errors
/// `internal`.
pub fn desk_changed(tx: &mut Tx, what: DeskPart) -> Result<()> {
    tx.notify_once(serde_json::to_string(&Notice::DeskChanged { what }).map_err(internal)?);
    Ok(())
}

async fn send(tx: &mut Tx, notice: &Notice) -> Result<()> {
    tx.notify(&serde_json::to_string(notice).map_err(internal)?).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_notice_fits_into_postgresqls_limit() {
        let handles = vec![format!("sid_{}", "x".repeat(22)); MAX_HANDLES];
        let notice = Notice::Ended { handles, reason: EndReason::PasswordChanged };
        let text = serde_json::to_string(&notice).expect("JSON");
        assert!(text.len() < 7999, "{}", text.len());
        assert_eq!(serde_json::from_str::<Notice>(&text).expect("it reads back"), notice);
    }
}

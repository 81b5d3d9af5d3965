//! The sign-in history of an account.

use crate::model::account::{SignIn, SignInKind};
use crate::server::clock::rfc3339;
use crate::server::context::RequestContext;
use crate::server::db::audit::{self, SignInRow};
use crate::server::device;
use crate::server::error::Result;

/// The maximum number of entries.
const MAX_ENTRIES: i64 = 50;

impl SignInRow {
    fn into_entry(self) -> Option<SignIn> {
        let kind = match self.action.as_str() {
            "sign_in" => SignInKind::SignedIn,
            "sign_in_failed" => SignInKind::Failed,
            "locked" => SignInKind::Locked,
            "password_changed" => SignInKind::PasswordChanged,
            "profile_changed" => SignInKind::EmailChanged,
            _ => return None,
        };
        let words = device::read(&self.user_agent);
        Some(SignIn { at: rfc3339(self.at), kind, browser: words.browser, device: words.device, address: self.address })
    }
}

/// The latest sign-ins, failures, lockouts and changes of password or email, newest first.
///
/// # Errors
/// `unavailable`.
pub async fn sign_ins(context: &RequestContext, user_id: &str) -> Result<Vec<SignIn>> {
    let rows = audit::sign_ins(context.panel.db.reader(), user_id, MAX_ENTRIES).await?;
    Ok(rows.into_iter().filter_map(SignInRow::into_entry).collect())
}

//! Proving the password again while signed in.

use super::UserColumns;
use super::attempt::{Attempt, attempt, record_failure};
use crate::model::email::Email;
use crate::model::policy::Policy;
use crate::model::text::Text;
use crate::server::error::{Error, Result};
use crate::server::lockout::ChargedAttempt;
use crate::server::request::RequestInfo;
use crate::server::state::Panel;

/// A renewed password proof.
pub struct PasswordProof {
    pub policy: Policy,
    /// Must be cleared with [`lockout::succeeded`](crate::server::lockout::succeeded), in the
    /// transaction that needed the proof.
    pub charged: ChargedAttempt,
    /// The hash that the password was verified against.
    pub password_hash: String,
}

/// Verifies the signed-in user's password. Counts towards lockout like a sign-in, so that it
/// can't be used for guessing (CVE-2026-43914).
///
/// # Errors
/// `validation_failed` with a text for `field` if it is empty or wrong; `account_locked`,
/// `too_many_requests`, `unavailable`.
pub async fn verify_again(
    panel: &Panel,
    info: &RequestInfo,
    user: &UserColumns,
    password: &str,
    field: &'static str,
) -> Result<PasswordProof> {
    let wrong = || Error::field(field, Text::FieldPasswordWrong);
    if password.is_empty() {
        return Err(wrong());
    }
    let email = Email::of_account(&user.email);
    let Attempt { policy, charged, matched, .. } = attempt(panel, info, &email, password).await?;
    match matched {
        Some(password_hash) => Ok(PasswordProof { policy, charged, password_hash }),
        None => {
            let lock = (charged.left == 0).then_some(policy.lockout_minutes);
            record_failure(panel, info, &user.id, "reproof", None, lock).await?;
            Err(wrong().with(|details| details.remaining_attempts = Some(charged.left)))
        }
    }
}

//! Authentication by email and password.

use super::attempt::{Attempt, attempt, read_row, record_failure};
use crate::model::account::Credentials;
use crate::model::characters::is_blank;
use crate::model::code::Code;
use crate::model::email::Email;
use crate::model::password;
use crate::model::policy::Policy;
use crate::model::preference::Preferences;
use crate::model::text::Text;
use crate::model::user::User;
use crate::server::db::users::{self, SignInUser};
use crate::server::error::{Error, Problem, Result};
use crate::server::lockout::ChargedAttempt;
use crate::server::preferences;
use crate::server::request::RequestInfo;
use crate::server::state::Panel;

/// An authenticated user, for whom a session may be started.
pub struct AuthenticatedUser {
    pub user: User,
    pub policy: Policy,
    /// The charged attempt, which starting a session clears; `None` afterwards. The next
    /// attempt waits until this is dropped.
    pub charged: Option<ChargedAttempt>,
    /// The user's stored language and theme.
    pub preferences: Preferences,
    /// The user's `device_epoch`, for this browser's cookie.
    pub device_epoch: i64,
    /// The hash that the password was verified against.
    pub password_hash: String,
    /// A new hash with today's parameters, if that one was weaker.
    pub rehashed: Option<String>,
}

impl AuthenticatedUser {
    /// # Errors
    /// `account_inactive`; `internal` for a corrupt row.
    fn of(policy: Policy, user: SignInUser, password_hash: String) -> Result<AuthenticatedUser> {
        if !user.columns.is_active {
            return Err(Error::from(Code::AccountInactive));
        }
        let preferences = preferences::of_row(user.language.as_deref(), user.theme.as_deref());
        let device_epoch = user.device_epoch;
        let user = user.columns.shown()?;
        Ok(AuthenticatedUser { user, policy, charged: None, preferences, device_epoch, password_hash, rehashed: None })
    }
}

/// Authenticates a user.
///
/// # Errors
/// `missing_credentials`, `validation_failed`, `invalid_credentials` with the attempts left,
/// `account_inactive`, `account_locked`, `too_many_requests`, `unavailable`.
pub async fn authenticate(panel: &Panel, info: &RequestInfo, credentials: &Credentials) -> Result<AuthenticatedUser> {
    let email = read(panel, credentials)?;
    let Attempt { policy, charged, user, matched, rehashed } =
        attempt(panel, info, &email, &credentials.password).await?;
    match (user, matched) {
        (Some(user), Some(hash)) => {
            if !user.columns.is_active {
                record_failure(panel, info, &user.columns.id, "inactive", Some(&charged), None).await?;
            }
            let authenticated = AuthenticatedUser::of(policy, user, hash)?;
            Ok(AuthenticatedUser { charged: Some(charged), rehashed, ..authenticated })
        }
        (user, _) => {
            let target = user.map_or_else(|| email.as_str().to_owned(), |user| user.columns.id);
            let locked_minutes = (charged.left == 0).then_some(policy.lockout_minutes);
            record_failure(panel, info, &target, "credentials", None, locked_minutes).await?;
            Err(Error::from(Code::InvalidCredentials).with(|details| details.remaining_attempts = Some(charged.left)))
        }
    }
}

/// A user whose password was verified shortly before. `same` compares the current hash with the
/// one verified then. Returns `None` if it changed.
///
/// # Errors
/// `account_inactive`; `unavailable`.
pub async fn still_authenticated(
    panel: &Panel,
    user_id: &str,
    same: impl Fn(&str) -> bool,
) -> Result<Option<AuthenticatedUser>> {
    let (policy, user) = read_row(users::for_sign_in_by_id(panel.db.reader(), user_id).await?)?;
    let Some(mut user) = user else { return Ok(None) };
    let Some(hash) = user.password_hash.take().filter(|hash| same(hash)) else { return Ok(None) };
    AuthenticatedUser::of(policy, user, hash).map(Some)
}

/// Parses the input. Invalid input is refused before any query.
fn read(panel: &Panel, credentials: &Credentials) -> Result<Email> {
    if credentials.email.chars().all(is_blank) || credentials.password.is_empty() {
        return Err(Error::from(Code::MissingCredentials));
    }
    let email = panel.sign_in_address(&credentials.email);
    let email = email.ok_or_else(|| Error::field("email", Text::FieldEmailInvalid))?;
    if password::length(&credentials.password) > password::MAX_LENGTH {
        return Err(Error::field("password", Problem::TooLong { max: password::MAX_LENGTH }));
    }
    Ok(email)
}

//! Proving a password.

use sqlx::FromRow;

use super::UserColumns;
use crate::model::account::Credentials;
use crate::model::characters::is_blank;
use crate::model::email::Email;
use crate::model::failure::{Code, Failure};
use crate::model::password;
use crate::model::policy::Policy;
use crate::model::preference::Preferences;
use crate::model::text::Text;
use crate::model::user::User;
use crate::server::audit::Action;
use crate::server::clock::Millis;
use crate::server::db::{fetch_optional, queries};
use crate::server::error::{Result, internal};
use crate::server::lockout::{self, Buckets, Charged};
use crate::server::passwords::Verdict;
use crate::server::preferences;
use crate::server::request::RequestInfo;
use crate::server::state::Panel;
use crate::server::turns::Turn;

/// Somebody who has proven who they are; a session may be started for them.
pub struct Proven {
    pub user: User,
    pub policy: Policy,
    /// The attempt that a success clears; `None` once that is done. The next one
    /// waits until this is dropped.
    pub charged: Option<Charged>,
    /// The language and theme the user has stored.
    pub preferences: Preferences,
    /// The user's `device_epoch`, for this browser's cookie.
    pub device_epoch: i64,
    /// The hash the password was verified against.
    pub password_hash: String,
    /// The same password by today's parameters, where that one was weaker.
    pub rehashed: Option<String>,
}

/// A sign-in's policy and, if the email is known, its user.
#[derive(FromRow)]
struct LookupRow {
    rules: String,
    id: Option<String>,
    email: Option<String>,
    name: Option<String>,
    role: Option<String>,
    permissions: Option<String>,
    is_active: Option<bool>,
    phone: Option<String>,
    labels: Option<String>,
    avatar: Option<String>,
    created_at: Option<Millis>,
    updated_at: Option<Millis>,
    last_login: Option<Millis>,
    language: Option<String>,
    theme: Option<String>,
    password_hash: Option<String>,
    device_epoch: Option<i64>,
}

impl LookupRow {
    fn preferences(&self) -> Preferences {
        preferences::of_row(self.language.as_deref(), self.theme.as_deref())
    }

    fn user(self) -> Option<UserColumns> {
        Some(UserColumns {
            id: self.id?,
            email: self.email?,
            name: self.name?,
            role: self.role?,
            permissions: self.permissions?,
            is_active: self.is_active?,
            phone: self.phone,
            labels: self.labels?,
            avatar: self.avatar,
            created_at: self.created_at?,
            updated_at: self.updated_at?,
            last_login: self.last_login,
        })
    }
}

/// One password that was tried against one email.
pub(super) struct Attempt {
    pub policy: Policy,
    pub charged: Charged,
    pub user: Option<User>,
    /// The language and theme the user has stored; none for nobody.
    pub preferences: Preferences,
    /// The user's `device_epoch`; 0 for nobody.
    pub device_epoch: i64,
    pub stored: Option<String>,
    pub verdict: Verdict,
}

/// A sign-in's policy and user, and what an attempt is counted in.
struct Lookup {
    policy: Policy,
    buckets: Buckets,
    row: LookupRow,
}

async fn look_up(panel: &Panel, info: &RequestInfo, email: &Email) -> Result<Lookup> {
    let row = fetch_optional!(panel.db.reader(), LookupRow, queries::SIGN_IN_LOOKUP, email.as_typed(), email.as_str())?;
    let row = row.ok_or_else(|| internal("there is no policy row"))?;
    let policy = Policy::read(&row.rules).map_err(internal)?;
    let known = row.id.as_deref().map(|id| (id, row.device_epoch.unwrap_or_default()));
    let buckets = Buckets::of(panel, info, email, known);
    Ok(Lookup { policy, buckets, row })
}

/// Waits for the turn of an attempt. Who is locked out is told so without
/// waiting, and without a place that others need.
async fn in_turn(panel: &Panel, info: &RequestInfo, email: &Email) -> Result<(Lookup, Turn)> {
    let now = info.now;
    loop {
        let found = look_up(panel, info, email).await?;
        lockout::check(&panel.db, &found.policy, &found.buckets, now).await?;
        let turn = found.buckets.turn(panel).await?;
        if !turn.waited {
            return Ok((found, turn));
        }
        // The attempts before may have locked, or changed what this one is measured by.
        let again = look_up(panel, info, email).await?;
        lockout::check(&panel.db, &again.policy, &again.buckets, now).await?;
        if again.buckets == found.buckets {
            return Ok((again, turn));
        }
    }
}

/// Tries a password: lookup, turn, charge, hash. An unknown email takes the same
/// road at the same cost.
///
/// # Errors
/// `account_locked`, `too_many_requests`, `unavailable`; then nothing was evaluated.
pub(super) async fn attempt(panel: &Panel, info: &RequestInfo, email: &Email, password: &str) -> Result<Attempt> {
    let now = info.now;
    let (Lookup { policy, buckets, row }, turn) = in_turn(panel, info, email).await?;
    // The place before the charge: a 503 counts nowhere.
    let place = panel.hasher.reserve()?;
    let charged = lockout::charge(&panel.db, &policy, buckets, turn, now).await?;
    let (stored, preferences) = (row.password_hash.clone(), row.preferences());
    let device_epoch = row.device_epoch.unwrap_or_default();
    let verdict = place.verify(password, stored.as_deref()).await?;
    let user = row.user().map(UserColumns::shown).transpose()?;
    Ok(Attempt { policy, charged, user, preferences, device_epoch, stored, verdict })
}

/// Proves who signs in.
///
/// # Errors
/// `missing_credentials`, `validation_failed`, `invalid_credentials` with the
/// attempts left, `account_inactive`, `account_locked`, `too_many_requests`,
/// `unavailable`.
pub async fn authenticate(panel: &Panel, info: &RequestInfo, credentials: &Credentials) -> Result<Proven> {
    let email = read(panel, info, credentials)?;
    let Attempt { policy, charged, user, preferences, device_epoch, stored, verdict } =
        attempt(panel, info, &email, &credentials.password).await?;
    match (user, stored) {
        (Some(user), Some(password_hash)) if verdict.matches => {
            if user.is_active {
                let (charged, rehashed) = (Some(charged), verdict.rehashed);
                return Ok(Proven { user, policy, charged, preferences, device_epoch, password_hash, rehashed });
            }
            refuse(panel, info, &user.id, "inactive", Some(&charged), None).await?;
            Err(Failure::new(Code::AccountInactive))
        }
        (user, _) => {
            let target = user.map_or_else(|| email.as_str().to_owned(), |user| user.id);
            let lock = (charged.left == 0).then_some(policy.lockout_minutes);
            refuse(panel, info, &target, "credentials", None, lock).await?;
            Err(Failure { remaining_attempts: Some(charged.left), ..Failure::new(Code::InvalidCredentials) })
        }
    }
}

/// Somebody whose password was proven a moment ago, by the hash it was verified
/// against then: `None` when it is no longer theirs.
///
/// # Errors
/// `account_inactive`; `unavailable`.
pub async fn still_proven(panel: &Panel, user_id: &str, same: impl Fn(&str) -> bool) -> Result<Option<Proven>> {
    let row = fetch_optional!(panel.db.reader(), LookupRow, queries::SIGN_IN_LOOKUP_BY_ID, user_id)?;
    let mut row = row.ok_or_else(|| internal("there is no policy row"))?;
    let policy = Policy::read(&row.rules).map_err(internal)?;
    let (preferences, device_epoch) = (row.preferences(), row.device_epoch.unwrap_or_default());
    let Some(password_hash) = row.password_hash.take().filter(|hash| same(hash)) else { return Ok(None) };
    let Some(user) = row.user().map(UserColumns::shown).transpose()? else { return Ok(None) };
    if !user.is_active {
        return Err(Failure::new(Code::AccountInactive));
    }
    Ok(Some(Proven { user, policy, charged: None, preferences, device_epoch, password_hash, rehashed: None }))
}

/// Reads what was typed; nothing is looked up for what can't be right.
fn read(panel: &Panel, info: &RequestInfo, credentials: &Credentials) -> Result<Email> {
    if credentials.email.chars().all(is_blank) || credentials.password.is_empty() {
        return Err(Failure::new(Code::MissingCredentials));
    }
    let lang = info.lang();
    let email = panel.sign_in_address(&credentials.email);
    let email = email.ok_or_else(|| Failure::field("email", Text::FieldEmailInvalid.to(lang)))?;
    if password::length(&credentials.password) > password::MAX_LENGTH {
        let max = password::MAX_LENGTH.to_string();
        return Err(Failure::field("password", Text::FieldPasswordTooLong.with(lang, &[("max", &max)])));
    }
    Ok(email)
}

/// Records a failed sign-in, and the lock it brought; refunds what counts nowhere.
pub(super) async fn refuse(
    panel: &Panel,
    info: &RequestInfo,
    target: &str,
    why: &str,
    refund: Option<&Charged>,
    locked_for: Option<u32>,
) -> Result<()> {
    let stranger = |action| info.event(action);
    let mut tx = panel.db.begin().await?;
    stranger(Action::SignInFailed).of(target).failed().with("reason", why).write(&mut tx).await?;
    if let Some(minutes) = locked_for {
        stranger(Action::Locked).of(target).with("minutes", minutes).write(&mut tx).await?;
    }
    if let Some(charged) = refund {
        lockout::refund(&mut tx, charged).await?;
    }
    tx.commit().await
}

//! Users: proving who one is, and the few things the command line does to them.

use sqlx::FromRow;
use uuid::Uuid;

use super::audit::{Action, Event};
use super::clock::{Millis, rfc3339};
use super::db::{Db, Tx, execute, fetch_all, fetch_optional, queries};
use super::error::{Result, internal};
use super::lockout::{self, Buckets};
use super::request::Asked;
use super::sessions::end;
use crate::model::account::Credentials;
use crate::model::email::Email;
use crate::model::failure::{Code, Failure};
use crate::model::password;
use crate::model::permission;
use crate::model::policy::Policy;
use crate::model::session::EndReason;
use crate::model::text::Text;
use crate::model::user::User;

/// A user's columns as they are stored.
#[derive(FromRow)]
pub struct UserColumns {
    pub id: String,
    pub email: String,
    pub name: String,
    pub role: String,
    pub permissions: String,
    pub is_active: bool,
    pub phone: Option<String>,
    pub labels: String,
    pub avatar: Option<String>,
    pub created_at: Millis,
    pub updated_at: Millis,
    pub last_login: Option<Millis>,
}

impl TryFrom<UserColumns> for User {
    type Error = Failure;

    fn try_from(row: UserColumns) -> Result<User> {
        let personal: Vec<String> = serde_json::from_str(&row.permissions).map_err(internal)?;
        Ok(User {
            permissions: permission::effective(&row.role, &personal),
            labels: serde_json::from_str(&row.labels).map_err(internal)?,
            id: row.id,
            email: row.email,
            name: row.name,
            role: row.role,
            is_active: row.is_active,
            phone: row.phone,
            avatar: row.avatar,
            created_at: rfc3339(row.created_at),
            updated_at: rfc3339(row.updated_at),
            last_login: row.last_login.map(rfc3339),
        })
    }
}

/// Somebody who has proven who they are; a session may be started for them.
pub struct Proven {
    pub user: User,
    pub policy: Policy,
    pub buckets: Buckets,
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
    password_hash: Option<String>,
}

impl LookupRow {
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

/// Proves a password. An unknown email takes the same road at the same cost:
/// lookup, charge, hash, audit row.
///
/// # Errors
/// `missing_credentials`, `validation_failed`, `invalid_credentials` with the
/// attempts left, `account_inactive`, `account_locked`, `too_many_requests`,
/// `unavailable`.
pub async fn authenticate(asked: &Asked, credentials: &Credentials) -> Result<Proven> {
    let email = read(asked, credentials)?;
    let panel = &asked.panel;
    let place = panel.hasher.reserve()?;
    let row = fetch_optional!(panel.db.reader(), LookupRow, queries::SIGN_IN_LOOKUP, email.as_str())?;
    let row = row.ok_or_else(|| internal("there is no policy row"))?;
    let policy: Policy = serde_json::from_str(&row.rules).map_err(internal)?;
    let buckets = Buckets::new(&email, asked.visit.address);
    let left = lockout::charge(&panel.db, &policy, &buckets, asked.visit.now).await?;

    let stored = row.password_hash.clone();
    let verdict = place.verify(&credentials.password, stored.as_deref()).await?;
    let user: Option<User> = row.user().map(User::try_from).transpose()?;
    match (user, stored) {
        (Some(user), Some(password_hash)) if verdict.matches => {
            if user.is_active {
                return Ok(Proven { user, policy, buckets, password_hash, rehashed: verdict.rehashed });
            }
            refuse(asked, &user.id, "inactive", Some(&buckets), None).await?;
            Err(Failure::new(Code::AccountInactive))
        }
        (user, _) => {
            let target = user.map_or_else(|| email.as_str().to_owned(), |user| user.id);
            let lock = (left == 0).then_some(policy.lockout_minutes);
            refuse(asked, &target, "credentials", None, lock).await?;
            Err(Failure { remaining_attempts: Some(left), ..Failure::new(Code::InvalidCredentials) })
        }
    }
}

/// Reads what was typed; nothing is looked up for what can't be right.
fn read(asked: &Asked, credentials: &Credentials) -> Result<Email> {
    if credentials.email.trim().is_empty() || credentials.password.trim().is_empty() {
        return Err(Failure::new(Code::MissingCredentials));
    }
    let lang = asked.visit.lang;
    let email =
        Email::parse(&credentials.email).ok_or_else(|| Failure::field("email", Text::FieldEmailInvalid.to(lang)))?;
    if password::length(&credentials.password) > password::MAX_LENGTH {
        let max = password::MAX_LENGTH.to_string();
        return Err(Failure::field("password", Text::FieldPasswordTooLong.with(lang, &[("max", &max)])));
    }
    Ok(email)
}

/// Records a failed sign-in, and the lock it brought; refunds what counts nowhere.
async fn refuse(
    asked: &Asked,
    target: &str,
    why: &str,
    refund: Option<&Buckets>,
    locked_for: Option<u32>,
) -> Result<()> {
    let stranger = |action| asked.visit.event(action);
    let mut tx = asked.panel.db.begin().await?;
    stranger(Action::SignInFailed).of(target).failed().with("reason", why).write(&mut tx).await?;
    if let Some(minutes) = locked_for {
        stranger(Action::Locked).of(target).with("minutes", minutes).write(&mut tx).await?;
    }
    if let Some(buckets) = refund {
        lockout::refund(&mut tx, buckets).await?;
    }
    tx.commit().await
}

/// A user to be made.
pub struct NewUser<'a> {
    pub email: &'a Email,
    pub name: &'a str,
    pub role: &'a str,
    /// A PHC string; `None` for somebody who is only invited.
    pub password_hash: Option<&'a str>,
}

/// Adds a user; says their id.
///
/// # Errors
/// `conflict` when the email is taken; `unavailable`.
pub async fn add_in(tx: &mut Tx, new: &NewUser<'_>, event: Event<'_>) -> Result<String> {
    let id = Uuid::now_v7().to_string();
    let added = execute!(
        tx.on(),
        queries::USER_INSERT,
        id.as_str(),
        new.email.as_str(),
        new.name,
        new.role,
        true,
        new.password_hash,
        event.at
    )?;
    if added == 0 {
        return Err(Failure::new(Code::Conflict));
    }
    event.of(&id).with("role", new.role).write(tx).await?;
    Ok(id)
}

/// Finds a user by email.
///
/// # Errors
/// `not_found`; `unavailable`.
pub async fn find(db: &Db, email: &Email) -> Result<User> {
    let row = fetch_optional!(db.reader(), UserColumns, queries::USER_BY_EMAIL, email.as_str())?;
    row.ok_or(Failure::new(Code::NotFound))?.try_into()
}

/// Disables or enables a user. Disabling ends every session of theirs at once.
/// Says whether anything changed.
///
/// # Errors
/// `conflict` for the last administrator who can sign in; `unavailable`.
pub async fn set_active(db: &Db, user: &User, active: bool, at: Millis) -> Result<bool> {
    let mut tx = db.begin().await?;
    let (sql, action) = match active {
        true => (queries::USER_SET_ACTIVE, Action::UserEnabled),
        false => (queries::USER_DISABLE, Action::UserDisabled),
    };
    let changed = execute!(tx.on(), sql, active, at, user.id.as_str())? > 0;
    if !changed {
        return if active == user.is_active { Ok(false) } else { Err(Failure::new(Code::Conflict)) };
    }
    Event::of_system(action, at).of(&user.id).write(&mut tx).await?;
    if !active {
        end::end_of_user_in(
            &mut tx,
            Event::of_system(Action::SessionEnded, at),
            &user.id,
            EndReason::AccountDisabled,
            None,
        )
        .await?;
    }
    tx.commit().await?;
    Ok(true)
}

/// A line of the user list.
#[derive(FromRow)]
pub struct Listed {
    pub id: String,
    pub email: String,
    pub name: String,
    pub role: String,
    pub is_active: bool,
    pub invited: bool,
    pub locked_until: Option<Millis>,
    pub last_login: Option<Millis>,
}

impl Listed {
    /// The state in one word: what an administrator would do something about first.
    pub fn state(&self, now: Millis) -> &'static str {
        match self {
            Listed { is_active: false, .. } => "disabled",
            Listed { locked_until: Some(until), .. } if *until > now => "locked",
            Listed { invited: true, .. } => "invited",
            _ => "active",
        }
    }
}

/// Every user, by email.
///
/// # Errors
/// `unavailable`.
pub async fn list(db: &Db) -> Result<Vec<Listed>> {
    Ok(fetch_all!(db.reader(), Listed, queries::USERS_LIST)?)
}

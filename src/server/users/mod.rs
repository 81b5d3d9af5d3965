//! Users: proving who one is, and the few things the command line does to them.

mod authenticate;
mod change_password;
mod reprove;
mod sign_ins;

use sqlx::FromRow;
use uuid::Uuid;

pub use authenticate::{Proven, authenticate, still_proven};
pub use change_password::change_password;
pub use reprove::{Reproven, reprove};
pub use sign_ins::sign_ins;

use super::audit::{Action, Event};
use super::clock::{Millis, rfc3339};
use super::db::{Db, Tx, execute, fetch_all, fetch_optional, queries};
use super::error::{Result, internal};
use super::live;
use super::sessions::end;
use crate::model::email::{Email, shown};
use crate::model::failure::{Code, Failure};
use crate::model::permission;
use crate::model::session::EndReason;
use crate::model::user::User;

/// A user's columns as they are stored.
#[derive(Clone, FromRow)]
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

impl UserColumns {
    /// The user as they are shown. Made only where somebody looks: most requests
    /// ask who it is, and no more.
    ///
    /// # Errors
    /// `internal` for a broken row.
    pub fn shown(self) -> Result<User> {
        Ok(User {
            permissions: self.effective()?,
            labels: serde_json::from_str(&self.labels).map_err(internal)?,
            id: self.id,
            email: self.email,
            name: self.name,
            role: self.role,
            is_active: self.is_active,
            phone: self.phone,
            avatar: self.avatar,
            created_at: rfc3339(self.created_at),
            updated_at: rfc3339(self.updated_at),
            last_login: self.last_login.map(rfc3339),
        })
    }

    /// What the role and the personal grants allow together.
    ///
    /// # Errors
    /// `internal` for a broken row: then nothing is allowed.
    pub fn effective(&self) -> Result<Vec<String>> {
        let personal: Vec<String> = serde_json::from_str(&self.permissions).map_err(internal)?;
        Ok(permission::effective(&self.role, &personal))
    }
}

/// A user to be made.
pub struct NewUser<'a> {
    pub email: &'a Email,
    pub name: &'a str,
    pub role: &'a str,
    /// A PHC string; `None` for somebody who is only invited.
    pub password_hash: Option<&'a str>,
}

/// Makes this transaction the only one that decides about administrators: "there
/// is still one" and "there is none yet" are said of rows that nobody else changes
/// meanwhile. The row that is locked is the policy's, because it is always there.
///
/// # Errors
/// `unavailable`.
pub async fn hold_administrators(tx: &mut Tx) -> Result<()> {
    execute!(tx.on(), queries::ADMINISTRATORS_HOLD)?;
    Ok(())
}

/// Adds a user; says their id.
///
/// # Errors
/// `conflict` when the email is taken; `unavailable`.
pub async fn add_in(tx: &mut Tx, new: &NewUser<'_>, event: Event<'_>) -> Result<String> {
    let id = Uuid::now_v7().to_string();
    if new.role == "admin" {
        hold_administrators(tx).await?;
    }
    let added = execute!(
        tx.on(),
        queries::USER_INSERT,
        id.as_str(),
        new.email.as_str(),
        new.name,
        new.role,
        true,
        new.password_hash,
        event.at,
        new.email.as_typed(),
        shown(new.email.as_str())
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
    let row = fetch_optional!(db.reader(), UserColumns, queries::USER_BY_EMAIL, email.as_typed(), email.as_str())?;
    row.ok_or(Failure::new(Code::NotFound))?.shown()
}

/// Disables or enables a user. Disabling ends every session of theirs at once.
/// Says whether anything changed.
///
/// # Errors
/// `conflict` for the last administrator who can sign in; `unavailable`.
pub async fn set_active(db: &Db, user: &User, active: bool, at: Millis) -> Result<bool> {
    let mut tx = db.begin().await?;
    if !active {
        hold_administrators(&mut tx).await?;
    }
    let (sql, action) = match active {
        true => (queries::USER_SET_ACTIVE, Action::UserEnabled),
        false => (queries::USER_DISABLE, Action::UserDisabled),
    };
    let changed = execute!(tx.on(), sql, active, at, user.id.as_str())? > 0;
    if !changed {
        return if active == user.is_active { Ok(false) } else { Err(Failure::new(Code::Conflict)) };
    }
    Event::of_system(action, at).of(&user.id).write(&mut tx).await?;
    live::user_changed(&mut tx, &user.id).await?;
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

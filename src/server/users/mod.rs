//! Users: authentication, and adding and finding users.

mod attempt;
mod authenticate;
pub mod roles;
pub mod search;
mod verify_again;

use uuid::Uuid;

pub use authenticate::{AuthenticatedUser, authenticate, still_authenticated};
pub use verify_again::{PasswordProof, verify_again};

use self::roles::stored_permissions;
use crate::model::code::Code;
use crate::model::email::{Email, shown};
use crate::model::permission::Permissions;
use crate::model::text::Text;
use crate::model::user::User;
use crate::server::audit::Event;
use crate::server::clock::rfc3339;
use crate::server::db::users::{self, UserColumns};
use crate::server::db::{Db, Tx, policy};
use crate::server::error::{Error, Result, internal};

impl UserColumns {
    /// The user as shown to clients. Built only where needed, because most requests need only
    /// the id.
    ///
    /// # Errors
    /// `internal` for a corrupt row.
    pub fn shown(self) -> Result<User> {
        Ok(User {
            permissions: self.effective()?.iter().map(|permission| permission.name().to_owned()).collect(),
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

    /// The permissions of the role plus the personal grants.
    ///
    /// # Errors
    /// `internal` for a corrupt row, which then grants nothing.
    pub fn effective(&self) -> Result<Permissions> {
        effective_permissions(&self.role_permissions, &self.permissions)
    }
}

/// The permissions of a role plus personal grants, both JSON.
///
/// # Errors
/// `internal` for a corrupt row, which then grants nothing.
pub fn effective_permissions(of_role: &str, personal: &str) -> Result<Permissions> {
    Ok(stored_permissions(of_role)?.union(stored_permissions(personal)?))
}

/// The user of a session.
///
/// # Errors
/// `unauthenticated` if the user was deleted meanwhile; `unavailable`.
pub async fn of_session(db: &Db, id: &str) -> Result<UserColumns> {
    users::find(db, id).await?.ok_or(Error::from(Code::Unauthenticated))
}

/// A user to add.
pub struct NewUser<'a> {
    pub email: &'a Email,
    pub name: &'a str,
    pub role: &'a str,
    /// A PHC string; `None` for an invited user.
    pub password_hash: Option<&'a str>,
}

/// Serialises the transactions that decide whether an administrator exists or remains, and those
/// that give or delete a role. Locks the policy's row, because that row always exists.
///
/// # Errors
/// `unavailable`.
pub async fn lock_administrators(tx: &mut Tx) -> Result<()> {
    policy::lock_administrators(tx.on()).await?;
    Ok(())
}

/// Adds a user and returns the id.
///
/// # Errors
/// `conflict` if the email is taken; `validation_failed` for an unknown role; `unavailable`.
pub async fn add_in(tx: &mut Tx, new: &NewUser<'_>, event: Event<'_>) -> Result<String> {
    let id = Uuid::now_v7().to_string();
    lock_administrators(tx).await?;
    if roles::find(tx, new.role).await?.is_none() {
        return Err(Error::field("role", Text::FieldRoleInvalid));
    }
    let added = users::insert(
        tx.on(),
        &id,
        new.email.as_str(),
        new.name,
        new.role,
        new.password_hash,
        event.at,
        new.email.as_typed(),
        &shown(new.email.as_str()),
    )
    .await?;
    if added == 0 {
        return Err(Error::from(Code::Conflict));
    }
    let user = users::by_id(tx.on(), &id).await?.ok_or_else(|| internal("a new user is missing"))?;
    search::index(tx, &user).await?;
    event.of(&id).with("role", new.role).write(tx).await?;
    Ok(id)
}

/// Finds a user by email.
///
/// # Errors
/// `not_found`; `unavailable`.
pub async fn by_email(db: &Db, email: &Email) -> Result<User> {
    let row = users::by_email(db.reader(), email.as_typed(), email.as_str()).await?;
    row.ok_or(Error::from(Code::NotFound))?.shown()
}

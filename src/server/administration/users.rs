//! Disabling and enabling users, and listing them.

use crate::model::code::Code;
use crate::model::session::EndReason;
use crate::model::user::User;
use crate::server::audit::{Action, Event};
use crate::server::clock::Millis;
use crate::server::db::Db;
use crate::server::db::users::{self, ListedUser};
use crate::server::error::{Error, Result};
use crate::server::live;
use crate::server::sessions::end;
use crate::server::users::lock_administrators;

/// Disables or enables a user. Disabling ends all of the user's sessions. Returns whether the
/// state changed.
///
/// # Errors
/// `conflict` for the last active administrator; `unavailable`.
pub async fn set_active(db: &Db, user: &User, active: bool, at: Millis) -> Result<bool> {
    let mut tx = db.begin().await?;
    if !active {
        lock_administrators(&mut tx).await?;
    }
    let (changed, action) = match active {
        true => (users::enable(tx.on(), at, &user.id).await?, Action::UserEnabled),
        false => (users::disable(tx.on(), at, &user.id, false).await?, Action::UserDisabled),
    };
    if changed == 0 {
        return if active == user.is_active { Ok(false) } else { Err(Error::from(Code::Conflict)) };
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

impl ListedUser {
    /// The state in one word. If several apply, the one that needs an administrator's
    /// attention.
    pub fn state(&self, now: Millis) -> &'static str {
        match self {
            ListedUser { is_active: false, .. } => "disabled",
            ListedUser { locked_until: Some(until), .. } if *until > now => "locked",
            ListedUser { invited: true, .. } => "invited",
            _ => "active",
        }
    }
}

/// Every user, ordered by email.
///
/// # Errors
/// `unavailable`.
pub async fn list(db: &Db) -> Result<Vec<ListedUser>> {
    Ok(users::list(db.reader()).await?)
}

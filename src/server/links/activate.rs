//! Setting a password with a link: the first of an invited user, or a new one of somebody who got a
//! reset link.

use super::password::{new_password, ready};
use super::{Kind, invalid_link, take_turn, use_up};
use crate::model::account::{Activation, Ready};
use crate::model::email::Email;
use crate::model::session::EndReason;
use crate::server::audit::Action;
use crate::server::context::RequestContext;
use crate::server::db::{people, users};
use crate::server::error::Result;
use crate::server::lockout;
use crate::server::sessions::end::end_of_user_in;

/// Sets the password. A new one ends all sessions of the user, and lifts their lockout.
///
/// # Errors
/// `validation_failed` naming the field, or naming `token` for an invalid link.
pub async fn activate(context: &RequestContext, wanted: &Activation) -> Result<Ready> {
    let db = &context.panel.db;
    let (user_id, turn) = take_turn(context, Kind::Activation, &wanted.token).await?;
    let user_id = user_id.ok_or_else(invalid_link)?;
    let user = users::by_id(db.reader(), &user_id).await?.ok_or_else(invalid_link)?;
    let local_part = user.email.split('@').next().unwrap_or_default();
    let password_hash = new_password(context, &turn, &wanted.password, &user.name, local_part).await?;

    let mut tx = db.begin().await?;
    use_up(&mut tx, context, Kind::Activation, &wanted.token).await?;
    let now = context.info.now;
    if users::activate(tx.on(), &password_hash, now, &user_id).await? > 0 {
        context.event(Action::UserActivated).by(&user_id).of(&user_id).write(&mut tx).await?;
    } else if people::reset_password(tx.on(), &password_hash, now, &user_id).await? > 0 {
        // Whoever is signed in may be the reason for the new password.
        let ended = context.event(Action::SessionEnded).by(&user_id);
        end_of_user_in(&mut tx, ended, &user_id, EndReason::PasswordChanged, Some(&user_id)).await?;
        lockout::lift(&mut tx, &Email::of_account(&user.email)).await?;
        context.event(Action::PasswordChanged).by(&user_id).of(&user_id).with("by", "link").write(&mut tx).await?;
    } else {
        return Err(invalid_link());
    }
    tx.commit().await?;
    ready(context, &user.email)
}

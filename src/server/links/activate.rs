//! Setting the first password of an invited user.

use super::password::{new_password, ready};
use super::{Kind, invalid_link, take_turn, use_up};
use crate::model::account::{Activation, Ready};
use crate::server::audit::Action;
use crate::server::context::RequestContext;
use crate::server::db::users;
use crate::server::error::Result;

/// Sets the first password of an invited user.
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
    if users::activate(tx.on(), &password_hash, context.info.now, &user_id).await? == 0 {
        return Err(invalid_link());
    }
    context.event(Action::UserActivated).by(&user_id).of(&user_id).write(&mut tx).await?;
    tx.commit().await?;
    ready(context, &user.email)
}

//! Creating the first administrator.

use super::password::{new_password, ready};
use super::{Kind, administrator_exists_in, invalid_link, take_turn, use_up};
use crate::model::account::{FirstAdministrator, Ready};
use crate::model::code::Code;
use crate::model::email::Email;
use crate::model::permission::ADMINISTRATOR;
use crate::model::profile::person_name;
use crate::model::text::Text;
use crate::server::audit::Action;
use crate::server::context::RequestContext;
use crate::server::error::{Error, Result};
use crate::server::lockout;
use crate::server::users::{NewUser, add_in, lock_administrators};

/// Creates the first administrator.
///
/// # Errors
/// `validation_failed` naming the field, or naming `token` for an invalid link.
pub async fn set_up(context: &RequestContext, wanted: &FirstAdministrator) -> Result<Ready> {
    let panel = &context.panel;
    let (_, turn) = take_turn(context, Kind::Setup, &wanted.token).await?;
    let name = person_name(&wanted.name);
    let name = &name.ok_or_else(|| Error::field("name", Text::FieldNameInvalid))?;
    let email = Email::parse(&wanted.email).ok_or_else(|| Error::field("email", Text::FieldEmailInvalid))?;
    let password_hash = new_password(context, &turn, &wanted.password, name, email.local_part()).await?;

    let mut tx = panel.db.begin().await?;
    lock_administrators(&mut tx).await?;
    // Uses the link up first: this locks its row, so of parallel requests only one continues.
    use_up(&mut tx, context, Kind::Setup, &wanted.token).await?;
    if administrator_exists_in(&mut tx).await? {
        return Err(invalid_link());
    }
    let new = NewUser { email: &email, name, role: ADMINISTRATOR, password_hash: Some(&password_hash) };
    let added = add_in(&mut tx, &new, context.event(Action::UserCreated)).await;
    added.map_err(|error| match error.code {
        Code::Conflict => Error::field("email", Text::FieldEmailTaken),
        _ => error,
    })?;
    lockout::lift(&mut tx, &email).await?;
    tx.commit().await?;
    ready(context, email.as_str())
}

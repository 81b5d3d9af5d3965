//! Making the first administrator.

use super::password::{new_password, ready};
use super::{Kind, administrator_exists_in, enter, spend, unusable};
use crate::model::account::{FirstAdministrator, Ready};
use crate::model::email::Email;
use crate::model::failure::{Code, Failure};
use crate::model::profile::person_name;
use crate::model::text::Text;
use crate::server::audit::Action;
use crate::server::context::RequestContext;
use crate::server::error::Result;
use crate::server::lockout;
use crate::server::users::{NewUser, add_in, hold_administrators};

/// Makes the first administrator.
///
/// # Errors
/// `validation_failed` naming the field, `token` for a link that can't be used.
pub async fn set_up(context: &RequestContext, wanted: &FirstAdministrator) -> Result<Ready> {
    let (panel, lang) = (&context.panel, context.info.lang());
    let (_, turn) = enter(context, Kind::Setup, &wanted.token).await?;
    let name = person_name(&wanted.name);
    let name = &name.ok_or_else(|| Failure::field("name", Text::FieldNameInvalid.to(lang)))?;
    let email = Email::parse(&wanted.email).ok_or_else(|| Failure::field("email", Text::FieldEmailInvalid.to(lang)))?;
    let password_hash = new_password(context, &turn, &wanted.password, name, email.local_part()).await?;

    let mut tx = panel.db.begin().await?;
    hold_administrators(&mut tx).await?;
    // Spent first: who holds the row decides, also whether somebody was faster.
    spend(&mut tx, context, Kind::Setup, &wanted.token).await?;
    if administrator_exists_in(&mut tx).await? {
        return Err(unusable(context));
    }
    let new = NewUser { email: &email, name, role: "admin", password_hash: Some(&password_hash) };
    let added = add_in(&mut tx, &new, context.event(Action::UserCreated)).await;
    added.map_err(|failure| match failure.code {
        Code::Conflict => Failure::field("email", Text::FieldEmailTaken.to(lang)),
        _ => failure,
    })?;
    lockout::lift(&mut tx, &email).await?;
    tx.commit().await?;
    ready(context, email.as_str())
}

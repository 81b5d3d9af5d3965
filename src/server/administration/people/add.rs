//! Adding a person, who gets a one-time activation link.

use super::{Fields, begin, lacking, names_of};
use crate::model::code::Code;
use crate::model::email::shown;
use crate::model::outcome::KeptOutcome;
use crate::model::people::{CreatedPerson, NewPerson};
use crate::model::permission::{Permission, Permissions};
use crate::model::text::Text;
use crate::server::audit::Action;
use crate::server::context::RequestContext;
use crate::server::db::{people, users};
use crate::server::error::{Error, Result, internal};
use crate::server::kept::keep;
use crate::server::links;
use crate::server::users::{NewUser, add_in, roles, search};

/// Adds a person without a password. The link is in the answer alone.
///
/// # Errors
/// `validation_failed` naming every invalid field, also an email that is taken; `forbidden` with
/// the permission that the caller lacks; `reauth_required`; `unavailable`.
pub async fn add(context: &RequestContext, wanted: &NewPerson) -> Result<CreatedPerson> {
    context.require_permission_recently(Permission::UsersManage)?;
    let mut fields = Fields::default();
    let (email, name) = (fields.email(&wanted.email), fields.name(&wanted.name));
    let (mut tx, caller) = begin(context).await?;
    let role = fields.role(roles::find(&mut tx, &wanted.role).await?);
    let phone = fields.phone(wanted.phone.as_deref());
    let (permissions, labels) = (fields.permissions(&wanted.permissions), fields.labels(&wanted.labels));
    fields.finish()?;
    let (Some(email), Some(name), Some(role)) = (email, name, role) else {
        return Err(internal("a valid person lacks a field"));
    };
    let granted = role.set()?.union(Permissions::of(&permissions));
    lacking(caller.rights, granted).map_or(Ok(()), |missing| Err(Error::lacks(missing)))?;
    let now = context.info.now;
    let new = NewUser { email: &email, name: &name, role: &role.name, password_hash: None };
    let id = add_in(&mut tx, &new, context.event(Action::UserCreated)).await.map_err(|error| match error.code {
        Code::Conflict => Error::field("email", Text::FieldEmailTaken),
        _ => error,
    })?;
    let permissions = serde_json::to_string(&names_of(&permissions)).map_err(internal)?;
    let labels = serde_json::to_string(&labels).map_err(internal)?;
    let (typed, shown) = (email.as_typed(), shown(email.as_str()));
    let phone = phone.as_deref();
    people::change(
        tx.on(),
        email.as_str(),
        &name,
        &role.name,
        &permissions,
        &labels,
        phone,
        now,
        &id,
        1,
        typed,
        &shown,
    )
    .await?;
    let user = users::by_id(tx.on(), &id).await?.ok_or_else(|| internal("a new user is missing"))?;
    search::index(&mut tx, &user).await?;
    let public_url = &context.panel.config.public_url;
    let url = links::create_in(&mut tx, links::Kind::Activation, Some(&id), public_url, now).await?;
    tx.commit().await?;
    keep(context, &KeptOutcome { done: 1, links: vec![(name, url.clone())], ..KeptOutcome::default() }).await?;
    Ok(CreatedPerson { user: user.shown()?, activation_url: url })
}

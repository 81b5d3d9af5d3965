//! Choosing the new password that an administrator requires.

use super::password::store;
use crate::model::account::EndedSessions;
use crate::model::code::Code;
use crate::model::text::Text;
use crate::server::context::RequestContext;
use crate::server::db::users;
use crate::server::error::{Error, Result};
use crate::server::passwords::NewPassword;
use crate::server::users::of_session;

/// Sets the caller's new password. The old one was proved by a recent sign-in. Ends the user's other
/// sessions; the current one gets a new id.
///
/// # Errors
/// `forbidden` if none is required; `reauth_required`; `validation_failed`, also for the present
/// password; `conflict` if the password was changed meanwhile; `unavailable`.
pub async fn set_new_password(context: &RequestContext, wanted: &str) -> Result<EndedSessions> {
    let session = &context.require_user()?.session;
    if !session.user.password_required {
        return Err(Error::from(Code::Forbidden));
    }
    context.require_recent()?;
    let (db, hasher) = (&context.panel.db, &context.panel.hasher);
    let user = of_session(db, &session.user.id).await?;
    let new = NewPassword {
        password: wanted,
        min_length: session.policy.password_min_length,
        name: &user.name,
        local_part: user.email.split('@').next().unwrap_or_default(),
        field: "newPassword",
    };
    new.check()?;
    let row = users::for_sign_in_by_id(db.reader(), &user.id).await?;
    let present = row.and_then(|row| row.user.0).and_then(|user| user.password_hash);
    let present = present.ok_or(Error::from(Code::Conflict))?;
    if hasher.reserve()?.verify(wanted, Some(&present)).await?.matches {
        return Err(Error::field("newPassword", Text::FieldPasswordSame));
    }
    let hash = new.hash(hasher.reserve()?).await?;
    store(context, &hash, &present, None).await
}

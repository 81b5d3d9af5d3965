//! The user's own picture, stored in the database. A new one replaces the old one.

use sha2::{Digest, Sha256};

use crate::model::user::User;
use crate::server::access::PICTURES;
use crate::server::audit::Action;
use crate::server::context::RequestContext;
use crate::server::db::{pictures, users};
use crate::server::error::{Result, internal};
use crate::server::live;
use crate::server::users::of_session;

/// The field's name in the audit details.
const PICTURE: &str = "picture";

/// Replaces the user's picture.
///
/// # Errors
/// `unauthenticated`; `unavailable`.
pub async fn change(context: &RequestContext, image: &[u8]) -> Result<User> {
    let name = name_of(&context.require_user()?.session.user.id, image);
    keep(context, Some((&name, image))).await
}

/// Removes the user's picture.
///
/// # Errors
/// `unauthenticated`; `unavailable`.
pub async fn remove(context: &RequestContext) -> Result<User> {
    match of_session(&context.panel.db, &context.require_user()?.session.user.id).await? {
        user if user.avatar.is_none() => user.shown(),
        _ => keep(context, None).await,
    }
}

/// The name is a hash of the owner and the content, because two users may have the same
/// picture.
fn name_of(user_id: &str, image: &[u8]) -> String {
    let hash = Sha256::new().chain_update(user_id).chain_update(image).finalize();
    let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{hex}.jpg")
}

/// Rejects malformed names before the query.
pub fn is_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_hexdigit() && !byte.is_ascii_uppercase();
    name.strip_suffix(".jpg").is_some_and(|hex| hex.len() == 64 && hex.bytes().all(plain))
}

/// Replaces or removes the picture: the user's row and the picture's row in one transaction.
async fn keep(context: &RequestContext, picture: Option<(&str, &[u8])>) -> Result<User> {
    let identity = context.require_user()?;
    let user_id = identity.session.user.id.as_str();
    let avatar = picture.map(|(name, _)| format!("{PICTURES}{name}"));
    let mut tx = context.panel.db.begin().await?;
    // First, because it locks the user's row: the later of two parallel uploads wins.
    users::set_avatar(tx.on(), avatar.as_deref(), context.info.now, user_id).await?;
    pictures::remove(tx.on(), user_id).await?;
    if let Some((name, image)) = picture {
        pictures::insert(tx.on(), name, user_id, image, context.info.now).await?;
    }
    let event = context.event(Action::ProfileChanged).of(user_id).in_session(&identity.session.handle);
    event.with("fields", vec![PICTURE]).write(&mut tx).await?;
    let user = users::by_id(tx.on(), user_id).await?;
    let user = user.ok_or_else(|| internal("the user disappeared during a picture change"))?.shown()?;
    live::user_changed(&mut tx, user_id).await?;
    tx.commit().await?;
    Ok(user)
}

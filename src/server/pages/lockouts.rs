//! `/lockouts`: who can't sign in after wrong passwords.

use super::query;
use crate::model::desk::{LockoutKind, LockoutsPage};
use crate::model::forms::LIFT_LOCKOUTS;
use crate::model::page::PageData;
use crate::model::permission::Permission;
use crate::server::administration::lockouts::{Lockouts, page};
use crate::server::context::RequestContext;
use crate::server::error::Result;
use crate::server::kept::found;

/// # Errors
/// `forbidden`; `unavailable`.
pub async fn load(context: &RequestContext) -> Result<PageData> {
    context.require_permission(Permission::UsersManage)?;
    let wanted: Lockouts = query(context, &["kind", "q", "cursor"]).unwrap_or_default();
    Ok(PageData::Lockouts(Box::new(LockoutsPage {
        kind: wanted.kind.map_or_else(String::new, |kind: LockoutKind| kind.name().to_owned()),
        q: wanted.q.clone().unwrap_or_default(),
        lockouts: page(context, &wanted).await?,
        outcome: found(context, &[LIFT_LOCKOUTS.action]).await?,
    })))
}

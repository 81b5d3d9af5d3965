//! What the dashboard of an administrator shows: numbers, each of which leads to a list.

use super::lockouts::in_force;
use super::sessions::list::live_sessions;
use crate::model::desk::{Figures, LockoutKind};
use crate::model::permission::Permission;
use crate::server::clock::DAY;
use crate::server::context::RequestContext;
use crate::server::db::people;
use crate::server::error::Result;

/// After how long without activity an administrator's account needs a look.
const DORMANT: i64 = 90 * DAY;

/// How long before its end an unused link needs a look.
const EXPIRING: i64 = DAY;

/// The numbers, for those who may see the lists behind them.
///
/// # Errors
/// `unauthenticated`; `unavailable`.
pub async fn figures(context: &RequestContext) -> Result<Option<Figures>> {
    let rights = context.require_user()?.session.user.effective()?;
    if !rights.contains(Permission::UsersManage) {
        return Ok(None);
    }
    let (db, now) = (&context.panel.db, context.info.now);
    let row = people::figures(db.reader(), now, now - DORMANT, now + EXPIRING).await?;
    let Some((invited, administrators, dormant, expiring)) = row else { return Ok(None) };
    let lockouts = in_force(context).await?;
    let addresses = lockouts.iter().filter(|lockout| lockout.kind == LockoutKind::Address).count();
    let length = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let number = |count: i64| u32::try_from(count).unwrap_or_default();
    let live_sessions = match rights.contains(Permission::SessionsManage) {
        true => Some(live_sessions(context).await?),
        false => None,
    };
    Ok(Some(Figures {
        live_sessions,
        locked: length(lockouts.len()),
        locked_addresses: length(addresses),
        invited: number(invited),
        administrators: number(administrators),
        dormant_administrators: number(dormant),
        expiring_invitations: number(expiring),
    }))
}

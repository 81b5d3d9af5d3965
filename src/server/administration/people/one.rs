//! One person.

use super::lacking;
use crate::model::code::Code;
use crate::model::people::PersonPage;
use crate::model::permission::Permission;
use crate::model::session::SessionItem;
use crate::server::account::sign_ins::sign_ins;
use crate::server::administration::audit::changes_of;
use crate::server::context::RequestContext;
use crate::server::db::people;
use crate::server::db::sessions::lists;
use crate::server::error::{Error, Result};
use crate::server::sessions::limits::{idle_limit, remembered_lifetime};
use crate::server::users::roles::{choices, stored_permissions};

/// The most sessions that are shown.
const SESSIONS: i64 = 100;

/// One person, with what the reader may see.
///
/// # Errors
/// `forbidden`, `not_found`; `unavailable`.
pub async fn person(context: &RequestContext, id: &str) -> Result<PersonPage> {
    let identity = context.require_permission(Permission::UsersManage)?;
    let rights = identity.session.user.effective()?;
    let (policy, now) = (&identity.session.policy, context.info.now);
    let (started, active) = (now - remembered_lifetime(policy), now - idle_limit(policy));
    let also_remembered = policy.idle_applies_to_remembered;
    let db = &context.panel.db;
    let row = people::person(db.reader(), now, started, active, also_remembered, id).await?;
    let row = row.ok_or(Error::from(Code::NotFound))?;
    let has = row.user.effective()?;
    let sessions = match rights.contains(Permission::SessionsManage) {
        false => None,
        true => {
            let rows = lists::own_sessions(
                db.reader(),
                id,
                "",
                now,
                started,
                active,
                also_remembered,
                true,
                -1,
                0,
                "",
                SESSIONS,
            )
            .await?;
            let items = rows.into_iter().map(|row| {
                let by = row.ended_by_name;
                SessionItem { ended_by: by, ..row.session.item(policy) }
            });
            Some(items.partition(|item| item.ended_at.is_none()))
        }
    };
    let sign_ins = match rights.contains(Permission::AuditView) {
        true => Some(sign_ins(context, id).await?),
        false => None,
    };
    let changes = match rights.contains(Permission::AuditView) {
        true => Some(changes_of(context, id).await?),
        false => None,
    };
    Ok(PersonPage {
        is_reader: identity.session.user.id == id,
        by_role: stored_permissions(&row.user.role_permissions)?.iter().collect(),
        own: stored_permissions(&row.user.permissions)?.iter().collect(),
        roles: choices(db, context.info.lang()).await?,
        grantable: rights.iter().collect(),
        out_of_reach: lacking(rights, has),
        person: row.item(now)?,
        sessions,
        sign_ins,
        changes,
        review: None,
        outcome: None,
    })
}

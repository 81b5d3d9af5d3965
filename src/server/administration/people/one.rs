//! One person.

use super::lacking;
use crate::model::code::Code;
use crate::model::people::PersonPage;
use crate::model::permission::{Permission, Permissions, effective};
use crate::model::session::SessionItem;
use crate::server::account::sign_ins::sign_ins;
use crate::server::context::RequestContext;
use crate::server::db::people;
use crate::server::db::sessions::lists;
use crate::server::error::{Error, Result, internal};
use crate::server::sessions::limits::{idle_limit, remembered_lifetime};

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
    let own: Vec<String> = serde_json::from_str(&row.user.permissions).map_err(internal)?;
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
    Ok(PersonPage {
        is_reader: identity.session.user.id == id,
        by_role: effective(&row.user.role, []).iter().collect(),
        own: Permissions::of_names(own.iter().map(String::as_str)).iter().collect(),
        grantable: rights.iter().collect(),
        out_of_reach: lacking(rights, has),
        person: row.item(now)?,
        sessions,
        sign_ins,
        outcome: None,
    })
}

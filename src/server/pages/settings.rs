//! `/settings`: the policy.

use crate::model::code::Code;
use crate::model::forms::POLICY;
use crate::model::page::PageData;
use crate::model::permission::Permission;
use crate::model::settings::SettingsPage;
use crate::server::administration::policy::last_change;
use crate::server::context::RequestContext;
use crate::server::db::policy;
use crate::server::error::Result;
use crate::server::flash::flash;

/// # Errors
/// `forbidden`; `unavailable`.
pub async fn load(context: &RequestContext) -> Result<PageData> {
    context.require_permission(Permission::SettingsManage)?;
    let db = &context.panel.db;
    let current = policy::read(db).await?;
    let refused = flash(&context.panel, &context.info)
        .filter(|flash| flash.form == POLICY.action && flash.code == Some(Code::Conflict));
    Ok(PageData::Settings(Box::new(SettingsPage {
        policy: current.policy,
        version: current.version,
        last_change: last_change(db).await?,
        ends: refused.and_then(|flash| flash.count),
    })))
}

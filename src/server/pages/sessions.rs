//! `/sessions`: everybody's live sessions.

use super::query;
use crate::model::desk::SessionsPage;
use crate::model::forms::END_SESSIONS;
use crate::model::page::PageData;
use crate::model::permission::Permission;
use crate::server::administration::jobs::shown;
use crate::server::administration::sessions::{Sessions, count_others, list};
use crate::server::context::RequestContext;
use crate::server::error::Result;
use crate::server::kept::found;

/// # Errors
/// `forbidden`; `unavailable`.
pub async fn load(context: &RequestContext) -> Result<PageData> {
    context.require_permission(Permission::SessionsManage)?;
    let wanted: Sessions = query(context, &["q", "user", "address", "ended", "cursor"]).unwrap_or_default();
    let filter = wanted.filter();
    let others = match context.info.query_field("everybody") {
        Some(_) => Some(count_others(context, &filter).await?),
        None => None,
    };
    Ok(PageData::Sessions(Box::new(SessionsPage {
        others,
        filter,
        sessions: list(context, &wanted).await?,
        job: shown(context, "sessions").await?,
        outcome: found(context, &[END_SESSIONS.action]).await?,
    })))
}

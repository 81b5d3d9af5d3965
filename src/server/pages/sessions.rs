//! `/sessions`: everybody's live sessions.

use super::query;
use crate::model::desk::SessionsPage;
use crate::model::forms::END_SESSIONS;
use crate::model::page::PageData;
use crate::model::permission::Permission;
use crate::server::administration::jobs::shown;
use crate::server::administration::sessions::list::{Sessions, list, list_and_others};
use crate::server::context::RequestContext;
use crate::server::error::Result;
use crate::server::kept::found;

/// # Errors
/// `forbidden`; `unavailable`.
pub async fn load(context: &RequestContext) -> Result<PageData> {
    context.require_permission(Permission::SessionsManage)?;
    let wanted: Sessions = query(context, &["q", "user", "address", "ended", "cursor"]).unwrap_or_default();
    let (sessions, others) = match context.info.query_field("everybody") {
        Some(_) => list_and_others(context, &wanted).await.map(|(sessions, others)| (sessions, Some(others)))?,
        None => (list(context, &wanted).await?, None),
    };
    Ok(PageData::Sessions(Box::new(SessionsPage {
        others,
        filter: wanted.filter(),
        sessions,
        job: shown(context, "sessions").await?,
        outcome: found(context, &[END_SESSIONS.action]).await?,
    })))
}

//! `/`: the current session, and the sign-ins before it.

use crate::model::page::PageData;
use crate::server::account::overview::overview;
use crate::server::administration::figures::figures;
use crate::server::context::RequestContext;
use crate::server::error::Result;

/// # Errors
/// `unauthenticated`; `unavailable`.
pub async fn load(context: &RequestContext) -> Result<PageData> {
    let overview = overview(context, context.require_user()?).await?;
    Ok(PageData::Dashboard(Box::new(overview), figures(context).await?))
}

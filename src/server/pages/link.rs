//! `/setup` and `/activate`: an invalid link is reported before the user fills in the form.

use crate::model::page::LinkPage;
use crate::server::context::RequestContext;
use crate::server::db::policy;
use crate::server::error::Result;
use crate::server::links::{self, Kind};

/// # Errors
/// `unavailable`.
pub async fn load(context: &RequestContext, kind: Kind) -> Result<LinkPage> {
    let token = context.info.query_field("token").unwrap_or_default();
    let link = links::open(context, kind, &token).await?;
    let password_min_length = policy::read(&context.panel.db).await?.policy.password_min_length;
    Ok(LinkPage { link, password_min_length })
}

//! `/audit`: what happened.

use super::query;
use crate::model::desk::AuditPage;
use crate::model::page::PageData;
use crate::model::permission::Permission;
use crate::server::administration::audit::{Audit, list};
use crate::server::context::RequestContext;
use crate::server::error::Result;

/// The filters in the address.
const FILTERS: [&str; 7] = ["actor", "target", "action", "result", "address", "from", "to"];

/// # Errors
/// `forbidden`; `unavailable`.
pub async fn load(context: &RequestContext) -> Result<PageData> {
    context.require_permission(Permission::AuditView)?;
    let names: Vec<&str> = FILTERS.into_iter().chain(["cursor"]).collect();
    let read: Option<Audit> = query(context, &names);
    let unreadable = read.is_none();
    let value = |name: &'static str| match unreadable {
        true => (name, String::new()),
        false => (name, context.info.query_field(name).unwrap_or_default()),
    };
    Ok(PageData::Audit(Box::new(AuditPage {
        filters: FILTERS.map(value).into(),
        rows: list(context, &read.unwrap_or_default()).await?,
        unreadable,
    })))
}

//! Pages: what each shows, fetched before it is rendered, so that rendering waits
//! for nothing. One file per page; nothing else knows what a page shows.

mod account;
mod dashboard;
mod link;
mod login;

use crate::model::page::PageData;
use crate::server::access::Page;
use crate::server::context::RequestContext;
use crate::server::error::Result;
use crate::server::links::Kind;

/// Fetches what a page shows.
///
/// # Errors
/// `unavailable`; the page then says so.
pub async fn load(page: Page, context: &RequestContext) -> Result<PageData> {
    match page {
        Page::Dashboard => dashboard::load(context).await,
        Page::Account => account::load(context).await,
        Page::Login => login::load(context).await,
        Page::Setup => Ok(PageData::Setup(link::load(context, Kind::Setup).await?)),
        Page::Activate => Ok(PageData::Activate(link::load(context, Kind::Activation).await?)),
        Page::Missing => Ok(PageData::Nothing),
    }
}

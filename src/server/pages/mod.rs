//! The data of each page, loaded before rendering, so that rendering never waits. One file per
//! page.

mod account;
mod dashboard;
mod link;
mod login;
mod people;
mod settings;

use crate::model::page::PageData;
use crate::server::access::Page;
use crate::server::context::RequestContext;
use crate::server::error::Result;
use crate::server::links::Kind;

/// Loads the data of a page.
///
/// # Errors
/// `unavailable`, which the page then shows.
pub async fn load(page: Page, context: &RequestContext) -> Result<PageData> {
    match page {
        Page::Dashboard => dashboard::load(context).await,
        Page::Account => account::load(context).await,
        Page::Login => login::load(context).await,
        Page::Setup => Ok(PageData::Setup(link::load(context, Kind::Setup).await?)),
        Page::Activate => Ok(PageData::Activate(link::load(context, Kind::Activation).await?)),
        Page::People => people::load(context).await,
        Page::NewPerson => people::load_new(context),
        Page::Person => people::load_one(context).await,
        Page::Settings => settings::load(context).await,
        Page::Missing => Ok(PageData::Nothing),
    }
}

//! The data of each page, loaded before rendering, so that rendering never waits. One file per
//! page.

mod account;
mod audit;
mod dashboard;
mod link;
mod lockouts;
mod login;
mod people;
mod roles;
mod sessions;
mod settings;

use serde::de::DeserializeOwned;

use crate::model::form::read_query;
use crate::model::page::PageData;
use crate::server::access::Page;
use crate::server::context::RequestContext;
use crate::server::error::Result;
use crate::server::kept::waiting_form;
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
        Page::NewPassword => new_password(context),
        Page::Confirm => Ok(PageData::Confirm { waiting: waiting_form(context).await? }),
        Page::People => people::load(context).await,
        Page::NewPerson => people::load_new(context).await,
        Page::Person => people::load_one(context).await,
        Page::Roles => roles::load(context).await,
        Page::Sessions => sessions::load(context).await,
        Page::Lockouts => lockouts::load(context).await,
        Page::Audit => audit::load(context).await,
        Page::Settings => settings::load(context).await,
        Page::Missing => Ok(PageData::Nothing),
    }
}

/// `/new-password`: only for somebody of whom one is required.
fn new_password(context: &RequestContext) -> Result<PageData> {
    let policy = &context.require_user()?.session.policy;
    Ok(PageData::NewPassword {
        password_min_length: policy.password_min_length,
        recent: context.require_recent().is_ok(),
    })
}

/// The typed query of a page's list; `None` if it can't be understood. Only these parameters count,
/// because others belong to the page, and a form sends its empty fields too.
fn query<T: DeserializeOwned>(context: &RequestContext, names: &[&str]) -> Option<T> {
    let query = context.info.query().unwrap_or_default();
    let set =
        |pair: &&str| pair.split_once('=').is_some_and(|(name, value)| names.contains(&name) && !value.is_empty());
    read_query(&query.split('&').filter(set).collect::<Vec<_>>().join("&")).ok()
}

//! `/login`: the form, or at the session limit the sessions to choose from.

use crate::model::code::Code;
use crate::model::page::{LoginPage, PageData};
use crate::server::context::RequestContext;
use crate::server::error::Result;
use crate::server::flash::flash;
use crate::server::sessions::choice;

/// Loads the page. At the session limit, a form without WASM returns with a ticket in its flash
/// message, and the page shows the sessions to choose from.
///
/// # Errors
/// `unavailable`.
pub async fn load(context: &RequestContext) -> Result<PageData> {
    let (panel, info) = (&context.panel, &context.info);
    let error = info.query_field("error");
    let flash = flash(panel, info).filter(|flash| flash.code.map(Code::name) == error);
    let choice = match flash.and_then(|flash| flash.ticket) {
        Some(ticket) => choice(panel, &ticket, info.now).await?,
        None => None,
    };
    Ok(PageData::Login(LoginPage { choice }))
}

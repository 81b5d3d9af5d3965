//! The innermost layer: loads a page's data, or receives an upload's picture, before the handler
//! runs.

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::HeaderValue;

use super::csrf::token_for;
use super::navigation::past_login;
use super::render::PageContexts;
use super::upload;
use crate::server::access::{Kind, Page};
use crate::server::context::RequestContext;
use crate::server::error::Result;
use crate::server::flash::flash;
use crate::server::pages;

/// Adds the data that the handler expects to the request. Returns a response if the handler must
/// not run.
pub async fn page(context: &RequestContext, request: &mut Request, cookies: &mut Vec<HeaderValue>) -> Option<Response> {
    let ready = match context.info.kind() {
        Kind::Page(Page::Login) if context.info.is_navigation() && context.identity.is_some() => {
            return Some(past_login(&context.info));
        }
        Kind::Page(Page::NewPassword) if !must_choose(context) => return Some(past_login(&context.info)),
        Kind::Page(page) => Box::pin(show(page, context, request, cookies)).await,
        Kind::Upload => Box::pin(upload::receive(context, request)).await,
        _ => Ok(()),
    };
    ready.err().map(IntoResponse::into_response)
}

/// Whether an administrator requires a new password of the user.
fn must_choose(context: &RequestContext) -> bool {
    context.identity.as_ref().is_some_and(|identity| identity.session.user.password_required)
}

/// Adds a page's contexts to the request, and gives the browser a CSRF token if it has no valid
/// one.
async fn show(
    page: Page,
    context: &RequestContext,
    request: &mut Request,
    cookies: &mut Vec<HeaderValue>,
) -> Result<()> {
    let data = pages::load(page, context).await?;
    let handle = context.identity.as_ref().map_or("", |identity| identity.session.handle.as_str());
    let csrf_token = token_for(&context.panel, request.headers(), handle, cookies);
    // A kept result is shown once.
    if flash(&context.panel, &context.info).is_some_and(|flash| flash.kept.is_some()) {
        cookies.push(context.panel.cookies.flash_cookie("", 0));
    }
    let contexts = PageContexts::new(&context.panel, &context.info, csrf_token, data, None);
    request.extensions_mut().insert(contexts);
    Ok(())
}

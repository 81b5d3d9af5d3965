//! The innermost layer: loads a page's data, or receives an upload's picture, before the handler
//! runs.

use std::sync::Arc;

use axum::extract::Request;
use axum::response::{IntoResponse, Response};

use super::csrf::token_for;
use super::navigation::past_login;
use super::render::PageContexts;
use super::set_cookies::add_cookies;
use super::upload;
use crate::model::page::PageData;
use crate::server::access::{Found, Kind, Page};
use crate::server::context::RequestContext;
use crate::server::error::internal;
use crate::server::pages;
use crate::server::request::RequestInfo;

/// Loads the data that handlers expect in the request.
pub async fn page(mut request: Request, next: impl AsyncFnOnce(Request) -> Response) -> Response {
    let extensions = request.extensions();
    let (Some(info), Some(found)) = (extensions.get::<Arc<RequestInfo>>(), extensions.get::<Found>()) else {
        return internal("a request without its inventory row").into_response();
    };
    let kind = found.kind(&info.method);
    if !kind.is_page() && kind != Kind::Upload {
        return next(request).await;
    }
    let Some(context) = extensions.get::<RequestContext>().cloned() else {
        return internal("a request that passed no identity layer").into_response();
    };
    match kind {
        Kind::Page(Page::Login) if context.info.is_navigation() && context.identity.is_some() => {
            past_login(&context.info)
        }
        Kind::Page(page) => match Box::pin(pages::load(page, &context)).await {
            Ok(data) => show(request, &context, data, next).await,
            Err(error) => error.into_response(),
        },
        _ => match Box::pin(upload::receive(&context, &mut request)).await {
            Ok(()) => next(request).await,
            Err(error) => error.into_response(),
        },
    }
}

/// Adds a page's contexts to the request, and gives the browser a CSRF token if it has no valid
/// one.
async fn show(
    mut request: Request,
    context: &RequestContext,
    data: PageData,
    next: impl AsyncFnOnce(Request) -> Response,
) -> Response {
    let mut cookies = Vec::new();
    let handle = context.identity.as_ref().map_or("", |identity| identity.session.handle.as_str());
    let csrf_token = token_for(&context.panel, request.headers(), handle, &mut cookies);
    let contexts = PageContexts::new(&context.panel, &context.info, csrf_token, data, None);
    request.extensions_mut().insert(contexts);
    let mut response = next(request).await;
    add_cookies(&mut response, cookies);
    response
}

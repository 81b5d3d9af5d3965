//! Rendering: an error in the place of a page, and the pages that are none of the app's.

use axum::body::Body;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, REFRESH, SET_COOKIE};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode};
use leptos::nonce::Nonce;
use leptos::prelude::{provide_context, use_context};
use leptos_axum::render_app_async_with_context;

use super::super::cookie::{Brought, find};
use super::super::csrf;
use super::super::request::Visit;
use super::super::state::AppState;
use super::{snapshot, token_for};
use crate::app::shell;
use crate::model::codec::BodyKind;
use crate::model::failure::Code;
use crate::model::lang::Lang;
use crate::model::snapshot::Snapshot;
use crate::model::text::Text;

/// Renders an error in the place of a page, in the same shell, with the status of its code.
pub async fn render_error(
    panel: &AppState,
    visit: &Visit,
    headers: HeaderMap,
    nonce: Option<Nonce>,
    code: Code,
) -> Response {
    let mut request = Request::new(Body::empty());
    *request.uri_mut() = visit.path_and_query.parse().unwrap_or_default();
    *request.headers_mut() = headers;
    let mut cookies = Vec::new();
    let handle = match find(request.headers(), panel.cookies.csrf) {
        // A sign-out from an error page uses the token the browser has.
        Brought::One(token) => csrf::handle_of(&panel.keys, token).unwrap_or_default(),
        _ => String::new(),
    };
    let csrf_token = token_for(panel, request.headers(), &handle, &mut cookies);
    let snapshot = snapshot(&request, panel, visit, csrf_token, Some(code));
    request.extensions_mut().insert(snapshot);
    if let Some(nonce) = nonce {
        request.extensions_mut().insert(nonce);
    }
    let mut response = render(panel.clone(), request).await;
    *response.status_mut() = StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for cookie in cookies {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

/// Renders the app for a request.
async fn render(panel: AppState, request: Request) -> Response {
    let options = panel.config.leptos.clone();
    render_app_async_with_context(provide_request, move || shell(options.clone()))(request).await
}

/// Hands what the layers found to the app being rendered.
pub fn provide_request() {
    let Some(parts) = use_context::<Parts>() else { return };
    if let Some(nonce) = parts.extensions.get::<Nonce>() {
        provide_context(nonce.clone());
    }
    if let Some(snapshot) = parts.extensions.get::<Snapshot>() {
        provide_context(snapshot.clone());
    }
    if let Some(kind) = parts.extensions.get::<BodyKind>() {
        provide_context(*kind);
    }
}

/// The page that reloads itself, so that the Strict cookie comes along. No script.
pub fn bounce(lang: Lang) -> Response {
    let mut response = bare_page(lang, Text::BounceTitle, "");
    response.headers_mut().insert(REFRESH, HeaderValue::from_static("0"));
    response
}

/// What is shown where the panel is not: nothing of it, but where it is.
pub fn elsewhere(code: Code, lang: Lang, public_url: &str) -> Response {
    let title = match code {
        Code::MisdirectedRequest => Text::ErrorTitleMisdirected,
        _ => Text::ErrorTitleOther,
    };
    let body = format!(
        "<h1>{}</h1><p>{}</p><p>{} <a href=\"{public_url}/\">{public_url}</a></p>",
        title.to(lang),
        code.text(lang),
        Text::ErrorRightAddress.to(lang),
    );
    let mut response = bare_page(lang, title, &body);
    *response.status_mut() = StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response
}

/// A page that needs no other file.
fn bare_page(lang: Lang, title: Text, body: &str) -> Response {
    let html = format!(
        "<!DOCTYPE html><html lang=\"{}\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><meta name=\"robots\" content=\"noindex\"><link rel=\"icon\" href=\"data:,\"><title>{}</title>{body}",
        lang.tag(),
        title.to(lang),
    );
    ([(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"))], html).into_response()
}

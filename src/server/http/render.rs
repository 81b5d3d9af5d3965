//! Renders error pages, and the pages that need no app.

use axum::response::{IntoResponse, Response};
use futures::StreamExt;
use futures::stream::iter;
use http::header::{CONTENT_TYPE, REFRESH};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode};
use leptos::nonce::Nonce;
use leptos::prelude::{Owner, RenderHtml, provide_context, use_context};
use leptos_meta::ServerMetaContext;
use leptos_router::location::RequestUrl;

use super::csrf::{bound_handle, token_for};
use super::front::Front;
use super::set_cookies::add_cookies;
use crate::model::code::Code;
use crate::model::codec::BodyKind;
use crate::model::flash::Flash;
use crate::model::form::REDIRECT_FIELD;
use crate::model::lang::Lang;
use crate::model::page::{CsrfToken, Here, PageData, PageError};
use crate::model::preference::Theme;
use crate::model::redirect::SafePath;
use crate::model::seed::Who;
use crate::model::text::Text;
use crate::server::flash::flash;
use crate::server::request::RequestInfo;
use crate::server::state::{AppState, Panel};

const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");

/// Renders an error instead of a page, in the app's shell, with the status of its code.
pub async fn render_error(
    panel: &AppState,
    front: Front,
    info: &RequestInfo,
    headers: HeaderMap,
    code: Code,
) -> Response {
    let mut cookies = Vec::new();
    // The sign-out button on an error page needs the browser's CSRF token.
    let handle = bound_handle(panel, &headers);
    let csrf_token = token_for(panel, &headers, &handle, &mut cookies);
    let contexts = PageContexts::new(panel, info, csrf_token, PageData::Nothing, Some(code));
    let mut response = render(panel, front, contexts).await;
    *response.status_mut() = StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    add_cookies(&mut response, cookies);
    response
}

/// Renders the app. Its data is loaded, so nothing waits: the page is one text, written at once.
pub async fn render(panel: &Panel, front: Front, contexts: PageContexts) -> Response {
    let (meta, collected) = ServerMetaContext::new();
    let url = format!("http://localhost{}?{}", contexts.here.path, contexts.here.query);
    let html = Owner::new_root(None).with(|| {
        provide_context(meta);
        provide_context(RequestUrl::new(&url));
        contexts.provide();
        (front.shell)(panel.config.leptos.clone()).to_html()
    });
    let html: String = collected.inject_meta_context(iter([html])).await.collect().await;
    ([(CONTENT_TYPE, HTML)], html).into_response()
}

/// The data that a page is rendered from. Each field is a context of its own, so that components
/// depend only on what they show.
#[derive(Clone)]
pub struct PageContexts {
    nonce: Nonce,
    lang: Lang,
    theme: Option<Theme>,
    who: Who,
    here: Here,
    csrf_token: CsrfToken,
    flash: Option<Flash>,
    error: Option<PageError>,
    data: PageData,
}

impl PageContexts {
    /// Creates the contexts of a request that a page or an error page answers.
    pub fn new(panel: &Panel, info: &RequestInfo, csrf_token: String, data: PageData, error: Option<Code>) -> Self {
        PageContexts {
            nonce: Nonce::from_value(&*info.nonce),
            lang: info.lang(),
            theme: info.theme(),
            who: info.who.get().cloned().unwrap_or(Who::Unknown),
            here: Here {
                path: info.path().to_owned(),
                query: info.query().unwrap_or_default().to_owned(),
                back: back(info),
            },
            csrf_token: CsrfToken(csrf_token),
            // The session choice already has its own ticket.
            flash: flash(panel, info).map(|flash| Flash { ticket: None, ..flash }),
            error: error.map(|code| PageError { code, request_id: info.request_id.to_string() }),
            data,
        }
    }

    fn provide(self) {
        provide_context(self.nonce);
        provide_context(self.lang);
        provide_context(self.theme);
        provide_context(self.who);
        provide_context(self.here);
        provide_context(self.csrf_token);
        provide_context(self.flash);
        provide_context(self.error);
        provide_context(self.data);
    }
}

/// Returns the redirect target for forms on every page: the current page, without an invalid
/// `redirect` parameter.
fn back(info: &RequestInfo) -> String {
    let followed = info.query_field(REDIRECT_FIELD).is_some_and(|to| SafePath::parse(&to).is_some());
    match info.query() {
        Some(query) if query.contains(REDIRECT_FIELD) && !followed => info.path().to_owned(),
        _ => info.path_and_query().to_owned(),
    }
}

/// Provides the kind of the body as a context of a server function.
pub fn provide_body_kind() {
    if let Some(kind) = use_context::<Parts>().and_then(|parts| parts.extensions.get::<BodyKind>().copied()) {
        provide_context(kind);
    }
}

/// A page that reloads itself, so that the browser sends the `SameSite=Strict` cookie. Needs no
/// script.
pub fn bounce(lang: Lang) -> Response {
    let mut response = bare_page(lang, Text::BounceTitle, "");
    response.headers_mut().insert(REFRESH, HeaderValue::from_static("0"));
    response
}

/// The answer on a wrong address: only a link to the right one.
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

/// A self-contained page without other files.
fn bare_page(lang: Lang, title: Text, body: &str) -> Response {
    let html = format!(
        "<!DOCTYPE html><html lang=\"{}\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><meta name=\"robots\" content=\"noindex\"><link rel=\"icon\" href=\"data:,\"><title>{}</title>{body}",
        lang.tag(),
        title.to(lang),
    );
    ([(CONTENT_TYPE, HTML)], html).into_response()
}

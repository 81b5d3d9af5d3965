//! The files of the build: precompressed, and cached for a year, because a changed file gets a
//! new name.

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, IF_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE, RANGE};
use http::{HeaderValue, StatusCode};
use tower_http::services::{ServeDir, ServeFile};

use super::reads;
use crate::server::access;
use crate::server::state::AppState;

/// A year, without revalidation.
const IMMUTABLE: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// For files whose names stay the same: browsers revalidate each time and get a 304.
const REVALIDATED: HeaderValue = HeaderValue::from_static("public, no-cache");

/// The maximum length of a file's path, in bytes.
const MAX_NAME: usize = 255;

/// Whether a path may name a file of the build. Other paths are not looked up: file systems
/// report errors of their own for NUL bytes and very long names.
fn is_path_of_file(path: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._/".contains(&byte);
    path.len() <= MAX_NAME && path.bytes().all(plain)
}

/// The routes of the site folder.
pub fn routes(panel: &AppState) -> Router<AppState> {
    let site = std::path::PathBuf::from(panel.config.leptos.site_root.to_string());
    let pkg = site.join(panel.config.leptos.site_pkg_dir.to_string());
    let not_found = Router::new().fallback(reads::not_found);
    let folder = ServeDir::new(pkg)
        .append_index_html_on_directories(false)
        .precompressed_br()
        .precompressed_gzip()
        .fallback(not_found);
    let named = |name: &str| ServeFile::new(site.join(name)).precompressed_br().precompressed_gzip();
    Router::new()
        .nest_service(access::PKG.trim_end_matches('/'), folder)
        .route_service("/favicon.svg", named("favicon.svg"))
        .route_service("/robots.txt", named("robots.txt"))
        .layer(middleware::from_fn_with_state(panel.clone(), cache))
}

async fn cache(State(panel): State<AppState>, mut request: Request, next: Next) -> Response {
    if !is_path_of_file(request.uri().path()) {
        return reads::not_found().await.into_response();
    }
    // Files are small and always sent whole. Of the conditional headers, only those that can
    // save sending the file are kept.
    for name in [RANGE, IF_RANGE, IF_MATCH, IF_UNMODIFIED_SINCE] {
        request.headers_mut().remove(name);
    }
    let hashed = panel.config.leptos.hash_files && request.uri().path().starts_with(access::PKG);
    let mut response = next.run(request).await;
    let status = response.status();
    if let Some(kind) = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok())
        && kind.starts_with("text/")
        && !kind.contains("charset")
        && let Ok(kind) = HeaderValue::from_str(&format!("{kind}; charset=utf-8"))
    {
        response.headers_mut().insert(CONTENT_TYPE, kind);
    }
    if status.is_success() || status == StatusCode::NOT_MODIFIED {
        response.headers_mut().insert(CACHE_CONTROL, if hashed { IMMUTABLE } else { REVALIDATED });
    }
    response
}

//! Every route and every layer on one screen.

use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Router, body::Body};
use leptos_axum::{AxumRouteListing, LeptosRoutes, generate_route_list};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::csrf::{CsrfLayer, ProtectionError};

use super::csrf::foreign_origin;
use super::framing::framing;
use super::headers::headers;
use super::identity::identity;
use super::observe::observe;
use super::present::present;
use super::scheme::scheme;
use super::state::AppState;
use super::{assets, live, pages, reads};
use crate::app::{App, shell};
use crate::model::failure::{Code, Failure};

/// The pages the app knows, with their methods.
pub fn page_routes() -> Vec<AxumRouteListing> {
    generate_route_list(App)
}

/// The whole application.
///
/// # Panics
/// When `PUBLIC_URL` has no valid origin, which [`Config`](super::config::Config) has checked.
pub fn app(panel: AppState) -> Router {
    let options = panel.config.leptos.clone();
    let routes = Router::new()
        .route("/healthz", get(reads::healthz))
        .route("/readyz", get(reads::readyz))
        .route("/api/csrf", get(reads::csrf))
        .route("/api/auth/session", get(reads::session))
        .route("/api/auth/user", get(reads::user))
        .route("/api/auth/events", get(live::events))
        .route("/api/account/sessions", get(reads::account_sessions))
        .merge(assets::routes(&panel))
        // The server functions of `api/` and the pages of `app.rs`.
        .leptos_routes_with_context(&panel, page_routes(), pages::provide_request, move || shell(options.clone()))
        .fallback(reads::nothing);

    // Read from below: the last layer sees a request first.
    routes
        // who is asking, the CSRF token, and whether they may
        .layer(from_fn_with_state(panel.clone(), identity))
        // where a mutation comes from: Fetch Metadata, then Origin, then our own rule
        .layer(from_fn_with_state(panel.clone(), own_origin))
        .layer(origin_layer(&panel))
        // method, size, type
        .layer(from_fn(framing))
        .layer(from_fn_with_state(panel.clone(), scheme))
        .layer(CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| Failure::new(Code::Internal).into_response()))
        // refusals become JSON, a page, or the way back to a form
        .layer(from_fn_with_state(panel.clone(), present))
        .layer(from_fn_with_state(panel.clone(), headers))
        // id, log line, and what the request says of itself
        .layer(from_fn_with_state(panel.clone(), observe))
        .with_state(panel)
}

type Rejection = fn(ProtectionError) -> http::Response<Body>;

fn origin_layer(panel: &AppState) -> CsrfLayer<Rejection> {
    let trusted =
        panel.config.origins.iter().try_fold(CsrfLayer::new(), |layer, origin| layer.add_trusted_origin(origin));
    trusted.expect("PUBLIC_URL has a valid origin").with_rejection_response(|_| refused())
}

async fn own_origin(
    axum::extract::State(panel): axum::extract::State<AppState>,
    request: axum::extract::Request,
    next: axum::middleware::Next,
) -> Response {
    let safe = request.method().is_safe();
    if !safe && foreign_origin(request.headers(), &panel.config.origins) {
        return refused();
    }
    next.run(request).await
}

fn refused() -> Response {
    Failure::new(Code::CsrfFailed).into_response()
}

//! Every route and every layer on one screen.

use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Router, body::Body};
use leptos_axum::LeptosRoutes;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::csrf::{CsrfLayer, ProtectionError};

use super::framing::framing;
use super::front::Front;
use super::headers::headers;
use super::host::host;
use super::identity::identity;
use super::observe::observe;
use super::page::page;
use super::present::present;
use super::render::provide_request;
use super::scheme::{scheme, without_slash};
use super::sender::is_foreign;
use super::{assets, events, old_worker, pictures, reads};
use crate::model::code::Code;
use crate::server::error::Error;
use crate::server::state::AppState;

/// The whole application, with the pages of `front`.
///
/// # Panics
/// If `PUBLIC_URL` has no valid origin, which [`Config`](crate::server::config::Config) has
/// checked.
pub fn app(panel: AppState, front: Front) -> Router {
    let options = panel.config.leptos.clone();
    let routes = Router::new()
        .route("/healthz", get(reads::healthz))
        .route("/readyz", get(reads::readyz))
        .route("/api/csrf", get(reads::csrf))
        .route("/api/auth/session", get(reads::session))
        .route("/api/auth/user", get(reads::user))
        .route("/api/auth/events", get(events::events))
        .route("/api/account/sessions", get(reads::account_sessions))
        .route("/api/account/picture", post(pictures::upload))
        .route("/pictures/{name}", get(pictures::serve))
        .merge(assets::routes(&panel))
        // The server functions and the pages.
        .leptos_routes_with_context(&panel, (front.routes)(), provide_request, move || (front.shell)(options.clone()))
        .fallback(reads::not_found);

    // In the order in which a request passes them. The router sees them as one layer, because
    // it boxes each layer and clones everything behind it for every request.
    let layers = (
        from_fn_with_state((panel.clone(), front), response_layers),
        CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| Error::from(Code::Internal).into_response()),
        from_fn_with_state(panel.clone(), request_checks),
        // the origin of a mutation, by Fetch Metadata and `Origin`
        origin_layer(&panel),
        from_fn_with_state(panel.clone(), authentication),
    );
    routes.layer(layers).with_state(panel)
}

/// The layers that every response passes.
async fn response_layers(State((panel, front)): State<(AppState, Front)>, request: Request, next: Next) -> Response {
    // request id, log line, parsing the head
    observe(&panel, request, async |request| {
        headers(&panel, request, async |request| {
            // whether the request was sent to this host
            host(&panel, request, async |request| {
                // errors become JSON, a page, or a redirect back to a form
                present(&panel, front, request, next).await
            })
            .await
        })
        .await
    })
    .await
}

/// The checks before authentication.
async fn request_checks(State(panel): State<AppState>, request: Request, next: Next) -> Response {
    scheme(&panel, request, async |request| {
        if let Some(redirect) = without_slash(&request) {
            return redirect;
        }
        // method, size, type
        framing(request, async |request| match request {
            request if old_worker::is_script_update(&request) => old_worker::unregister_script(),
            request if foreign_mutation(&panel, &request) => refused(),
            request => next.run(request).await,
        })
        .await
    })
    .await
}

/// Authentication, and then the data of the page or the body of the upload.
async fn authentication(State(panel): State<AppState>, request: Request, next: Next) -> Response {
    // session, CSRF token, permission
    identity(&panel, request, async |request| page(request, async |request| next.run(request).await).await).await
}

type Rejection = fn(ProtectionError) -> http::Response<Body>;

fn origin_layer(panel: &AppState) -> CsrfLayer<Rejection> {
    let trusted =
        panel.config.origins.iter().try_fold(CsrfLayer::new(), |layer, origin| layer.add_trusted_origin(origin));
    trusted.expect("PUBLIC_URL has a valid origin").with_rejection_response(|_| refused())
}

fn foreign_mutation(panel: &AppState, request: &Request) -> bool {
    !request.method().is_safe() && is_foreign(request.headers(), &panel.config.origins)
}

fn refused() -> Response {
    Error::from(Code::CsrfFailed).into_response()
}

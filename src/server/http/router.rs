//! Every route and every layer on one screen.

use std::convert::Infallible;
use std::net::IpAddr;
use std::ops::Deref;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, HttpBody};
use axum::extract::{Extension, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use futures::FutureExt;
use http::header::CONTENT_LENGTH;
use http::{HeaderMap, Method};
use leptos_axum::LeptosRoutes;
use tower::util::service_fn;
use tower::{Layer, ServiceExt};
use tower_http::csrf::{CsrfLayer, ProtectionError};

use super::framing::{check_method, read, with_upload};
use super::front::Front;
use super::headers::SecurityHeaders;
use super::host::host;
use super::identity::{authenticate, refuse};
use super::navigation::early_redirect;
use super::observe::Observation;
use super::page::page;
use super::present::{headers_for_errors, in_time, present};
use super::render::{PageContexts, provide_body_kind, render};
use super::scheme::{scheme, without_slash};
use super::sender::is_foreign;
use super::set_cookies::add_cookies;
use super::{assets, events, old_worker, pictures, reads, resume};
use crate::model::code::Code;
use crate::model::forms::CONFIRM;
use crate::server::access::Kind;
use crate::server::error::Error;
use crate::server::log;
use crate::server::request::RequestInfo;
use crate::server::state::AppState;

/// The whole application. Cheap to clone, because clones share the parts.
#[derive(Clone)]
pub struct App(Arc<Parts>);

/// The parts of the application.
pub struct Parts {
    panel: AppState,
    front: Front,
    headers: SecurityHeaders,
    /// The handlers, behind all layers.
    routes: Router,
    /// The origin of a mutation, by Fetch Metadata and `Origin`.
    origin: CsrfLayer<Rejection>,
}

type Rejection = fn(ProtectionError) -> Response;

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl App {
    /// The application with the pages of `front`.
    ///
    /// # Panics
    /// If `PUBLIC_URL` has no valid origin, which [`Config`](crate::server::config::Config) has
    /// checked.
    pub fn new(panel: AppState, front: Front) -> App {
        let page = move |State(panel): State<AppState>, Extension(contexts): Extension<PageContexts>| async move {
            render(&panel, front, contexts).await
        };
        let pages =
            (front.routes)().into_iter().fold(Router::new(), |pages, route| pages.route(route.path(), get(page)));
        let routes = Router::new()
            .route("/healthz", get(reads::healthz))
            .route("/readyz", get(reads::readyz))
            .route("/api/csrf", get(reads::csrf))
            .route("/api/auth/session", get(reads::session))
            .route("/api/auth/user", get(reads::user))
            .route("/api/auth/events", get(events::events))
            .route("/api/account/sessions", get(reads::account_sessions))
            .route("/api/settings/policy", get(reads::policy))
            .route("/api/users", get(reads::users))
            .route("/api/roles", get(reads::roles))
            .route("/api/jobs/{id}", get(reads::job))
            .route("/api/sessions", get(reads::sessions))
            .route("/api/lockouts", get(reads::lockouts))
            .route("/api/audit", get(reads::audit))
            .route("/api/audit/export", get(reads::audit_export))
            .route("/api/account/picture", post(pictures::upload))
            .route("/pictures/{name}", get(pictures::serve))
            .merge(assets::routes(&panel))
            .merge(pages)
            // The server functions.
            .leptos_routes_with_context(&panel, Vec::new(), provide_body_kind, || ())
            .fallback(reads::not_found)
            .with_state(panel.clone());
        let trusted =
            panel.config.origins.iter().try_fold(CsrfLayer::new(), |layer, origin| layer.add_trusted_origin(origin));
        let rejection: Rejection = |_| foreign();
        let origin = trusted.expect("PUBLIC_URL has a valid origin").with_rejection_response(rejection);
        App(Arc::new(Parts { headers: SecurityHeaders::of(&panel), panel, front, routes, origin }))
    }

    /// Answers a request of this peer: what every response passes. Layers are functions and not
    /// `tower` layers, which would be boxed and cloned for each request.
    pub async fn answer(self, peer: IpAddr, request: Request) -> Response {
        let seen = Observation::begin(&self.panel, peer, &request);
        log::of_request(seen.id, async move {
            let (panel, info) = (&self.panel, &seen.info);
            // whether the request was sent to this host
            let mut response = match host(panel, info, &request) {
                Some(refusal) => refusal,
                None => {
                    let headers = headers_for_errors(info, &request);
                    // Boxed, because each of the wrappers moves it.
                    let answer = Box::pin(self.clone().check(info.clone(), request));
                    let mut answer = in_time(panel, info, AssertUnwindSafe(answer).catch_unwind()).await;
                    let waiting = answer.as_mut().ok().and_then(|answer| resume::detach(answer.as_mut().ok()?));
                    // errors become JSON, a page, or a redirect back to a form
                    let response = present(panel, self.front, info, headers, answer).await;
                    match waiting {
                        Some(form) => Box::pin(self.resume(peer, form, response.into_parts().0.headers)).await,
                        None => response,
                    }
                }
            };
            if info.method == Method::HEAD {
                remove_body(&mut response);
            }
            self.headers.set(&info.nonce, &mut response);
            // request id, log line
            seen.end(&mut response);
            response
        })
        .await
    }

    /// Answers a form that has waited for the password, with the cookies of the proof.
    async fn resume(&self, peer: IpAddr, form: Request, proof: HeaderMap) -> Response {
        let seen = Observation::begin(&self.panel, peer, &form);
        let headers = headers_for_errors(&seen.info, &form);
        let answer = AssertUnwindSafe(Box::pin(self.clone().check(seen.info.clone(), form))).catch_unwind();
        let answer = in_time(&self.panel, &seen.info, answer).await;
        let mut response = present(&self.panel, self.front, &seen.info, headers, answer).await;
        resume::add_cookies_of(&proof, &mut response);
        seen.end(&mut response);
        response
    }

    /// The checks before authentication.
    async fn check(self, info: Arc<RequestInfo>, mut request: Request) -> Response {
        let refusal = scheme(&self.panel, &info).or_else(|| without_slash(&request)).or_else(|| check_method(&info));
        if let Some(refusal) = refusal {
            return refusal;
        }
        match info.kind() {
            Kind::Upload => Box::pin(with_upload(request, async |request| self.mutate(&info, request).await)).await,
            kind if kind.changes() => match Box::pin(read(&info, &mut request)).await {
                Ok(()) => Box::pin(self.mutate(&info, request)).await,
                Err(error) => error.into_response(),
            },
            _ if old_worker::is_script_update(&request) => old_worker::unregister_script(),
            _ => {
                // The body of a GET has no meaning and is not read.
                *request.body_mut() = Body::empty();
                self.handle(&info, request).await
            }
        }
    }

    /// The origin of a mutation.
    async fn mutate(&self, info: &Arc<RequestInfo>, request: Request) -> Response {
        if is_foreign(request.headers(), &self.panel.config.origins) {
            return foreign();
        }
        let inner = service_fn(async |request| Ok::<_, Infallible>(self.handle(info, request).await));
        let Ok(response) = self.origin.layer(inner).oneshot(request).await;
        response
    }

    /// Authentication, then the data of the page or the body of the upload, then the handler.
    async fn handle(&self, info: &Arc<RequestInfo>, mut request: Request) -> Response {
        if matches!(info.kind(), Kind::Asset | Kind::Probe) {
            return self.route(request).await;
        }
        if let Some(redirect) = early_redirect(&self.panel, info, request.headers()) {
            return redirect;
        }
        let mut cookies = Vec::new();
        // session, CSRF token, permission
        let mut response = match authenticate(&self.panel, info, &mut request, &mut cookies).await {
            Err(error) => refuse(&self.panel, info, error, &mut cookies),
            Ok(context) => match page(&context, &mut request, &mut cookies).await {
                Some(answer) => answer,
                None => {
                    let proves = (info.path() == CONFIRM.action && info.is_form_post())
                        .then(|| (context.clone(), request.headers().clone()));
                    request.extensions_mut().insert(context);
                    let mut response = self.route(request).await;
                    if let Some((context, headers)) = proves {
                        // Rare, so it is boxed to keep the future of every request small.
                        Box::pin(resume::attach(&context, &headers, &mut response)).await;
                    }
                    response
                }
            },
        };
        add_cookies(&mut response, cookies);
        response
    }

    async fn route(&self, request: Request) -> Response {
        let Ok(response) = self.routes.clone().oneshot(request).await;
        response
    }
}

/// Removes the body of the response to a HEAD, and keeps its length.
fn remove_body(response: &mut Response) {
    let body = std::mem::take(response.body_mut());
    if let (Some(length), false) = (body.size_hint().exact(), response.headers().contains_key(CONTENT_LENGTH)) {
        response.headers_mut().insert(CONTENT_LENGTH, length.into());
    }
}

fn foreign() -> Response {
    Error::from(Code::CsrfFailed).into_response()
}

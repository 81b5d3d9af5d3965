//! What programs read: the session check, the user, a CSRF token, the probes.
//!
//! Plain handlers: they are asked often, and a server function would cost more
//! than the check itself.

use axum::extract::{Extension, RawQuery, Request, State};
use axum::response::{IntoResponse, Response};
use http::HeaderValue;
use http::header::{CONTENT_TYPE, SET_COOKIE};
use leptos::server_fn::Encodes;
use serde::Serialize;
use serde_json::json;

use super::error::{Result, internal};
use super::listing::Query;
use super::request::Asked;
use super::state::AppState;
use super::{pages, sessions};
use crate::model::codec::Envelope;
use crate::model::failure::{Code, Failure};

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// `GET /api/auth/session`.
pub async fn session(Extension(asked): Extension<Asked>) -> Result<Response> {
    let identity = asked.require_user()?;
    enveloped(&identity.session.status(asked.visit.now))
}

/// `GET /api/auth/user`.
pub async fn user(Extension(asked): Extension<Asked>) -> Result<Response> {
    enveloped(&asked.require_user()?.session.user.clone().shown()?)
}

/// `GET /api/account/sessions`: the caller's own, this one first.
pub async fn account_sessions(Extension(asked): Extension<Asked>, RawQuery(query): RawQuery) -> Result<Response> {
    let identity = asked.require_user()?;
    let mut query = Query::read(query.as_deref())?;
    let ended = query.flag("ended")?;
    let window = query.window()?;
    query.nothing_else()?;
    enveloped(&sessions::own(&asked, identity, ended, &window).await?)
}

/// `GET /api/csrf`: the token of the browser's session, kept if it is still valid.
pub async fn csrf(Extension(asked): Extension<Asked>, request: Request) -> Response {
    let handle = asked.identity.as_ref().map_or("", |identity| identity.session.handle.as_str());
    let mut minted = Vec::new();
    let token = pages::token_for(&asked.panel, request.headers(), handle, &mut minted);
    let body = json!({"success": true, "token": token}).to_string();
    let cookie = asked.panel.cookies.csrf_cookie(&token);
    ([(CONTENT_TYPE, JSON), (SET_COOKIE, cookie)], body).into_response()
}

/// `GET /healthz`: the process is alive.
pub async fn healthz() -> &'static str {
    "ok"
}

/// `GET /readyz`: the database answers and takes writes.
pub async fn readyz(State(panel): State<AppState>) -> Response {
    match panel.db.writable(panel.clock.now()).await {
        Ok(()) => "ok".into_response(),
        // A database that refuses to answer is as good as none.
        Err(_) => Failure::new(Code::Unavailable).into_response(),
    }
}

/// Every path that is not in the inventory.
pub async fn nothing() -> Failure {
    Failure::new(Code::NotFound)
}

/// The envelope of a success, as an answer.
///
/// # Errors
/// `internal` for data that JSON can't write.
pub fn enveloped(data: &impl Serialize) -> Result<Response> {
    let body = Envelope::encode(&data).map_err(internal)?;
    Ok(([(CONTENT_TYPE, JSON)], body).into_response())
}

//! The JSON endpoints: session check, user, CSRF token, health probes.
//!
//! These are plain handlers because they are called often: a server function would cost more
//! than the check itself.

use axum::extract::{Extension, RawQuery, Request, State};
use axum::response::{IntoResponse, Response};
use http::HeaderValue;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, SET_COOKIE};
use leptos::server_fn::Encodes;
use serde::Serialize;
use serde_json::json;

use crate::model::code::Code;
use crate::model::codec::Envelope;
use crate::model::form::read_query;
use crate::model::listing::Listing;
use crate::model::permission::Permission;
use crate::server::access::JOBS;
use crate::server::account::sessions::list_own;
use crate::server::administration::audit_export::{Export, Format, export};
use crate::server::administration::policy::current;
use crate::server::administration::{audit, jobs, lockouts, people, roles, sessions};
use crate::server::context::RequestContext;
use crate::server::error::{Error, Result, internal};
use crate::server::http::csrf::token_for;
use crate::server::state::AppState;
use crate::server::users::of_session;

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// `GET /api/auth/session`.
pub async fn session(Extension(context): Extension<RequestContext>) -> Result<Response> {
    let identity = context.require_user()?;
    enveloped(&identity.session.status(context.info.now))
}

/// `GET /api/auth/user`.
pub async fn user(Extension(context): Extension<RequestContext>) -> Result<Response> {
    let user = of_session(&context.panel.db, &context.require_user()?.session.user.id).await?;
    enveloped(&user.shown()?)
}

/// `GET /api/account/sessions`: the caller's sessions, the current one first.
pub async fn account_sessions(
    Extension(context): Extension<RequestContext>,
    RawQuery(query): RawQuery,
) -> Result<Response> {
    let identity = context.require_user()?;
    let wanted = read_query(query.as_deref().unwrap_or_default()).map_err(|_| Code::InvalidRequest)?;
    enveloped(&list_own(&context, identity, &wanted).await?)
}

/// `GET /api/settings/policy`: exactly what its POST takes.
pub async fn policy(Extension(context): Extension<RequestContext>) -> Result<Response> {
    enveloped(&current(&context).await?)
}

/// `GET /api/users`.
pub async fn users(Extension(context): Extension<RequestContext>, RawQuery(query): RawQuery) -> Result<Response> {
    context.require_permission(Permission::UsersManage)?;
    let wanted = read_query(query.as_deref().unwrap_or_default()).map_err(|_| Code::InvalidRequest)?;
    enveloped(&people::list::list(&context, &wanted).await?)
}

/// `GET /api/roles`: every role.
pub async fn roles(Extension(context): Extension<RequestContext>) -> Result<Response> {
    let items = roles::list(&context).await?;
    let total = u64::try_from(items.len()).unwrap_or_default();
    enveloped(&Listing { items, next_cursor: None, total: Some(total), more: false })
}

/// `GET /api/jobs/{id}`, for the session that began it.
pub async fn job(Extension(context): Extension<RequestContext>) -> Result<Response> {
    context.require_user()?;
    let id = context.info.path().strip_prefix(JOBS).unwrap_or_default();
    enveloped(&jobs::find(&context, id).await?)
}

/// `GET /api/sessions`.
pub async fn sessions(Extension(context): Extension<RequestContext>, RawQuery(query): RawQuery) -> Result<Response> {
    context.require_permission(Permission::SessionsManage)?;
    let wanted = read_query(query.as_deref().unwrap_or_default()).map_err(|_| Code::InvalidRequest)?;
    enveloped(&sessions::list::list(&context, &wanted).await?)
}

/// `GET /api/lockouts`.
pub async fn lockouts(Extension(context): Extension<RequestContext>, RawQuery(query): RawQuery) -> Result<Response> {
    context.require_permission(Permission::UsersManage)?;
    let wanted = read_query(query.as_deref().unwrap_or_default()).map_err(|_| Code::InvalidRequest)?;
    enveloped(&lockouts::page(&context, &wanted).await?)
}

/// `GET /api/audit`.
pub async fn audit(Extension(context): Extension<RequestContext>, RawQuery(query): RawQuery) -> Result<Response> {
    context.require_permission(Permission::AuditView)?;
    let wanted = read_query(query.as_deref().unwrap_or_default()).map_err(|_| Code::InvalidRequest)?;
    enveloped(&audit::list(&context, &wanted).await?)
}

/// `GET /api/audit/export`: a file. It writes that it was made, and changes nothing else.
pub async fn audit_export(
    Extension(context): Extension<RequestContext>,
    RawQuery(query): RawQuery,
) -> Result<Response> {
    context.require_permission(Permission::AuditView)?;
    let wanted: Export = read_query(query.as_deref().unwrap_or_default()).map_err(|_| Code::InvalidRequest)?;
    let (kind, name) = match wanted.format {
        Format::Csv => ("text/csv; charset=utf-8", "attachment; filename=\"audit.csv\""),
        Format::Json => ("application/json", "attachment; filename=\"audit.json\""),
    };
    let body = export(&context, wanted).await?;
    Ok(([(CONTENT_TYPE, kind), (CONTENT_DISPOSITION, name)], body).into_response())
}

/// `GET /api/csrf`: the token of the browser's session. A valid token is kept.
pub async fn csrf(Extension(context): Extension<RequestContext>, request: Request) -> Response {
    let handle = context.identity.as_ref().map_or("", |identity| identity.session.handle.as_str());
    let mut minted = Vec::new();
    let token = token_for(&context.panel, request.headers(), handle, &mut minted);
    let body = json!({"success": true, "token": token}).to_string();
    let cookie = context.panel.cookies.csrf_cookie(&token);
    ([(CONTENT_TYPE, JSON), (SET_COOKIE, cookie)], body).into_response()
}

/// `GET /healthz`: the process is alive.
pub async fn healthz() -> &'static str {
    "ok"
}

/// `GET /readyz`: the database is reachable and writable.
pub async fn readyz(State(panel): State<AppState>) -> Response {
    match panel.db.writable(panel.clock.now()).await {
        Ok(()) => "ok".into_response(),
        // A database that rejects the probe counts as unavailable.
        Err(error) => {
            tracing::warn!(%error, "not ready");
            Error::from(Code::Unavailable).into_response()
        }
    }
}

/// The handler of all paths outside the inventory.
pub async fn not_found() -> Error {
    Error::from(Code::NotFound)
}

/// The response of a success, in its envelope.
///
/// # Errors
/// `internal` for data that can't be serialized as JSON.
pub fn enveloped(data: &impl Serialize) -> Result<Response> {
    let body = Envelope::encode(&data).map_err(internal)?;
    Ok(([(CONTENT_TYPE, JSON)], body).into_response())
}

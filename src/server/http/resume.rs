//! Acts that go on after the password was proved again, for browsers without scripts.
//!
//! A form that needs a recent sign-in leads back to its page, and from there to `/confirm`. The
//! server keeps the form for ten minutes, bound to the session. When the password is right, it is
//! submitted in the same request.

use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use http::header::{ACCEPT, CONTENT_LENGTH, COOKIE, REFERER, SET_COOKIE};
use http::{HeaderMap, HeaderValue, Method, Uri};
use url::form_urlencoded;

use crate::model::form::CSRF_FIELD;
use crate::server::context::RequestContext;
use crate::server::error::{Result, internal};
use crate::server::kept::take_form;

/// A request beside its response, until [`detach`] takes it.
#[derive(Clone)]
struct Attached(Arc<Mutex<Option<Request>>>);

/// Adds the waiting form to the response of a successful proof.
pub async fn attach(context: &RequestContext, headers: &HeaderMap, response: &mut Response) {
    if !response.status().is_success() {
        return;
    }
    match waiting(context, headers, response.headers()).await {
        Ok(Some(form)) => _ = response.extensions_mut().insert(Attached(Arc::new(Mutex::new(Some(form))))),
        Ok(None) => {}
        Err(error) => tracing::warn!(%error, "a form that waited for the password was not submitted"),
    }
}

/// Takes the waiting form from a response.
pub fn detach(response: &mut Response) -> Option<Request> {
    let Attached(form) = response.extensions_mut().remove()?;
    form.lock().unwrap_or_else(PoisonError::into_inner).take()
}

/// Adds the cookies of the proof that the form's response does not set itself.
pub fn add_cookies_of(proof: &HeaderMap, response: &mut Response) {
    let name = |cookie: &HeaderValue| cookie.as_bytes().split(|byte| *byte == b'=').next().map(<[u8]>::to_vec);
    let own: Vec<_> = response.headers().get_all(SET_COOKIE).iter().map(name).collect();
    for cookie in proof.get_all(SET_COOKIE) {
        if !own.contains(&name(cookie)) {
            response.headers_mut().append(SET_COOKIE, cookie.clone());
        }
    }
}

/// The request that submits the waiting form of the session whose password was just proved, if there
/// is one. A form is submitted once.
async fn waiting(context: &RequestContext, headers: &HeaderMap, proved: &HeaderMap) -> Result<Option<Request>> {
    let Some(form) = take_form(context).await? else { return Ok(None) };
    let token = context.info.form_field(CSRF_FIELD).unwrap_or_default();
    let mut body = form_urlencoded::Serializer::new(String::new());
    body.append_pair(CSRF_FIELD, token).extend_pairs(&form.fields);
    let mut request = Request::new(Body::from(body.finish()));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = form.action.parse::<Uri>().map_err(internal)?;
    *request.headers_mut() = headers.clone();
    let headers = request.headers_mut();
    headers.remove(CONTENT_LENGTH);
    // The layer that read the proof's body may have replaced it.
    headers.insert(ACCEPT, HeaderValue::from_static("text/html"));
    let origin = context.panel.config.origins.first().map(String::as_str).unwrap_or_default();
    headers.insert(REFERER, HeaderValue::try_from(format!("{origin}{}", form.page)).map_err(internal)?);
    headers.insert(COOKIE, with_new(headers, proved)?);
    Ok(Some(request))
}

/// The cookies of the browser, with those that the proof has set.
fn with_new(sent: &HeaderMap, set: &HeaderMap) -> Result<HeaderValue> {
    let set = set.get_all(SET_COOKIE).iter().filter_map(|cookie| cookie.to_str().ok()?.split(';').next());
    let set: Vec<(&str, &str)> = set.filter_map(|cookie| cookie.split_once('=')).collect();
    let sent = sent.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok()).flat_map(|line| line.split("; "));
    let kept =
        sent.filter_map(|cookie| cookie.split_once('=')).filter(|(name, _)| !set.iter().any(|(new, _)| new == name));
    let all: Vec<String> = kept.chain(set.iter().copied()).map(|(name, value)| format!("{name}={value}")).collect();
    HeaderValue::try_from(all.join("; ")).map_err(internal)
}

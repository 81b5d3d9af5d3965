//! The checks before authentication: method, size and content type.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::header::{ACCEPT, ALLOW, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};

use super::upload::{self, SharedBody};
use crate::model::code::Code;
use crate::model::codec::BodyKind;
use crate::model::form::form_pairs;
use crate::server::access::{Found, Kind, lookup};
use crate::server::error::{Error, Result};
use crate::server::request::{RequestInfo, media_type};

/// The maximum size of a body in bytes.
const MAX_BODY: usize = 64 * 1024;

/// The content types of mutations.
const FORMS_AND_JSON: [&str; 2] = ["application/json", "application/x-www-form-urlencoded"];

/// The time limit for receiving a body.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// Refuses wrong methods, sizes and types. Reads the body here, so that the layers behind it
/// can use it, and a slow client delays only itself.
pub async fn framing(mut request: Request, next: impl AsyncFnOnce(Request) -> Response) -> Response {
    let found = lookup(request.method(), request.uri().path());
    if let Found::WrongMethod(allow) = found {
        let mut response = Error::from(Code::MethodNotAllowed).into_response();
        response.headers_mut().insert(ALLOW, HeaderValue::from_static(allow));
        return response;
    }
    let kind = found.kind(request.method());
    request.extensions_mut().insert(found);
    match kind {
        Kind::Upload => Box::pin(upload(request, next)).await,
        Kind::Mutation | Kind::BareMutation => match Box::pin(read(request, kind)).await {
            Ok(request) => next(request).await,
            Err(error) => error.into_response(),
        },
        // The body of a GET has no meaning and is not read.
        _ => next(request.map(|_| Body::empty())).await,
    }
}

async fn read(request: Request, kind: Kind) -> Result<Request> {
    let (mut parts, body) = request.into_parts();
    let body = read_body(&parts.headers, body).await?;
    if kind == Kind::Mutation {
        check_type(&parts.headers, &FORMS_AND_JSON)?;
    }
    let mut read_as = BodyKind::Json;
    if let Some(info) = parts.extensions.get::<Arc<RequestInfo>>()
        && info.form_body
    {
        // An unreadable form has no token. Its reader refuses it later, after the request's
        // origin was checked.
        if let Ok(pairs) = form_pairs(&body) {
            let _ = info.form.set(pairs);
        }
        read_as = BodyKind::Form;
    }
    let (body, read_as) = match kind {
        // An empty form, because these mutations take no input.
        Kind::BareMutation => (Bytes::new(), BodyKind::Form),
        _ => (body, read_as),
    };
    parts.extensions.insert(read_as);
    parts.headers.remove(CONTENT_LENGTH);
    // Leptos would answer a form itself, with a 302 and the error in the URL. The `present`
    // layer redirects forms instead.
    parts.headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    Ok(Request::from_parts(parts, Body::from(body)))
}

async fn read_body(headers: &HeaderMap, body: Body) -> Result<Bytes> {
    let announced = headers.get(CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > MAX_BODY) {
        return Err(Code::PayloadTooLarge.into());
    }
    // Reads one byte more, to tell a body that is too large from one that was cut off.
    let too_large = |e: axum::Error| match std::error::Error::source(&e) {
        Some(source) if source.is::<http_body_util::LengthLimitError>() => Code::PayloadTooLarge,
        _ => Code::InvalidRequest,
    };
    let read = tokio::time::timeout(BODY_TIMEOUT, to_bytes(body, MAX_BODY));
    read.await.map_err(|_| Error::from(Code::RequestTimeout))?.map_err(|e| too_large(e).into())
}

/// The same for a picture, whose body is read only after authentication.
async fn upload(request: Request, next: impl AsyncFnOnce(Request) -> Response) -> Response {
    if upload::exceeds_drop_limit(request.headers()) {
        return Error::from(Code::PayloadTooLarge).into_response();
    }
    let (parts, body) = request.into_parts();
    let (body, left) = SharedBody::split(body);
    let response = match check_type(&parts.headers, &["multipart/form-data"]) {
        Ok(()) => next(Request::from_parts(parts, body)).await,
        Err(error) => error.into_response(),
    };
    left.drain().await;
    response
}

/// Accepts one of the known types, with UTF-8 as its charset if it names one.
fn check_type(headers: &HeaderMap, known: &[&str]) -> Result<()> {
    let mut types = headers.get_all(CONTENT_TYPE).iter();
    let (Some(value), None) = (types.next(), types.next()) else {
        return Err(Code::UnsupportedMediaType.into());
    };
    let value = String::from_utf8_lossy(value.as_bytes());
    let known = known.iter().any(|known| media_type(&value).eq_ignore_ascii_case(known));
    let utf8 = value.split(';').skip(1).all(|parameter| {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        !name.trim().eq_ignore_ascii_case("charset") || is_utf8(value.trim())
    });
    if known && utf8 { Ok(()) } else { Err(Code::UnsupportedMediaType.into()) }
}

fn is_utf8(charset: &str) -> bool {
    let bare = charset.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(charset);
    bare.eq_ignore_ascii_case("utf-8")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_json_and_forms_in_utf8_are_accepted() {
        let check = |value: &'static str| {
            let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(value))]);
            check_type(&headers, &FORMS_AND_JSON).is_ok()
        };
        for good in [
            "application/json",
            "Application/JSON; charset=UTF-8",
            "application/json;charset=\"utf-8\"",
            "application/x-www-form-urlencoded",
        ] {
            assert!(check(good), "{good}");
        }
        for bad in [
            "",
            "text/plain",
            "multipart/form-data; boundary=x",
            "application/json; charset=utf-7",
            "application/json; charset=latin1",
            "application/json; charset=utf8",
            "application/json; charset",
            "application/json; charset=\"utf-8",
            "application/json; charset=\"\"utf-8\"\"",
            "application/json; charset='utf-8'",
            "application/json; CHARSET=utf-16",
            "application/json; charset=utf-8; charset=utf-16",
            "application/json; x=y; charset=utf-16",
            "application/jsonp",
        ] {
            assert!(!check(bad), "{bad}");
        }
        assert!(check_type(&HeaderMap::new(), &FORMS_AND_JSON).is_err());
    }
}

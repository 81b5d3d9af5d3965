//! The checks before authentication: method, size and content type.

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
use crate::server::access::Kind;
use crate::server::access::lookup::Found;
use crate::server::error::{Error, Result};
use crate::server::request::{RequestInfo, media_type};

/// The maximum size of a body in bytes.
const MAX_BODY: usize = 64 * 1024;

/// The content types of mutations.
const FORMS_AND_JSON: [&str; 2] = ["application/json", "application/x-www-form-urlencoded"];

/// The time limit for receiving a body.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// Returns the refusal of a method that the path does not have.
pub fn check_method(info: &RequestInfo) -> Option<Response> {
    let Found::WrongMethod(allow) = info.found else { return None };
    let mut response = Error::from(Code::MethodNotAllowed).into_response();
    response.headers_mut().insert(ALLOW, HeaderValue::from_static(allow));
    Some(response)
}

/// Reads the body of a mutation, so that the layers behind can use it, and a slow client delays
/// only itself.
///
/// # Errors
/// `payload_too_large`, `request_timeout`, `unsupported_media_type`; `invalid_request` for a body
/// that was cut off.
pub async fn read(info: &RequestInfo, request: &mut Request) -> Result<()> {
    let body = std::mem::take(request.body_mut());
    let body = read_body(request.headers(), body).await?;
    if info.kind() == Kind::Mutation {
        check_type(request.headers(), &FORMS_AND_JSON)?;
    }
    let mut read_as = BodyKind::Json;
    if info.form_body {
        // An unreadable form has no token. Its reader refuses it later, after the request's
        // origin was checked.
        if let Ok(pairs) = form_pairs(&body) {
            let _ = info.form.set(pairs);
        }
        read_as = BodyKind::Form;
    }
    let (body, read_as) = match info.kind() {
        // An empty form, because these mutations take no input.
        Kind::BareMutation => (Bytes::new(), BodyKind::Form),
        _ => (body, read_as),
    };
    request.extensions_mut().insert(read_as);
    request.headers_mut().remove(CONTENT_LENGTH);
    // Leptos would answer a form itself, with a 302 and the error in the URL. The `present`
    // layer redirects forms instead.
    request.headers_mut().insert(ACCEPT, HeaderValue::from_static("application/json"));
    *request.body_mut() = Body::from(body);
    Ok(())
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

/// Checks the size and type of a picture's request. Its body is read only after authentication.
pub async fn with_upload(request: Request, next: impl AsyncFnOnce(Request) -> Response) -> Response {
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

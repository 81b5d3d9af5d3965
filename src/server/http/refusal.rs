//! Turns errors into responses in the caller's language, and logs their causes. Services know
//! neither HTTP nor languages.

use axum::response::{IntoResponse, Response};
use http::StatusCode;

use crate::model::code::Code;
use crate::model::failure::{DeskDetails, Failure};
use crate::model::{text, words};
use crate::server::context::RequestContext;
use crate::server::error::{Error, Result};
use crate::server::http::refused;
use crate::server::kept::keep_form;
use crate::server::request::RequestInfo;

impl IntoResponse for Error {
    /// Only attaches the error to the response. [`present`](super::present) writes it, because
    /// it knows the request.
    fn into_response(self) -> Response {
        let mut response = status_of(self.code).into_response();
        response.extensions_mut().insert(Box::new(self));
        response
    }
}

/// The HTTP status of a code.
pub fn status_of(code: Code) -> StatusCode {
    StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// Runs the body of a server function, and translates its error into the caller's language.
///
/// # Errors
/// The error of the work; `internal` outside a request.
pub async fn answer<T>(work: impl AsyncFnOnce(&RequestContext) -> Result<T>) -> std::result::Result<T, Failure> {
    let context = RequestContext::current().map_err(|error| {
        tracing::error!(%error, "a server function ran without its request");
        Failure::from(error.code)
    })?;
    let error = match work(&context).await {
        Ok(done) => return Ok(done),
        Err(error) => error,
    };
    refused::record(&context, &error);
    if let Err(error) = keep_form(&context, &error).await {
        tracing::warn!(%error, "a form could not be kept until the password is proved");
    }
    let failure = failure(&error, &context.info);
    let _ = context.info.refusal.set(failure.clone());
    Err(failure)
}

/// Translates an error and logs its cause.
pub fn failure(error: &Error, info: &RequestInfo) -> Failure {
    if let Some(cause) = error.cause() {
        tracing::error!(%cause, code = %error.code.name(), "refused");
    }
    let lang = info.lang();
    let details = error.details().cloned().unwrap_or_default();
    let text = match (details.text, details.missing, details.count) {
        (Some(text), ..) => text.to(lang).to_owned(),
        (None, Some(missing), _) => text::error_missing_permission(lang, words::permission(missing).to(lang)),
        (None, None, Some(count)) => text::error_count(lang, count),
        (None, None, None) => error.code.text(lang).to_owned(),
    };
    let fields = details.fields.into_iter().map(|(name, problem)| (name.to_owned(), problem.text(lang)));
    Failure {
        error: text,
        reason: details.reason,
        remaining_attempts: details.remaining_attempts,
        remaining_seconds: details.remaining_seconds,
        fields: Some(fields.collect()).filter(|fields: &std::collections::BTreeMap<_, _>| !fields.is_empty()),
        request_id: (error.code == Code::Internal).then(|| (&*info.request_id).into()),
        desk: Some(DeskDetails { missing: details.missing, count: details.count, current: details.current })
            .filter(|desk| *desk != DeskDetails::default())
            .map(Box::new),
        choice: details.choice.map(Box::new),
        ..Failure::from(error.code)
    }
}

/// Adds the text to a failure that a library made, which has none.
pub fn with_text(failure: Failure, info: &RequestInfo) -> Failure {
    match failure.error.is_empty() {
        true => self::failure(&Error::from(failure.code), info),
        false => failure,
    }
}

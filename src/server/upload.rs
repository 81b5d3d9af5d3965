//! Taking in a picture: a multipart form of a few megabytes, read whole before
//! anybody asks who sends it, because its first part may be the CSRF token.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Request};
use http::HeaderMap;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http_body_util::BodyExt;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

use super::error::Result;
use crate::model::failure::{Code, Failure};
use crate::model::form::{CSRF_FIELD, REDIRECT_FIELD};
use crate::model::profile::MAX_PICTURE;

/// The field the picture is in.
pub const PICTURE_FIELD: &str = "picture";

/// The largest body: the picture, and the form around it.
const MAX_BODY: usize = MAX_PICTURE + 16 * 1024;

/// The longest text of a field beside the picture, in bytes.
const MAX_TEXT: usize = 4096;

/// Up to here a body that is too large is read and dropped, so that a browser
/// gets to hear the refusal: who is cut off while sending shows an error of its own.
const MAX_DROPPED: usize = 4 * MAX_PICTURE;

/// How long a picture may take to arrive.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long to wait for a place.
const QUEUE_PATIENCE: Duration = Duration::from_secs(10);

/// So many are taken in at a time: strangers can hold no more memory than that.
static PLACES: Semaphore = Semaphore::const_new(8);

/// What a multipart form holds. The texts come before the picture.
#[derive(Clone, Debug, Default)]
pub struct Upload {
    pub fields: Vec<(String, String)>,
    /// `None` where no file was chosen.
    pub picture: Option<Bytes>,
}

/// A place to take a picture in, until it is dropped.
///
/// # Errors
/// `unavailable` when all are taken for a while.
pub async fn place() -> Result<SemaphorePermit<'static>> {
    let place = timeout(QUEUE_PATIENCE, PLACES.acquire()).await;
    place.ok().and_then(std::result::Result::ok).ok_or(Failure::new(Code::Unavailable))
}

/// Reads a body of at most [`MAX_BODY`] bytes.
///
/// # Errors
/// `payload_too_large`, `request_timeout`, `invalid_request` for one that was cut off.
pub async fn read_body(headers: &HeaderMap, body: Body) -> Result<Bytes> {
    let announced = headers.get(CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > MAX_DROPPED) {
        return Err(Code::PayloadTooLarge.into());
    }
    timeout(PATIENCE, collect(body)).await.map_err(|_| Failure::new(Code::RequestTimeout))?
}

async fn collect(mut body: Body) -> Result<Bytes> {
    let (mut kept, mut seen) = (Vec::new(), 0);
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| Failure::new(Code::InvalidRequest))?.into_data() else { continue };
        seen += data.len();
        if seen > MAX_DROPPED {
            break;
        }
        if seen > MAX_BODY {
            kept = Vec::new();
        } else {
            kept.extend_from_slice(&data);
        }
    }
    if seen > MAX_BODY { Err(Code::PayloadTooLarge.into()) } else { Ok(kept.into()) }
}

/// Takes a multipart body apart.
///
/// # Errors
/// `invalid_request` for one that is none, or holds what no form of ours does;
/// `payload_too_large` for a picture of more than [`MAX_PICTURE`].
pub async fn take_apart(headers: &HeaderMap, body: Bytes) -> Result<Upload> {
    let mut request = Request::new(Body::from(body));
    if let Some(kind) = headers.get(CONTENT_TYPE) {
        request.headers_mut().insert(CONTENT_TYPE, kind.clone());
    }
    // The body was measured before.
    DefaultBodyLimit::disable().apply(&mut request);
    let unreadable = || Failure::new(Code::InvalidRequest);
    let mut parts = Multipart::from_request(request, &()).await.map_err(|_| unreadable())?;
    let (mut upload, mut chosen) = (Upload::default(), false);
    while let Some(part) = parts.next_field().await.map_err(|_| unreadable())? {
        let name = part.name().unwrap_or_default().to_owned();
        let content = part.bytes().await.map_err(|_| unreadable())?;
        let known_text = [CSRF_FIELD, REDIRECT_FIELD].contains(&name.as_str()) && content.len() <= MAX_TEXT;
        let again = upload.fields.iter().any(|(n, _)| *n == name);
        if name == PICTURE_FIELD && !chosen {
            if content.len() > MAX_PICTURE {
                return Err(Code::PayloadTooLarge.into());
            }
            // Without a chosen file, browsers send an empty one.
            (upload.picture, chosen) = ((!content.is_empty()).then_some(content), true);
        } else if known_text && !again && !chosen {
            upload.fields.push((name, String::from_utf8(content.to_vec()).map_err(|_| unreadable())?));
        } else {
            return Err(unreadable());
        }
    }
    Ok(upload)
}

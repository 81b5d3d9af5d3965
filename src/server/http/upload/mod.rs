//! Picture uploads: a multipart form of a few megabytes.
//!
//! A request gets neither a slot nor more memory than other requests before authentication and
//! the CSRF check. Until then only the first part of the form is read, which contains the
//! token.
//!
//! | file | what is in it |
//! |---|---|
//! | here | reading and parsing the body |
//! | [`slots`] | the limit on concurrent uploads |

mod slots;

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Request};
use futures::stream::{StreamExt, once};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};
use http_body_util::BodyExt;
use hyper::body::Frame;
use tokio::time::timeout;

pub use self::slots::UploadSlot;
use crate::model::code::Code;
use crate::model::form::{CSRF_FIELD, CSRF_HEADER, REDIRECT_FIELD};
use crate::model::profile::MAX_PICTURE;
use crate::server::context::RequestContext;
use crate::server::error::{Error, Result};
use crate::server::request::address_bucket;

/// The form field of the picture.
pub const PICTURE_FIELD: &str = "picture";

/// The maximum size of the body: the picture and the form around it.
const MAX_BODY: usize = MAX_PICTURE + 16 * 1024;

/// The maximum length of the other fields, in bytes.
const MAX_TEXT: usize = 4096;

/// The maximum size of the first part, which contains the token, in bytes.
const MAX_FIRST_PART: usize = 8 * 1024;

/// The time limit for receiving the first part.
const FIRST_PART_TIMEOUT: Duration = Duration::from_secs(10);

/// The rest of a refused body is read and dropped up to this size. A browser whose upload is
/// cut off shows an error of its own instead of the response.
const MAX_DROPPED: usize = 4 * MAX_PICTURE;

/// The time limit for receiving a picture.
const TIMEOUT: Duration = Duration::from_secs(60);

/// The contents of a multipart form. The text fields come before the picture.
#[derive(Clone, Debug, Default)]
pub struct Upload {
    pub fields: Vec<(String, String)>,
    /// `None` if no file was chosen.
    pub picture: Option<Bytes>,
}

/// An uploaded picture, with its slot, which is held until processing ends.
#[derive(Clone)]
pub struct Received {
    pub upload: Result<Upload>,
    pub slot: Arc<UploadSlot>,
}

/// Whether `Content-Length` announces a body that is too large even to read and drop.
pub fn exceeds_drop_limit(headers: &HeaderMap) -> bool {
    let announced = headers.get(CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<usize>().ok());
    announced.is_some_and(|length| length > MAX_DROPPED)
}

/// A body that several layers read in turn.
pub struct SharedBody(Arc<Mutex<Body>>);

impl SharedBody {
    /// Splits a body into a handle for the borrower and the rest that the borrower leaves
    /// unread.
    pub fn split(body: Body) -> (Body, SharedBody) {
        let left = SharedBody(Arc::new(Mutex::new(body)));
        (Body::new(SharedBody(left.0.clone())), left)
    }

    /// Reads and drops the rest, within limits.
    pub async fn drain(mut self) {
        let mut seen = 0;
        let drained = async {
            while let Some(Ok(frame)) = self.frame().await
                && seen <= MAX_DROPPED
            {
                seen += frame.data_ref().map_or(0, Bytes::len);
            }
        };
        // A client that sends more slowly has had enough time to read the response.
        let _ = timeout(TIMEOUT, drained).await;
    }
}

impl HttpBody for SharedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<std::result::Result<Frame<Bytes>, axum::Error>>> {
        let mut body = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Pin::new(&mut *body).poll_frame(context)
    }
}

/// Reads the first part of a form and puts its token into the header. Nothing else is read. If
/// the header is already set, only that token counts.
///
/// # Errors
/// `request_timeout`; `invalid_request` for a body that was cut off.
pub async fn find_token(request: &mut Request) -> Result<()> {
    if request.headers().contains_key(CSRF_HEADER) {
        return Ok(());
    }
    let mut body = std::mem::take(request.body_mut());
    let mut beginning = Vec::new();
    let read = timeout(FIRST_PART_TIMEOUT, async {
        while beginning.len() < MAX_FIRST_PART && !has_first_part(&beginning) {
            let Some(frame) = body.frame().await else { break };
            let data = frame.map_err(|_| Error::from(Code::InvalidRequest))?.into_data();
            beginning.extend_from_slice(&data.unwrap_or_default());
        }
        Ok::<(), Error>(())
    });
    read.await.map_err(|_| Error::from(Code::RequestTimeout))??;
    let beginning = Bytes::from(beginning);
    if let Some(token) = token_of(request.headers(), beginning.clone()).await {
        request.headers_mut().insert(CSRF_HEADER, token);
    }
    let whole = once(async { Ok(beginning) }).chain(body.into_data_stream());
    *request.body_mut() = Body::from_stream(whole);
    Ok(())
}

/// Whether a multipart body continues after its first part. A part ends with the line that the
/// body starts with.
fn has_first_part(beginning: &[u8]) -> bool {
    let find = |text: &[u8], what: &[u8]| text.windows(what.len()).position(|part| part == what);
    find(beginning, b"\r\n").is_some_and(|end| end > 0 && find(&beginning[end..], &beginning[..end]).is_some())
}

async fn token_of(headers: &HeaderMap, beginning: Bytes) -> Option<HeaderValue> {
    let mut parts = parts(headers, beginning).await.ok()?;
    let first = parts.next_field().await.ok()??;
    let is_token = first.name() == Some(CSRF_FIELD);
    let text = first.bytes().await.ok().filter(|text| is_token && text.len() <= MAX_TEXT)?;
    HeaderValue::from_bytes(&text).ok()
}

/// Takes a slot, then reads and parses the form for the handler.
///
/// # Errors
/// `unavailable` if no slot becomes free in time; `payload_too_large`, `request_timeout`,
/// `invalid_request` for a body that was cut off.
pub async fn receive(context: &RequestContext, request: &mut Request) -> Result<()> {
    let person = &context.require_user()?.session.user.id;
    let slot = slots::UPLOAD_SLOTS.take(person, &address_bucket(context.info.address)).await?;
    let body = timeout(TIMEOUT, collect(std::mem::take(request.body_mut()))).await;
    let body = body.map_err(|_| Error::from(Code::RequestTimeout))??;
    let upload = match parse_form(request.headers(), body).await {
        Err(error) if error.code == Code::PayloadTooLarge => return Err(error),
        upload => upload,
    };
    if let Ok(upload) = &upload {
        let _ = context.info.form.set(upload.fields.clone());
    }
    request.extensions_mut().insert(Received { upload, slot: Arc::new(slot) });
    Ok(())
}

async fn collect(mut body: Body) -> Result<Bytes> {
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| Error::from(Code::InvalidRequest))?.into_data() else { continue };
        if bytes.len() + data.len() > MAX_BODY {
            return Err(Code::PayloadTooLarge.into());
        }
        bytes.extend_from_slice(&data);
    }
    Ok(bytes.into())
}

async fn parts(headers: &HeaderMap, body: Bytes) -> Result<Multipart> {
    let mut request = Request::new(Body::from(body));
    if let Some(kind) = headers.get(CONTENT_TYPE) {
        request.headers_mut().insert(CONTENT_TYPE, kind.clone());
    }
    // The size was checked before.
    DefaultBodyLimit::disable().apply(&mut request);
    Multipart::from_request(request, &()).await.map_err(|_| Error::from(Code::InvalidRequest))
}

/// Parses a multipart body.
///
/// # Errors
/// `invalid_request` for a malformed body or an unexpected field; `payload_too_large` for a
/// picture larger than [`MAX_PICTURE`].
async fn parse_form(headers: &HeaderMap, body: Bytes) -> Result<Upload> {
    let unreadable = || Error::from(Code::InvalidRequest);
    let mut parts = parts(headers, body).await?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_the_first_part_is_found() {
        let whole = b"--x\r\nContent-Disposition: form-data; name=\"csrfToken\"\r\n\r\ntoken\r\n--x\r\n";
        assert!(has_first_part(whole));
        for part in [0, 1, 3, 5, 60, whole.len() - 3] {
            assert!(!has_first_part(&whole[..part]), "{part}");
        }
        assert!(!has_first_part(b"\r\n\r\n\r\n"), "no line, no end");
    }
}

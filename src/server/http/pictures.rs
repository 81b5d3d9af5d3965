//! Users' pictures over HTTP: upload and download.

use axum::extract::Extension;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use http::{HeaderMap, HeaderValue, StatusCode};

use super::reads::enveloped;
use super::upload::{PICTURE_FIELD, Received};
use crate::model::code::Code;
use crate::model::text::Text;
use crate::server::access::PICTURES;
use crate::server::account::picture::{change, is_name};
use crate::server::context::RequestContext;
use crate::server::db::pictures;
use crate::server::error::{Error, Result, internal};
use crate::server::picture::shrink::shrink;

/// Browsers may cache a picture but must revalidate it each time, because another user may use
/// the browser later.
const REVALIDATED: HeaderValue = HeaderValue::from_static("private, no-cache");

/// `POST /api/account/picture`. A plain handler: the layer in front has already parsed the
/// multipart body, to find its token.
///
/// # Errors
/// `validation_failed` naming `picture` for an invalid picture; `unavailable`.
pub async fn upload(
    Extension(context): Extension<RequestContext>,
    Extension(received): Extension<Received>,
) -> Result<Response> {
    let wrong = |text: Text| Error::field(PICTURE_FIELD, text);
    let Received { upload, slot } = received;
    let original = upload?.picture.ok_or_else(|| wrong(Text::FieldPictureMissing))?;
    let small = shrink(original, slot).await?.ok_or_else(|| wrong(Text::FieldPictureInvalid))?;
    enveloped(&change(&context, &small).await?)
}

/// `GET /pictures/{name}`: any user's picture, for every signed-in user.
///
/// # Errors
/// `not_found`; `unavailable`.
pub async fn serve(Extension(context): Extension<RequestContext>, headers: HeaderMap) -> Result<Response> {
    context.require_user()?;
    // Not decoded: a name has exactly one spelling.
    let name = context.info.path().strip_prefix(PICTURES).filter(|name| is_name(name));
    let name = name.ok_or(Error::from(Code::NotFound))?;
    let row = pictures::by_name(context.panel.db.reader(), name).await?;
    let (image,) = row.ok_or(Error::from(Code::NotFound))?;
    let tag = format!("\"{name}\"");
    let lines = headers.get_all(IF_NONE_MATCH).iter().flat_map(|line| line.as_bytes().split(|byte| *byte == b','));
    let known =
        lines.map(|known| known.trim_ascii()).any(|known| known.strip_prefix(b"W/").unwrap_or(known) == tag.as_bytes());
    let tag = HeaderValue::from_str(&tag).map_err(internal)?;
    let headers = [(CACHE_CONTROL, REVALIDATED), (ETAG, tag)];
    if known {
        return Ok((StatusCode::NOT_MODIFIED, headers).into_response());
    }
    Ok((headers, [(CONTENT_TYPE, HeaderValue::from_static("image/jpeg"))], image).into_response())
}

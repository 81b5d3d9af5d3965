//! People's pictures: taken in, made small, kept in the database, served.

mod jpeg;
mod shrink;

use axum::extract::Extension;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use http::{HeaderMap, HeaderValue, StatusCode};
use sha2::{Digest, Sha256};

use super::access::PICTURES;
use super::audit::Action;
use super::db::{execute, fetch_optional, queries};
use super::error::{Result, internal};
use super::live;
use super::reads::enveloped;
use super::request::Asked;
use super::upload::{PICTURE_FIELD, Received};
use super::users::UserColumns;
use crate::model::failure::{Code, Failure};
use crate::model::text::Text;
use crate::model::user::User;

/// A browser may keep a picture and has to ask each time whether it may still
/// show it: others may use it after whoever was signed in.
const ASKED_FOR: HeaderValue = HeaderValue::from_static("private, no-cache");

/// `POST /api/account/picture`. A plain handler: the layer in front has taken
/// the multipart body apart to find the token in it.
///
/// # Errors
/// `validation_failed` naming `picture` for what is none; `unavailable`.
pub async fn upload(Extension(asked): Extension<Asked>, Extension(received): Extension<Received>) -> Result<Response> {
    let identity = asked.require_user()?;
    let wrong = |text: Text| Failure::field(PICTURE_FIELD, text.to(asked.visit.lang()));
    let Received { upload, place } = received;
    let original = upload?.picture.ok_or_else(|| wrong(Text::FieldPictureMissing))?;
    let small = shrink::shrink(original, place).await?.ok_or_else(|| wrong(Text::FieldPictureInvalid))?;
    let name = name_of(&identity.session.user.id, &small);
    enveloped(&keep(&asked, Some((&name, &small))).await?)
}

/// Takes the picture of the person asking away.
///
/// # Errors
/// `unauthenticated`; `unavailable`.
pub async fn remove(asked: &Asked) -> Result<User> {
    match &asked.require_user()?.session.user {
        user if user.avatar.is_none() => user.clone().shown(),
        _ => keep(asked, None).await,
    }
}

/// The name is the hash of whose it is and what it is: two people may have the same.
fn name_of(user_id: &str, image: &[u8]) -> String {
    let hash = Sha256::new().chain_update(user_id).chain_update(image).finalize();
    let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{hex}.jpg")
}

/// Whether a name can be one of ours; no other is looked up.
fn is_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_hexdigit() && !byte.is_ascii_uppercase();
    name.strip_suffix(".jpg").is_some_and(|hex| hex.len() == 64 && hex.bytes().all(plain))
}

/// Puts a picture, or none, in the place of the one before: the user's row and
/// the picture's in one transaction.
async fn keep(asked: &Asked, picture: Option<(&str, &[u8])>) -> Result<User> {
    let identity = asked.require_user()?;
    let user_id = identity.session.user.id.as_str();
    let avatar = picture.map(|(name, _)| format!("{PICTURES}{name}"));
    let mut tx = asked.panel.db.begin().await?;
    // First, because it locks the row: of two uploads at once the later one stays.
    execute!(tx.on(), queries::USER_AVATAR, avatar.as_deref(), asked.visit.now, user_id)?;
    execute!(tx.on(), queries::PICTURE_REMOVE, user_id)?;
    if let Some((name, image)) = picture {
        execute!(tx.on(), queries::PICTURE_INSERT, name, user_id, image, asked.visit.now)?;
    }
    let event = asked.event(Action::ProfileChanged).of(user_id).in_session(&identity.session.handle);
    event.with("fields", vec![PICTURE_FIELD]).write(&mut tx).await?;
    let user = fetch_optional!(tx.on(), UserColumns, queries::USER_BY_ID, user_id)?;
    let user = user.ok_or_else(|| internal("a user is gone while they change themselves"))?.shown()?;
    live::user_changed(&mut tx, user_id).await?;
    tx.commit().await?;
    Ok(user)
}

/// `GET /pictures/{name}`: anybody's, for everybody who is signed in.
///
/// # Errors
/// `not_found`; `unavailable`.
pub async fn serve(Extension(asked): Extension<Asked>, headers: HeaderMap) -> Result<Response> {
    asked.require_user()?;
    // As it stands in the address: a name has one spelling.
    let name = asked.visit.path.strip_prefix(PICTURES).filter(|name| is_name(name));
    let name = name.ok_or(Failure::new(Code::NotFound))?;
    let row = fetch_optional!(asked.panel.db.reader(), (Vec<u8>,), queries::PICTURE_BY_NAME, name)?;
    let (image,) = row.ok_or(Failure::new(Code::NotFound))?;
    let tag = format!("\"{name}\"");
    let lines = headers.get_all(IF_NONE_MATCH).iter().flat_map(|line| line.as_bytes().split(|byte| *byte == b','));
    let known =
        lines.map(|known| known.trim_ascii()).any(|known| known.strip_prefix(b"W/").unwrap_or(known) == tag.as_bytes());
    let tag = HeaderValue::from_str(&tag).map_err(internal)?;
    let kept = [(CACHE_CONTROL, ASKED_FOR), (ETAG, tag)];
    if known {
        return Ok((StatusCode::NOT_MODIFIED, kept).into_response());
    }
    Ok((kept, [(CONTENT_TYPE, HeaderValue::from_static("image/jpeg"))], image).into_response())
}

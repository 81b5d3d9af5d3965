//! What the server keeps for the next page of a session: the result of an act, for ten minutes.
//!
//! The flash cookie carries only the id, because results can be larger than a cookie, and a
//! one-time link must never leave the server but in the page that shows it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::model::flash::Flash;
use crate::server::clock::{MINUTE, Millis};
use crate::server::context::RequestContext;
use crate::server::db::kept;
use crate::server::error::{Result, internal};
use crate::server::flash::{flash, flash_cookie};
use crate::server::keys::random;

/// How long something is kept.
pub const LIFETIME: Millis = 10 * MINUTE;

/// Keeps the result of a form for the page that follows it. Programs got it in the response, so
/// nothing is kept for them.
///
/// # Errors
/// `unauthenticated` without a session; `unavailable`.
pub async fn keep(context: &RequestContext, result: &impl Serialize) -> Result<()> {
    if !context.info.is_form() {
        return Ok(());
    }
    let session = context.require_user()?.session.handle.as_str();
    let id = URL_SAFE_NO_PAD.encode(random::<16>());
    let content = serde_json::to_string(result).map_err(internal)?;
    kept::insert(context.panel.db.writer(), &id, session, &content, context.info.now).await?;
    let flash = Flash { kept: Some(id), form: context.info.path().to_owned(), ..Flash::default() };
    context.set_cookies(flash_cookie(&context.panel, &flash))
}

/// What the last form kept for this page, if it posted to one of these paths.
///
/// # Errors
/// `unauthenticated` without a session; `unavailable`.
pub async fn found<T: DeserializeOwned>(context: &RequestContext, actions: &[&str]) -> Result<Option<T>> {
    let session = context.require_user()?.session.handle.as_str();
    let flash = flash(&context.panel, &context.info).filter(|flash| actions.contains(&flash.form.as_str()));
    let Some(id) = flash.and_then(|flash| flash.kept) else { return Ok(None) };
    let row = kept::find(context.panel.db.reader(), &id, session, context.info.now - LIFETIME).await?;
    // What an earlier version of the program kept may be unreadable, and is as good as gone.
    Ok(row.and_then(|(content,)| serde_json::from_str(&content).ok()))
}

//! What the server keeps for the next page of a session, for ten minutes: the result of an act, or a
//! form that waits until the password was proved again.
//!
//! The flash cookie carries only the id, because results can be larger than a cookie, and a
//! one-time link must never leave the server but in the page that shows it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::model::code::Code;
use crate::model::flash::Flash;
use crate::model::form::{CSRF_FIELD, REDIRECT_FIELD};
use crate::model::forms;
use crate::model::redirect::SafePath;
use crate::server::clock::{MINUTE, Millis};
use crate::server::context::RequestContext;
use crate::server::db::kept;
use crate::server::error::{Error, Result, internal};
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

/// The longest form that is kept, in bytes.
const MAX_FORM: usize = 16 * 1024;

/// A form that waits for the password.
#[derive(Serialize, Deserialize)]
pub struct WaitingForm {
    /// The path that it posts to.
    pub action: String,
    /// The page that it was on.
    pub page: String,
    pub fields: Vec<(String, String)>,
}

/// The id of a session's only waiting form.
fn id_of(session: &str) -> String {
    format!("form {session}")
}

/// The path that a form of this session posts to, if one waits for the password.
///
/// # Errors
/// `unavailable`.
pub async fn waiting_form(context: &RequestContext) -> Result<Option<String>> {
    let session = context.require_user()?.session.handle.as_str();
    let since = context.info.now - LIFETIME;
    let row = kept::find(context.panel.db.reader(), &id_of(session), session, since).await?;
    let form: Option<WaitingForm> = row.and_then(|(content,)| serde_json::from_str(&content).ok());
    Ok(form.map(|form| form.action))
}

/// Keeps a form that was refused because the sign-in is too long ago. Forms with a password are not
/// kept.
pub async fn keep_form(context: &RequestContext, error: &Error) -> Result<()> {
    let (info, Some(identity)) = (&context.info, &context.identity) else { return Ok(()) };
    let Some(fields) = info.form.get().filter(|_| info.is_form_post() && error.code == Code::ReauthRequired) else {
        return Ok(());
    };
    let secret = |name: &str| name == CSRF_FIELD || name.to_lowercase().ends_with("password");
    if fields.iter().any(|(name, _)| name != CSRF_FIELD && secret(name)) {
        return Ok(());
    }
    let page = info.form_field(REDIRECT_FIELD).and_then(SafePath::parse);
    let form = WaitingForm {
        action: info.path().to_owned(),
        page: page.map_or_else(
            || forms::by_action(info.path()).map_or("/", |form| form.page).to_owned(),
            |page| page.as_str().to_owned(),
        ),
        fields: fields.iter().filter(|(name, _)| name != CSRF_FIELD).cloned().collect(),
    };
    let content = serde_json::to_string(&form).map_err(internal)?;
    if content.len() <= MAX_FORM {
        let session = identity.session.handle.as_str();
        kept::replace(context.panel.db.writer(), &id_of(session), session, &content, info.now).await?;
    }
    Ok(())
}

/// Takes the form of this session that waits for the password. Of parallel requests, one gets it.
///
/// # Errors
/// `unavailable`.
pub async fn take_form(context: &RequestContext) -> Result<Option<WaitingForm>> {
    let session = context.require_user()?.session.handle.as_str();
    let since = context.info.now - LIFETIME;
    let row = kept::take(context.panel.db.writer(), &id_of(session), session, since).await?;
    Ok(row.and_then(|(content,)| serde_json::from_str(&content).ok()))
}

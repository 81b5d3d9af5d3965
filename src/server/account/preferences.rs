//! Choosing a language and a theme.

use crate::model::lang::Lang;
use crate::model::preference::{PreferenceChange, Preferences, Theme, language, theme};
use crate::server::context::RequestContext;
use crate::server::db::users;
use crate::server::error::{Error, Result};
use crate::server::preferences::cookies;

/// Stores the choice in this browser's cookies and, for a signed-in user, in the row. Neither
/// `version` nor `updated_at` changes, so that changing the theme does not conflict with an
/// administrator who edits the same user.
///
/// # Errors
/// `validation_failed` naming the field; `unavailable`.
pub async fn choose(context: &RequestContext, wanted: &PreferenceChange) -> Result<Preferences> {
    let chosen_lang = wanted.language.as_ref().map(|wish| language(wish.as_deref())).transpose();
    let chosen_lang = chosen_lang.map_err(|text| Error::field("language", text))?;
    let chosen_theme = wanted.theme.as_ref().map(|wish| theme(wish.as_deref())).transpose();
    let chosen_theme = chosen_theme.map_err(|text| Error::field("theme", text))?;
    if let Some(identity) = &context.identity
        && (chosen_lang.is_some() || chosen_theme.is_some())
    {
        users::save_preferences(
            context.panel.db.writer(),
            chosen_lang.is_some(),
            chosen_lang.flatten().map(Lang::tag),
            chosen_theme.is_some(),
            chosen_theme.flatten().map(Theme::name),
            &identity.session.user.id,
        )
        .await?;
    }
    context.set_cookies(cookies(&context.panel, chosen_lang, chosen_theme))?;
    let before = context.info.preferences();
    Ok(Preferences { language: chosen_lang.unwrap_or(before.language), theme: chosen_theme.unwrap_or(before.theme) })
}

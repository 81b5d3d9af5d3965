//! Changing one's own profile.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::model::email::{Email, shown};
use crate::model::lang::Lang;
use crate::model::preference::{Preferences, Theme, language, theme};
use crate::model::profile::{ProfileChange, person_name, phone};
use crate::model::text::Text;
use crate::model::user::User;
use crate::server::audit::Action;
use crate::server::clock::MINUTE;
use crate::server::context::RequestContext;
use crate::server::db::users::{self, UserColumns};
use crate::server::error::{Error, Result, internal};
use crate::server::lockout::buckets::{self, Limit, full_until};
use crate::server::lockout::too_many;
use crate::server::users::{of_session, search};
use crate::server::{live, preferences};

/// The fields that change, validated and normalised.
#[derive(Default)]
struct Changes {
    name: Option<String>,
    email: Option<Email>,
    phone: Option<Option<String>>,
    language: Option<Option<Lang>>,
    theme: Option<Option<Theme>>,
}

impl Changes {
    /// Validates a request. Fields equal to the stored value don't count as changes, because a
    /// form without WASM sends every field.
    fn of(wanted: &ProfileChange, user: &UserColumns, stored: Preferences) -> Result<Changes> {
        let mut wrong = BTreeMap::new();
        let mut check = |field: &'static str, value: std::result::Result<(), Text>| {
            if let Err(text) = value {
                wrong.insert(field, text.into());
            }
        };
        let mut changes = Changes::default();
        // The stored name is not validated again: it may be older than the rules.
        if let Some(text) = wanted.name.as_ref().filter(|text| text.trim() != user.name) {
            let name = person_name(text).ok_or(Text::FieldNameInvalid);
            check("name", name.map(|name| changes.name = (name != user.name).then_some(name)));
        }
        // The stored address is not validated either, in stored or displayed form: an import
        // may have stored one that the rules reject.
        let same = |text: &&String| [user.email.as_str(), &shown(&user.email)].contains(&text.trim());
        if let Some(text) = wanted.email.as_ref().filter(|text| !same(text)) {
            let email = Email::parse(text).ok_or(Text::FieldEmailInvalid);
            check("email", email.map(|email| changes.email = (email.as_str() != user.email).then_some(email)));
        }
        if let Some(wish) = &wanted.phone {
            let text = wish.as_deref().unwrap_or_default();
            let number = match text.trim() {
                "" => Ok(None),
                text => phone(text).map(|phone| Some(phone.to_owned())).ok_or(Text::FieldPhoneInvalid),
            };
            check("phone", number.map(|number| changes.phone = (number != user.phone).then_some(number)));
        }
        if let Some(wish) = &wanted.language {
            let chosen = language(wish.as_deref());
            check("language", chosen.map(|chosen| changes.language = (chosen != stored.language).then_some(chosen)));
        }
        if let Some(wish) = &wanted.theme {
            let chosen = theme(wish.as_deref());
            check("theme", chosen.map(|chosen| changes.theme = (chosen != stored.theme).then_some(chosen)));
        }
        if wrong.is_empty() { Ok(changes) } else { Err(Error::fields(wrong)) }
    }

    /// The names of the changed fields, for the audit.
    fn fields(&self) -> Vec<&'static str> {
        let changed = [
            ("name", self.name.is_some()),
            ("email", self.email.is_some()),
            ("phone", self.phone.is_some()),
            ("language", self.language.is_some()),
            ("theme", self.theme.is_some()),
        ];
        changed.into_iter().filter_map(|(name, changed)| changed.then_some(name)).collect()
    }
}

/// The rate limit on answers that an email is taken. Each answer reveals that an account
/// exists, and no user mistypes so often.
const TAKEN_LIMIT: Limit = Limit { attempts: 10, window: 15 * MINUTE, lock: None };

fn taken_bucket(user_id: &str) -> String {
    format!("taken:{user_id}")
}

/// Counts one answer that an email is taken.
async fn charge_taken(context: &RequestContext, user_id: &str) -> Result<()> {
    let (now, id) = (context.info.now, Uuid::now_v7().to_string());
    let mut tx = context.panel.db.begin().await?;
    let charged = buckets::charge(&mut tx, &taken_bucket(user_id), &id, TAKEN_LIMIT, now).await?;
    charged.map_err(|full| too_many(full, now))?;
    tx.commit().await
}

/// Changes the given fields, all or none.
///
/// # Errors
/// `validation_failed` naming every invalid field; `reauth_required` for a new email without a
/// recent password proof; `too_many_requests` after too many emails that are taken;
/// `unavailable`.
pub async fn change(context: &RequestContext, wanted: &ProfileChange) -> Result<User> {
    let identity = context.require_user()?;
    let user = of_session(&context.panel.db, &identity.session.user.id).await?;
    let changes = Changes::of(wanted, &user, identity.session.preferences)?;
    let fields = changes.fields();
    if changes.email.is_some() {
        // Before the response can reveal whether the address is taken.
        context.require_recent()?;
        let full = full_until(&context.panel.db, &taken_bucket(&user.id), TAKEN_LIMIT, context.info.now).await?;
        full.map_or(Ok(()), |full| Err(too_many(full, context.info.now)))?;
    }
    if fields.is_empty() {
        return user.shown();
    }
    let mut tx = context.panel.db.begin().await?;
    let written = users::change_profile(
        tx.on(),
        changes.name.as_deref(),
        changes.email.as_ref().map(Email::as_str),
        changes.phone.is_some(),
        changes.phone.as_ref().and_then(Option::as_deref),
        changes.language.is_some(),
        changes.language.flatten().map(Lang::tag),
        changes.theme.is_some(),
        changes.theme.flatten().map(Theme::name),
        context.info.now,
        &user.id,
        changes.email.as_ref().map(Email::as_typed),
        changes.email.as_ref().map(|email| shown(email.as_str())).as_deref(),
    )
    .await;
    // The unique index decides between two users who want one address. The statement checks
    // addresses that are still stored in their previous spelling.
    let taken = match &written {
        Err(sqlx::Error::Database(error)) => error.is_unique_violation(),
        written => matches!(written, Ok(0)),
    };
    if taken {
        drop(tx);
        charge_taken(context, &user.id).await?;
        return Err(Error::field("email", Text::FieldEmailTaken));
    }
    written?;
    let mut event = context.event(Action::ProfileChanged).of(&user.id).with("fields", fields);
    if let Some(email) = &changes.email {
        event = event.with("oldEmail", user.email.as_str()).with("newEmail", email.as_str());
    }
    event.in_session(&identity.session.handle).write(&mut tx).await?;
    let changed = users::by_id(tx.on(), &user.id).await?;
    let changed = changed.ok_or_else(|| internal("the user disappeared during a profile change"))?;
    search::index(&mut tx, &changed).await?;
    let changed = changed.shown()?;
    live::user_changed(&mut tx, &user.id).await?;
    tx.commit().await?;
    context.set_cookies(preferences::cookies(&context.panel, changes.language, changes.theme))?;
    Ok(changed)
}

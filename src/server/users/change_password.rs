//! Changing one's own password.

use super::super::audit::Action;
use super::super::db::{execute, fetch_optional, queries};
use super::super::error::{Result, internal};
use super::super::identity::Identity;
use super::super::lockout::{self, Buckets};
use super::super::request::Asked;
use super::super::sessions::end::end_others_in;
use super::super::sessions::renew::{renew_in, renewed_cookie};
use super::super::{pages, passwords};
use crate::model::account::{EndedSessions, PasswordChange};
use crate::model::email::Email;
use crate::model::failure::{Code, Failure};
use crate::model::password::{self, normalise};
use crate::model::session::EndReason;
use crate::model::text::Text;

/// Changes the password of whoever asks. Every other session of theirs, their
/// one-time links and the device cookies of other browsers end; this session
/// gets a new id. Trying the current password is charged as a sign-in is.
///
/// # Errors
/// `validation_failed` naming the field, `account_locked`, `too_many_requests`,
/// `conflict` when the password was changed meanwhile, `unavailable`.
pub async fn change_password(asked: &Asked, wanted: &PasswordChange) -> Result<EndedSessions> {
    let identity = asked.require_user()?;
    let (panel, visit, user) = (&asked.panel, &asked.visit, &identity.session.user);
    let email = Email::parse(&user.email).ok_or_else(|| internal("a stored email is none"))?;
    check(asked, identity, wanted, email.local_part())?;

    // Both places before the charge: a 503 counts nowhere.
    let (verifying, hashing) = (panel.hasher.reserve()?, panel.hasher.reserve()?);
    let stored = fetch_optional!(panel.db.reader(), (Option<String>,), queries::USER_PASSWORD, user.id.as_str())?;
    let stored = stored.and_then(|(hash,)| hash).ok_or(Failure::new(Code::Unauthenticated))?;
    let buckets = Buckets::new(&email, visit.address);
    let left = lockout::charge(&panel.db, &identity.session.policy, &buckets, visit.now).await?;
    if !verifying.verify(&wanted.current_password, Some(&stored)).await?.matches {
        return Err(refuse(asked, identity, left).await?);
    }
    let hash = hashing.hash(&wanted.new_password).await?;

    let mut tx = panel.db.begin().await?;
    let user_id = user.id.as_str();
    // The user's row first, as a sign-in takes it: one by the old password either
    // is there before, and ends below, or finds another hash.
    if execute!(tx.on(), queries::USER_CHANGE_PASSWORD, hash.as_str(), visit.now, user_id, stored.as_str())? == 0 {
        return Err(Failure::new(Code::Conflict));
    }
    let event = asked.event(Action::SessionEnded);
    let ended = end_others_in(&mut tx, event, identity, EndReason::PasswordChanged).await?;
    let claim = renew_in(&mut tx, asked, identity).await?;
    execute!(tx.on(), queries::LINKS_END_OF_USER, visit.now, user_id)?;
    lockout::succeeded(&mut tx, &buckets).await?;
    let event = asked.event(Action::PasswordChanged).of(user_id).in_session(&identity.session.handle);
    event.with("ended", ended).write(&mut tx).await?;
    tx.commit().await?;

    asked.set_cookies([renewed_cookie(asked, identity, &claim)?]);
    if visit.is_form_post() {
        asked.set_cookies(pages::ended_cookie(panel, ended));
    }
    Ok(EndedSessions { ended })
}

/// What can be said without looking anything up; nothing is charged for it.
fn check(asked: &Asked, identity: &Identity, wanted: &PasswordChange, local_part: &str) -> Result<()> {
    let (lang, session) = (asked.visit.lang, &identity.session);
    let (current, new) = (&wanted.current_password, &wanted.new_password);
    if current.trim().is_empty() {
        return Err(Failure::field("currentPassword", Text::FieldCurrentPasswordMissing.to(lang)));
    }
    if password::length(current) > password::MAX_LENGTH {
        let max = password::MAX_LENGTH.to_string();
        return Err(Failure::field("currentPassword", Text::FieldPasswordTooLong.with(lang, &[("max", &max)])));
    }
    let min_length = session.policy.password_min_length;
    passwords::check_new(new, min_length, &session.user.name, local_part, "newPassword", lang)?;
    if normalise(new) == normalise(current) {
        return Err(Failure::field("newPassword", Text::FieldPasswordSame.to(lang)));
    }
    Ok(())
}

/// Records a wrong current password, and the lock it brought; gives the refusal.
async fn refuse(asked: &Asked, identity: &Identity, left: u32) -> Result<Failure> {
    let (lang, session) = (asked.visit.lang, &identity.session);
    let mut tx = asked.panel.db.begin().await?;
    let event = |action| asked.event(action).of(&session.user.id).in_session(&session.handle);
    event(Action::PasswordChanged).failed().with("reason", "credentials").write(&mut tx).await?;
    if left == 0 {
        event(Action::Locked).with("minutes", session.policy.lockout_minutes).write(&mut tx).await?;
    }
    tx.commit().await?;
    let rest = match left {
        0 => Text::LoginAttemptsNone,
        1 => Text::LoginAttemptsOne,
        _ => Text::LoginAttemptsMany,
    };
    let rest = rest.with(lang, &[("count", &left.to_string())]);
    let text = format!("{} {rest}", Text::FieldCurrentPasswordWrong.to(lang));
    Ok(Failure { remaining_attempts: Some(left), ..Failure::field("currentPassword", text) })
}

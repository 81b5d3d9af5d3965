//! Changing one's own password.

use super::super::audit::Action;
use super::super::cookie::SessionClaim;
use super::super::db::{execute, fetch_optional, queries};
use super::super::error::{Result, internal};
use super::super::identity::session_cookie;
use super::super::passwords::NewPassword;
use super::super::request::Asked;
use super::super::sessions::end::end_others_in;
use super::super::sessions::rotate::renew_in;
use super::super::{device_cookie, lockout, pages};
use super::reprove;
use crate::model::account::{EndedSessions, PasswordChange};
use crate::model::failure::{Code, Failure};
use crate::model::password::{self, normalise};
use crate::model::session::EndReason;
use crate::model::text::Text;

/// Changes the password of whoever asks. Every other session of theirs, their
/// one-time links and the device cookies of other browsers end; this session
/// gets a new id. Trying the current password counts as a sign-in does.
///
/// # Errors
/// `validation_failed` naming the field, `account_locked`, `too_many_requests`,
/// `conflict` when the password was changed meanwhile, `unavailable`.
pub async fn change_password(asked: &Asked, wanted: &PasswordChange) -> Result<EndedSessions> {
    let identity = asked.require_user()?;
    let (panel, visit, session) = (&asked.panel, &asked.visit, &identity.session);
    let (user_id, handle) = (session.user.id.as_str(), session.handle.as_str());
    let new_password = NewPassword {
        password: &wanted.new_password,
        min_length: session.policy.password_min_length,
        name: &session.user.name,
        local_part: session.user.email.split('@').next().unwrap_or_default(),
        field: "newPassword",
        lang: visit.lang(),
    };
    check(asked, wanted, &new_password)?;

    // The attempt is charged before the new password is judged, which takes time.
    let proof = reprove(asked, identity, &wanted.current_password, "currentPassword").await?;
    let hash = match judge(asked, &new_password).await {
        Ok(hash) => hash,
        Err(failure) => {
            // The current password was right all the same.
            let mut tx = panel.db.begin().await?;
            lockout::succeeded(&mut tx, &proof.charged).await?;
            tx.commit().await?;
            return Err(failure);
        }
    };

    let mut tx = panel.db.begin().await?;
    // The user's row first, as a sign-in takes it: one by the old password either
    // is there before, and ends below, or finds another hash.
    let (new, old) = (hash.as_str(), proof.password_hash.as_str());
    let changed = fetch_optional!(tx.on(), (i64,), queries::USER_CHANGE_PASSWORD, new, visit.now, user_id, old)?;
    let (epoch,) = changed.ok_or(Failure::new(Code::Conflict))?;
    let session_id = renew_in(&mut tx, handle, visit.now).await?;
    let event = asked.event(Action::SessionEnded);
    let ended = end_others_in(&mut tx, event, identity, EndReason::PasswordChanged).await?;
    execute!(tx.on(), queries::LINKS_END_OF_USER, visit.now, user_id)?;
    lockout::succeeded(&mut tx, &proof.charged).await?;
    let event = asked.event(Action::PasswordChanged).of(user_id).in_session(handle);
    event.with("ended", ended).write(&mut tx).await?;
    tx.commit().await?;

    let claim = SessionClaim { session_id: session_id.into(), ..identity.claim.clone() };
    let cookie = session_cookie(panel, &claim, session, visit.now);
    asked.set_cookies([
        cookie.ok_or_else(|| internal("a session cookie was not sealed"))?,
        device_cookie::fresh(panel, user_id, epoch, visit.now),
    ]);
    if visit.is_form_post() {
        asked.set_cookies(pages::count_cookie(panel, ended));
    }
    Ok(EndedSessions { ended })
}

async fn judge(asked: &Asked, new: &NewPassword<'_>) -> Result<String> {
    new.hash(asked.panel.hasher.reserve()?).await
}

/// What can be said without looking anything up or taking time; nothing is
/// charged for it.
fn check(asked: &Asked, wanted: &PasswordChange, new: &NewPassword<'_>) -> Result<()> {
    let lang = asked.visit.lang();
    let current = &wanted.current_password;
    if current.is_empty() {
        return Err(Failure::field("currentPassword", Text::FieldCurrentPasswordMissing.to(lang)));
    }
    if password::length(current) > password::MAX_LENGTH {
        let max = password::MAX_LENGTH.to_string();
        return Err(Failure::field("currentPassword", Text::FieldPasswordTooLong.with(lang, &[("max", &max)])));
    }
    new.check()?;
    if normalise(new.password) == normalise(current) {
        return Err(Failure::field("newPassword", Text::FieldPasswordSame.to(lang)));
    }
    Ok(())
}

//! Changing one's own password.

use crate::model::account::{EndedSessions, PasswordChange};
use crate::model::code::Code;
use crate::model::password::{self, normalise};
use crate::model::session::EndReason;
use crate::model::text::Text;
use crate::server::audit::Action;
use crate::server::context::RequestContext;
use crate::server::db::{links, users};
use crate::server::error::{Error, Problem, Result};
use crate::server::flash::count_cookie;
use crate::server::lockout::ChargedAttempt;
use crate::server::passwords::NewPassword;
use crate::server::sessions::cookie::{SessionClaim, session_cookie};
use crate::server::sessions::end::end_others_in;
use crate::server::sessions::rotate::replace_id_in;
use crate::server::users::{of_session, verify_again};
use crate::server::{device_cookie, lockout};

/// Changes the caller's password. Ends the user's other sessions and one-time links, and
/// invalidates the device cookies of other browsers. The current session gets a new id.
/// Checking the current password counts towards lockout like a sign-in.
///
/// # Errors
/// `validation_failed` naming the field, `account_locked`, `too_many_requests`, `conflict` if
/// the password was changed meanwhile, `unavailable`.
pub async fn change_password(context: &RequestContext, wanted: &PasswordChange) -> Result<EndedSessions> {
    let identity = context.require_user()?;
    let (panel, session) = (&context.panel, &identity.session);
    let user = of_session(&panel.db, &session.user.id).await?;
    let new_password = NewPassword {
        password: &wanted.new_password,
        min_length: session.policy.password_min_length,
        name: &user.name,
        local_part: user.email.split('@').next().unwrap_or_default(),
        field: "newPassword",
    };
    check(wanted, &new_password)?;

    // The attempt is charged before the new password is evaluated, which is expensive.
    let proof = verify_again(&context.panel, &context.info, &user, &wanted.current_password, "currentPassword").await?;
    let hash = match judge(context, &new_password).await {
        Ok(hash) => hash,
        Err(error) => {
            // The new password was refused, but the current one was right.
            let mut tx = panel.db.begin().await?;
            lockout::succeeded(&mut tx, &proof.charged).await?;
            tx.commit().await?;
            return Err(error);
        }
    };

    store(context, &hash, &proof.password_hash, Some(&proof.charged)).await
}

/// Stores a new password in place of the one that was verified, with all that follows from it.
///
/// # Errors
/// `conflict` if the password was changed meanwhile; `unavailable`.
pub(super) async fn store(
    context: &RequestContext,
    new: &str,
    old: &str,
    charged: Option<&ChargedAttempt>,
) -> Result<EndedSessions> {
    let identity = context.require_user()?;
    let (panel, info, session) = (&context.panel, &context.info, &identity.session);
    let (user_id, handle) = (session.user.id.as_str(), session.handle.as_str());
    let mut tx = panel.db.begin().await?;
    // Locks the user's row first, as a sign-in does. A parallel sign-in with the old password
    // is then either committed, and its session ends below, or it finds a different hash.
    let changed = users::change_password(tx.on(), new, info.now, user_id, old).await?;
    let (epoch,) = changed.ok_or(Error::from(Code::Conflict))?;
    let session_id = replace_id_in(&mut tx, handle, info.now).await?;
    let event = context.event(Action::SessionEnded);
    let ended = end_others_in(&mut tx, event, identity, EndReason::PasswordChanged).await?;
    links::end_of_user(tx.on(), info.now, user_id).await?;
    if let Some(charged) = charged {
        lockout::succeeded(&mut tx, charged).await?;
    }
    let event = context.event(Action::PasswordChanged).of(user_id).in_session(handle);
    event.with("ended", ended).write(&mut tx).await?;
    tx.commit().await?;

    let claim = SessionClaim { session_id: session_id.into(), ..identity.claim.clone() };
    context.set_cookies([
        session_cookie(panel, &claim, session, info.now)?,
        device_cookie::new_device_cookie(panel, user_id, epoch, info.now),
    ])?;
    if info.is_form() {
        context.set_cookies(count_cookie(panel, ended))?;
    }
    Ok(EndedSessions { ended })
}

async fn judge(context: &RequestContext, new: &NewPassword<'_>) -> Result<String> {
    new.hash(context.panel.hasher.reserve()?).await
}

/// The checks that need no query and little time. They run before anything is charged.
fn check(wanted: &PasswordChange, new: &NewPassword<'_>) -> Result<()> {
    let current = &wanted.current_password;
    if current.is_empty() {
        return Err(Error::field("currentPassword", Text::FieldCurrentPasswordMissing));
    }
    if password::length(current) > password::MAX_LENGTH {
        return Err(Error::field("currentPassword", Problem::TooLong { max: password::MAX_LENGTH }));
    }
    new.check()?;
    if normalise(new.password) == normalise(current) {
        return Err(Error::field("newPassword", Text::FieldPasswordSame));
    }
    Ok(())
}

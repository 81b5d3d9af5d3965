//! Recent sign-in: proving the password again for a dangerous act.

use http::HeaderValue;

use super::super::audit::Action;
use super::super::cookie::SessionClaim;
use super::super::error::{Result, internal};
use super::super::identity::session_cookie;
use super::super::lockout;
use super::super::request::Asked;
use super::super::users::reprove;
use super::rotate::renew_in;

/// Renews the proof of the session that asks, and gives it a new id: who has a
/// copy of the old one does not take part (ASVS 5.0, 7.2.4). Says the cookie.
///
/// # Errors
/// `validation_failed` for a wrong password, which counts towards lockout;
/// `account_locked`, `unauthenticated`, `unavailable`.
pub async fn confirm(asked: &Asked, password: &str) -> Result<HeaderValue> {
    let identity = asked.require_user()?;
    let proof = reprove(asked, identity, password, "password").await?;
    let (session, now) = (&identity.session, asked.visit.now);
    let mut tx = asked.panel.db.begin().await?;
    let session_id = renew_in(&mut tx, &session.handle, now).await?;
    lockout::succeeded(&mut tx, &proof.charged).await?;
    let event = asked.event(Action::Confirmed).in_session(&session.handle);
    event.of(&session.user.id).write(&mut tx).await?;
    tx.commit().await?;
    let claim = SessionClaim { session_id: session_id.into(), ..identity.claim.clone() };
    session_cookie(&asked.panel, &claim, session, now).ok_or_else(|| internal("a session cookie was not sealed"))
}

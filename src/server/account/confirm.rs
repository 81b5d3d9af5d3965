//! Recent sign-in: proving the password again before a sensitive operation.

use http::HeaderValue;

use crate::server::audit::Action;
use crate::server::context::RequestContext;
use crate::server::error::Result;
use crate::server::lockout;
use crate::server::sessions::cookie::{SessionClaim, session_cookie};
use crate::server::sessions::rotate::replace_id_in;
use crate::server::users::{of_session, verify_again};

/// Renews the session's password proof and gives the session a new id, which invalidates copies
/// of the old one (ASVS 5.0, 7.2.4). Returns the cookie.
///
/// # Errors
/// `validation_failed` for a wrong password, which counts towards lockout; `account_locked`,
/// `unauthenticated`, `unavailable`.
pub async fn confirm(context: &RequestContext, password: &str) -> Result<HeaderValue> {
    let identity = context.require_user()?;
    let user = of_session(&context.panel.db, &identity.session.user.id).await?;
    let proof = verify_again(&context.panel, &context.info, &user, password, "password").await?;
    let (session, now) = (&identity.session, context.info.now);
    let mut tx = context.panel.db.begin().await?;
    let session_id = replace_id_in(&mut tx, &session.handle, now).await?;
    lockout::succeeded(&mut tx, &proof.charged).await?;
    let event = context.event(Action::Confirmed).in_session(&session.handle);
    event.of(&session.user.id).write(&mut tx).await?;
    tx.commit().await?;
    let claim = SessionClaim { session_id: session_id.into(), ..identity.claim.clone() };
    session_cookie(&context.panel, &claim, session, now)
}

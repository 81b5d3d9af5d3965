//! Signing in and out.

use leptos::prelude::*;
use leptos::server_fn::codec::Post;

use crate::model::account::{Choice, Confirmation, Credentials, SignedIn};
use crate::model::codec::{Envelope, FormOrJson};
use crate::model::failure::Failure;
use crate::model::session::SessionStatus;

/// `POST /api/auth/login`: verifies the password and starts a session, which replaces the
/// browser's current one.
///
/// # Errors
/// `missing_credentials`, `invalid_credentials`, `account_inactive`, `account_locked`,
/// `too_many_requests`, `validation_failed`, `unavailable`; `session_limit` with the sessions
/// to choose from, if the caller asked for it.
#[server(prefix = "/api", endpoint = "auth/login", input = Post<FormOrJson>, output = Post<Envelope>)]
pub async fn login(credentials: Credentials) -> Result<SignedIn, Failure> {
    use crate::server::http::refusal::answer;
    use crate::server::{sessions, users};
    answer(async |context| {
        let (panel, info, before) = (&context.panel, &context.info, context.identity.as_deref());
        let proven = users::authenticate(panel, info, &credentials).await?;
        let at_limit = sessions::AtLimit::for_sign_in(credentials.ask_at_limit);
        let started = sessions::start(panel, info, before, proven, credentials.remember_me, at_limit).await?;
        context.set_cookies(started.cookies)?;
        Ok(started.signed_in)
    })
    .await
}

/// `POST /api/auth/login/choose`: ends the chosen session and signs in, after a sign-in that
/// reached the session limit.
///
/// # Errors
/// `validation_failed` for a used, expired or unknown ticket, `not_found` for another user's
/// session, `account_inactive`, `unavailable`; `session_limit` again if the chosen session has
/// ended and the limit is still reached.
#[server(prefix = "/api", endpoint = "auth/login/choose", input = Post<FormOrJson>, output = Post<Envelope>)]
pub async fn choose(choice: Choice) -> Result<SignedIn, Failure> {
    use crate::server::http::refusal::answer;
    use crate::server::sessions;
    answer(async |context| {
        let before = context.identity.as_deref();
        let started = sessions::choose(&context.panel, &context.info, before, &choice).await?;
        context.set_cookies(started.cookies)?;
        Ok(started.signed_in)
    })
    .await
}

/// `POST /api/auth/logout`: ends the session, if there is one, and always clears the browser's
/// cookies.
///
/// # Errors
/// `unavailable` if the database is down; the end is then kept and written later.
#[server(prefix = "/api", endpoint = "auth/logout", input = Post<FormOrJson>, output = Post<Envelope>)]
pub async fn logout() -> Result<(), Failure> {
    use crate::server::http::refusal::answer;
    use crate::server::sessions;
    answer(async |context| sessions::sign_out(&context.panel, &context.info, context.identity.as_deref()).await).await
}

/// `POST /api/auth/extend`: extends the session. The layer around it records the activity, as
/// for every mutation. The response contains the new expiry.
///
/// # Errors
/// `unauthenticated`.
#[server(prefix = "/api", endpoint = "auth/extend", input = Post<FormOrJson>, output = Post<Envelope>)]
pub async fn extend() -> Result<SessionStatus, Failure> {
    use crate::server::http::refusal::answer;
    answer(async |context| Ok(context.require_user()?.session.status(context.info.now).owned())).await
}

/// `POST /api/auth/confirm`: verifies the password again, for operations that need a recent
/// sign-in.
///
/// # Errors
/// `validation_failed` with `fields.password`, `account_locked`, `unauthenticated`.
#[server(prefix = "/api", endpoint = "auth/confirm", input = Post<FormOrJson>, output = Post<Envelope>)]
pub async fn confirm(confirmation: Confirmation) -> Result<(), Failure> {
    use crate::server::account::confirm::confirm;
    use crate::server::http::refusal::answer;
    answer(async |context| {
        let cookie = confirm(context, &confirmation.password).await?;
        context.set_cookies([cookie])
    })
    .await
}

//! Signing in and out.

use leptos::prelude::*;
use leptos::server_fn::codec::Post;

use crate::model::account::{Choice, Confirmation, Credentials, SignedIn};
use crate::model::codec::{Envelope, FormOrJson};
use crate::model::failure::Failure;
use crate::model::session::SessionStatus;

/// `POST /api/auth/login`: proves the password and starts a session, which
/// replaces the one the browser came with.
///
/// # Errors
/// `missing_credentials`, `invalid_credentials`, `account_inactive`,
/// `account_locked`, `too_many_requests`, `validation_failed`, `unavailable`;
/// `session_limit` with what to choose from, for a caller that wants to be asked.
#[server(prefix = "/api", endpoint = "auth/login", input = Post<FormOrJson>, output = Post<Envelope>)]
pub async fn login(credentials: Credentials) -> Result<SignedIn, Failure> {
    use crate::server::http::refusal::answer;
    use crate::server::{sessions, users};
    answer(async |context| {
        let (panel, info, before) = (&context.panel, &context.info, context.identity.as_deref());
        let proven = users::authenticate(panel, info, &credentials).await?;
        let at_limit = sessions::AtLimit::of_wish(credentials.ask_at_limit);
        let started = sessions::start(panel, info, before, proven, credentials.remember_me, at_limit).await?;
        context.set_cookies(started.cookies)?;
        Ok(started.signed_in)
    })
    .await
}

/// `POST /api/auth/login/choose`: ends the chosen session and signs in, for
/// somebody who has met the session limit with a right password.
///
/// # Errors
/// `validation_failed` for a ticket that is spent, old or never was, `not_found`
/// for somebody else's session, `account_inactive`, `unavailable`;
/// `session_limit` again where the chosen one has ended and others took its place.
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

/// `POST /api/auth/logout`: ends the session, if there is one, and clears the
/// browser's cookies either way.
///
/// # Errors
/// `unavailable` with the database away; the end is kept and written later.
#[server(prefix = "/api", endpoint = "auth/logout", input = Post<FormOrJson>, output = Post<Envelope>)]
pub async fn logout() -> Result<(), Failure> {
    use crate::server::http::refusal::answer;
    use crate::server::sessions;
    answer(async |context| sessions::sign_out(&context.panel, &context.info, context.identity.as_deref()).await).await
}

/// `POST /api/auth/extend`: somebody is there. The layer around notes it, as
/// for every mutation; the answer says when the session ends now.
///
/// # Errors
/// `unauthenticated`.
#[server(prefix = "/api", endpoint = "auth/extend", input = Post<FormOrJson>, output = Post<Envelope>)]
pub async fn extend() -> Result<SessionStatus, Failure> {
    use crate::server::http::refusal::answer;
    answer(async |context| Ok(context.require_user()?.session.status(context.info.now))).await
}

/// `POST /api/auth/confirm`: proves the password again, for what needs a recent sign-in.
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

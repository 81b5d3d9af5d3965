//! The user's own account: set-up, activation, sessions, password and profile.

use leptos::prelude::*;
use leptos::server_fn::codec::Post;

use crate::model::account::{
    Activation, EndedSessions, FirstAdministrator, PasswordChange, Ready, RequiredPassword, SessionHandle,
};
use crate::model::codec::{Envelope, FormOrJson};
use crate::model::failure::Failure;
use crate::model::profile::ProfileChange;
use crate::model::user::User;

/// `POST /api/setup`: creates the first administrator with the set-up link.
///
/// # Errors
/// `validation_failed`, also for a used, expired or unknown link.
#[server(prefix = "/api", endpoint = "setup", input = Post<FormOrJson>, output = Post<Envelope>)]
pub async fn setup(administrator: FirstAdministrator) -> Result<Ready, Failure> {
    use crate::server::http::refusal::answer;
    use crate::server::links;
    answer(async |context| links::set_up(context, &administrator).await).await
}

/// `POST /api/activate`: sets the first password with an activation link.
///
/// # Errors
/// `validation_failed`, also for a used, expired or unknown link.
#[server(prefix = "/api", endpoint = "activate", input = Post<FormOrJson>, output = Post<Envelope>)]
pub async fn activate(activation: Activation) -> Result<Ready, Failure> {
    use crate::server::http::refusal::answer;
    use crate::server::links;
    answer(async |context| links::activate(context, &activation).await).await
}

/// `POST /api/account/sessions/end`: ends one of the caller's sessions.
///
/// # Errors
/// `not_found` for a handle that is not the caller's.
#[server(prefix = "/api", endpoint = "account/sessions/end", input = Post<FormOrJson>, output = Post<Envelope>)]
pub async fn end_session(choice: SessionHandle) -> Result<EndedSessions, Failure> {
    use crate::server::account::sessions::end_one;
    use crate::server::http::refusal::answer;
    answer(async |context| end_one(context, &choice.handle).await).await
}

/// `POST /api/account/sessions/end-others`: ends the caller's sessions except the current one.
///
/// # Errors
/// `unauthenticated`, `unavailable`.
#[server(prefix = "/api", endpoint = "account/sessions/end-others", input = Post<FormOrJson>, output = Post<Envelope>)]
pub async fn end_other_sessions() -> Result<EndedSessions, Failure> {
    use crate::server::account::sessions::end_others;
    use crate::server::http::refusal::answer;
    answer(async |context| end_others(context).await).await
}

/// `POST /api/account/sessions/end-all`: ends all of the caller's sessions and clears this
/// browser's cookies, because a form without WASM can't send a second request.
///
/// # Errors
/// `unauthenticated`, `unavailable`.
#[server(prefix = "/api", endpoint = "account/sessions/end-all", input = Post<FormOrJson>, output = Post<Envelope>)]
pub async fn end_all_sessions() -> Result<EndedSessions, Failure> {
    use crate::server::account::sessions::end_all;
    use crate::server::http::refusal::answer;
    answer(async |context| end_all(context).await).await
}

/// `POST /api/account/password`: changes the caller's password and ends their other sessions.
///
/// # Errors
/// `validation_failed`, `account_locked`, `too_many_requests`, `conflict`, `unavailable`.
#[server(prefix = "/api", endpoint = "account/password", input = Post<FormOrJson>, output = Post<Envelope>)]
pub async fn change_password(change: PasswordChange) -> Result<EndedSessions, Failure> {
    use crate::server::account::password::change_password;
    use crate::server::http::refusal::answer;
    answer(async |context| change_password(context, &change).await).await
}

/// `POST /api/account/new-password`: the new password that an administrator requires.
///
/// # Errors
/// `forbidden` if none is required, `reauth_required`, `validation_failed`, `conflict`,
/// `unavailable`.
#[server(prefix = "/api", endpoint = "account/new-password", input = Post<FormOrJson>, output = Post<Envelope>)]
pub async fn set_new_password(password: RequiredPassword) -> Result<EndedSessions, Failure> {
    use crate::server::account::new_password::set_new_password;
    use crate::server::http::refusal::answer;
    answer(async |context| set_new_password(context, &password.new_password).await).await
}

/// `POST /api/account/profile`: changes the given fields, all or none.
///
/// # Errors
/// `validation_failed`, `reauth_required` for another email, `unavailable`.
#[server(prefix = "/api", endpoint = "account/profile", input = Post<FormOrJson>, output = Post<Envelope>)]
pub async fn change_profile(change: ProfileChange) -> Result<User, Failure> {
    use crate::server::account::profile;
    use crate::server::http::refusal::answer;
    answer(async |context| profile::change(context, &change).await).await
}

/// `POST /api/account/picture/remove`: removes the picture. Uploads go to `POST
/// /api/account/picture`, which is multipart and therefore not a server function.
///
/// # Errors
/// `unavailable`.
#[server(prefix = "/api", endpoint = "account/picture/remove", input = Post<FormOrJson>, output = Post<Envelope>)]
pub async fn remove_picture() -> Result<User, Failure> {
    use crate::server::account::picture;
    use crate::server::http::refusal::answer;
    answer(async |context| picture::remove(context).await).await
}

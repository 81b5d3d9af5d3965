//! A person's own account: first set-up, activation, and what one changes of oneself.

use leptos::prelude::*;
use leptos::server_fn::codec::Post;

use super::client::PanelClient;
use crate::model::account::{Activation, FirstAdministrator, Ready};
use crate::model::codec::{Envelope, FormOrJson};
use crate::model::failure::Failure;
use crate::model::profile::ProfileChange;
use crate::model::user::User;

/// `POST /api/setup`: spends the set-up link and makes the first administrator.
///
/// # Errors
/// `validation_failed`, also for a link that is spent, old or never was.
#[server(prefix = "/api", endpoint = "setup", input = Post<FormOrJson>, output = Post<Envelope>, client = PanelClient)]
pub async fn setup(administrator: FirstAdministrator) -> Result<Ready, Failure> {
    use crate::server::{links, request::Asked};
    links::set_up(&Asked::here()?, &administrator).await
}

/// `POST /api/activate`: spends an activation link and sets the first password.
///
/// # Errors
/// `validation_failed`, also for a link that is spent, old or never was.
#[server(prefix = "/api", endpoint = "activate", input = Post<FormOrJson>, output = Post<Envelope>, client = PanelClient)]
pub async fn activate(activation: Activation) -> Result<Ready, Failure> {
    use crate::server::{links, request::Asked};
    links::activate(&Asked::here()?, &activation).await
}

/// `POST /api/account/profile`: changes the fields that are given, all or none.
///
/// # Errors
/// `validation_failed`, `reauth_required` for another email, `unavailable`.
#[server(prefix = "/api", endpoint = "account/profile", input = Post<FormOrJson>, output = Post<Envelope>, client = PanelClient)]
pub async fn change_profile(change: ProfileChange) -> Result<User, Failure> {
    use crate::server::{profile, request::Asked};
    profile::change(&Asked::here()?, &change).await
}

/// `POST /api/account/picture/remove`: back to the initials. A picture comes in
/// by `POST /api/account/picture`, multipart, which no server function reads.
///
/// # Errors
/// `unavailable`.
#[server(prefix = "/api", endpoint = "account/picture/remove", input = Post<FormOrJson>, output = Post<Envelope>, client = PanelClient)]
pub async fn remove_picture() -> Result<User, Failure> {
    use crate::server::{picture, request::Asked};
    picture::remove(&Asked::here()?).await
}

//! A person's own account: first set-up and activation.

use leptos::prelude::*;
use leptos::server_fn::codec::Post;

use super::client::PanelClient;
use crate::model::account::{Activation, FirstAdministrator, Ready};
use crate::model::codec::{Envelope, FormOrJson};
use crate::model::failure::Failure;

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

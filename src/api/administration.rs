//! The administrator's acts.

use leptos::prelude::*;
use leptos::server_fn::codec::Post;

use crate::model::codec::{Envelope, FormOrJson};
use crate::model::failure::Failure;
use crate::model::settings::{PolicyForm, PolicyPreview};

/// `POST /api/settings/policy`: saves the policy.
///
/// # Errors
/// `validation_failed`, `conflict`, `reauth_required`, `unavailable`.
#[server(prefix = "/api", endpoint = "settings/policy", input = Post<FormOrJson>, output = Post<Envelope>)]
pub async fn save_policy(policy: PolicyForm) -> Result<PolicyForm, Failure> {
    use crate::server::administration::policy::change;
    use crate::server::http::refusal::answer;
    answer(async |context| change(context, &policy).await).await
}

/// `POST /api/settings/policy/preview`: how many sessions saving would end.
///
/// # Errors
/// `validation_failed`, `reauth_required`, `unavailable`.
#[server(prefix = "/api", endpoint = "settings/policy/preview", input = Post<FormOrJson>, output = Post<Envelope>)]
pub async fn preview_policy(policy: PolicyForm) -> Result<PolicyPreview, Failure> {
    use crate::server::administration::policy::preview;
    use crate::server::http::refusal::answer;
    answer(async |context| preview(context, &policy).await).await
}

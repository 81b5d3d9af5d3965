//! Language and theme, chosen on any page.

use leptos::prelude::*;
use leptos::server_fn::codec::Post;

use crate::model::codec::{Envelope, FormOrJson};
use crate::model::failure::Failure;
use crate::model::preference::{PreferenceChange, Preferences};

/// `POST /api/preferences`: for this browser, and for the signed-in user.
///
/// # Errors
/// `validation_failed`, `unavailable`.
#[server(prefix = "/api", endpoint = "preferences", input = Post<FormOrJson>, output = Post<Envelope>)]
pub async fn choose_preferences(change: PreferenceChange) -> Result<Preferences, Failure> {
    use crate::server::account::preferences::choose;
    use crate::server::http::refusal::answer;
    answer(async |context| choose(context, &change).await).await
}

//! A person's picture, or the initials where there is none.

use leptos::prelude::*;

use crate::model::user::User;

/// Decoration beside a name that says the same, so hidden from screen readers.
#[component]
pub fn Avatar(
    /// Nobody has neither.
    user: Option<User>,
) -> impl IntoView {
    match user.as_ref().and_then(|user| user.avatar.clone()) {
        Some(picture) => view! { <img class="avatar" src=picture alt=""/> }.into_any(),
        None => view! { <span class="avatar" aria-hidden="true">{user.map(|user| user.initials())}</span> }.into_any(),
    }
}

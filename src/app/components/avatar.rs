//! A user's picture, or their initials without one.

use leptos::prelude::*;

use crate::model::user::User;

/// Decorative, because the name is beside it; hidden from screen readers.
#[component]
pub fn Avatar(
    /// `None` renders an empty avatar.
    user: Option<User>,
) -> impl IntoView {
    match user.as_ref().and_then(|user| user.avatar.clone()) {
        Some(picture) => view! { <img class="avatar" src=picture alt=""/> }.into_any(),
        None => view! { <span class="avatar" aria-hidden="true">{user.map(|user| user.initials())}</span> }.into_any(),
    }
}

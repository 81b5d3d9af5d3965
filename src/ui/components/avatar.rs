//! A person's picture, or the initials where there is none.

use leptos::prelude::*;

use crate::model::user::User;

/// Decoration beside a name that says the same, so hidden from screen readers.
#[component]
pub fn Avatar(user: User) -> impl IntoView {
    match user.avatar {
        Some(picture) => view! { <img class="avatar" src=picture alt=""/> }.into_any(),
        None => view! { <span class="avatar" aria-hidden="true">{user.initials()}</span> }.into_any(),
    }
}

//! The user and their permissions.

use leptos::prelude::*;

use crate::app::components::avatar::Avatar;
use crate::model::permission::Permission;
use crate::model::text::Text;
use crate::model::user::User;
use crate::model::words;
use crate::ui::page::t;

/// Name, email and role.
#[component]
pub fn Person(
    user: User,
    /// The role's label.
    role: String,
) -> impl IntoView {
    let email = user.shown_email();
    view! {
        <section class="panel panel-person" aria-labelledby="person-title">
            <h2 id="person-title">{t(Text::PersonTitle)}</h2>
            <div class="person-card">
                <Avatar user=Some(user.clone())/>
                <div>
                    <p class="person-card-name">{user.name}</p>
                    <p class="person-card-email">{email}</p>
                    <p><span class="badge">{role}</span></p>
                </div>
            </div>
        </section>
    }
}

/// The permissions in words, by kind.
#[component]
pub fn Permissions(permissions: Vec<String>) -> impl IntoView {
    let permissions: Vec<Permission> = permissions.iter().filter_map(|name| Permission::from_name(name)).collect();
    let group = |title: Text, administers: bool| {
        let of_kind = permissions.iter().filter(|permission| permission.administers() == administers);
        let words: Vec<Text> = of_kind.map(|permission| words::permission(*permission)).collect();
        (!words.is_empty()).then(|| {
            view! {
                <h3>{t(title)}</h3>
                <ul class="chips">
                    {words.into_iter().map(|word| view! { <li class="chip">{t(word)}</li> }).collect_view()}
                </ul>
            }
        })
    };
    let administration = group(Text::PermissionsAdministration, true);
    let areas = group(Text::PermissionsAreas, false);
    let none = administration.is_none() && areas.is_none();
    view! {
        <section class="panel" aria-labelledby="permissions-title">
            <h2 id="permissions-title">{t(Text::PermissionsTitle)}</h2>
            {administration}
            {areas}
            {none.then(|| view! { <p class="muted">{t(Text::PermissionsNone)}</p> })}
        </section>
    }
}

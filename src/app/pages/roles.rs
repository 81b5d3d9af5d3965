//! `/roles`: the roles as a grid of permissions, changing one, and what a change would do.

mod edit;
mod grid;

use leptos::prelude::*;
use leptos_meta::Title;

use crate::app::components::outcome::Outcome;
use crate::app::request::{error, flash, form_of, page_data, query};
use crate::model::code::Code;
use crate::model::forms::SAVE_ROLE;
use crate::model::page::PageData;
use crate::model::permission::Permissions;
use crate::model::roles::RolesPage as Roles;
use crate::model::text::Text;
use crate::ui::components::form::FormAlert;
use crate::ui::page::t;
pub use edit::Changes;
use edit::{Delete, Draft, Review};
use grid::Grid;

/// Every role, and the one that is being changed.
#[component]
pub fn RolesPage() -> impl IntoView {
    let PageData::Roles(page) = page_data() else { return ().into_any() };
    let Roles { roles, grantable, edited, review, refused, outcome } = *page;
    let state = form_of(SAVE_ROLE.action);
    let saved = query("saved").as_deref() == Some("role") && !state.is_refused();
    let conflict = error() == Some(Code::Conflict) && flash().form == SAVE_ROLE.action;
    let rights = Permissions::of(&grantable);
    let stored = edited.as_ref().and_then(|edited| roles.iter().find(|role| role.name == edited.name)).cloned();
    let work = match (review, edited) {
        (Some(review), _) => view! { <Review review stored=stored.clone()/> }.into_any(),
        (None, Some(edited)) => view! { <Draft edited stored=stored.clone() grantable refused/> }.into_any(),
        (None, None) => ().into_any(),
    };
    let delete = stored.filter(|role| !role.shipped && role.is_within(rights)).map(|role| view! { <Delete role/> });
    view! {
        <Title text=t(Text::RolesTitle)/>
        <div class="page" data-live="user-changed">
            <div class="page-head">
                <div>
                    <h1>{t(Text::RolesTitle)}</h1>
                    <p class="lead">{t(Text::RolesLead)}</p>
                </div>
                <a class="button button-primary" href="/roles?new=true#role">{t(Text::RolesNew)}</a>
            </div>
            <div class="desk">
                <div role="status" data-notice="role">
                    {saved.then(|| view! { <p class="notice notice-success">{t(Text::RolesSaved)}</p> })}
                </div>
                {conflict.then(|| view! { <p class="notice notice-warning">{t(Text::RolesConflict)}</p> })}
                {(!conflict).then(|| view! { <FormAlert state/> })}
                <Outcome outcome/>
                {work}
                {delete}
                <Grid roles rights/>
            </div>
        </div>
    }
    .into_any()
}

//! Changing a role: the draft, which only asks; what it would do; and saving.

use std::collections::BTreeMap;

use leptos::prelude::*;

use crate::app::components::filter::address;
use crate::app::request::form_of;
use crate::model::code::Code;
use crate::model::failure::Failure;
use crate::model::form::REDIRECT_FIELD;
use crate::model::forms::{DELETE_ROLES, SAVE_ROLE};
use crate::model::permission::Permission;
use crate::model::roles::{RoleItem, RoleReview};
use crate::model::text::{self, Text};
use crate::model::words;
use crate::ui::components::field::TextField;
use crate::ui::components::form::{CsrfField, FormAlert, FormState, PostForm, SubmitButton};
use crate::ui::page::{lang, t};

/// The fields. The form only leads to the review: its address carries the change.
#[component]
pub fn Draft(
    edited: RoleItem,
    /// The role as it is; `None` for a new one.
    stored: Option<RoleItem>,
    grantable: Vec<Permission>,
    /// The fields that keep it from being reviewed, with what is wrong.
    refused: Option<BTreeMap<String, String>>,
) -> impl IntoView {
    let typed = BTreeMap::from([("label".to_owned(), edited.label.clone()), ("name".to_owned(), edited.name.clone())]);
    let failure = refused.map(|fields| Failure { fields: Some(fields), ..Failure::new(Code::ValidationFailed) });
    let state = FormState::new("/role", failure, typed);
    let is_new = edited.version == 0;
    let title = match &stored {
        Some(role) if !is_new => text::roles_edit_title(lang(), &role.label),
        _ => t(Text::RolesNewTitle).to_owned(),
    };
    let boxes = grantable.into_iter().map(|permission| {
        view! {
            <label class="check">
                <input type="checkbox" name="permissions" value=permission.name() checked=edited.permissions.contains(&permission)/>
                <span>
                    {t(words::permission(permission))}
                    <span class="table-email">{t(words::about_permission(permission))}</span>
                </span>
            </label>
        }
    });
    view! {
        <section class="panel form-panel" id="role" aria-labelledby="role-title">
            <h2 id="role-title" tabindex="-1">{title}</h2>
            <form class="form" method="get" action="/roles#role">
                <FormAlert state/>
                <input type="hidden" name="review" value="true"/>
                <input type="hidden" name="version" value=edited.version/>
                <TextField state name="label" label=Text::RolesLabel autocomplete="off" hint=Text::RolesLabelHint value=edited.label autofocus=false/>
                {match is_new {
                    true => view! {
                        <TextField state name="name" label=Text::RolesName autocomplete="off" hint=Text::RolesNameHint value=edited.name optional=true autofocus=false/>
                    }
                    .into_any(),
                    false => view! { <input type="hidden" name="name" value=edited.name/> }.into_any(),
                }}
                <fieldset class="grants">
                    <legend class="field-label">{t(Text::RolesPermissions)}</legend>
                    {boxes.collect_view()}
                </fieldset>
                <p class="actions">
                    <button class="button button-primary" type="submit">{t(Text::RolesReview)}</button>
                    <a class="button button-quiet" href="/roles">{t(Text::PersonReviewBack)}</a>
                </p>
            </form>
        </section>
    }
}

/// Who gains and who loses what, and the button that saves it.
#[component]
pub fn Review(review: RoleReview, stored: Option<RoleItem>) -> impl IntoView {
    let RoleReview { change, people, gained, lost } = review;
    let same = gained.is_empty() && lost.is_empty();
    let affected = match people {
        0 => t(Text::RolesNobody).to_owned(),
        people => text::roles_affected(lang(), people),
    };
    let permissions = change.permissions.iter().map(|name| (name.clone(), "permissions"));
    let hidden: Vec<_> = permissions
        .chain([
            (String::new(), "permissions"),
            (change.name.clone(), "name"),
            (change.label.clone(), "label"),
            (change.version.to_string(), "version"),
        ])
        .map(|(value, name)| view! { <input type="hidden" name=name value=value/> })
        .collect();
    let back = match stored {
        Some(role) if change.version != 0 => address("/roles", [("edit", role.name.as_str())]),
        _ => "/roles?new=true".to_owned(),
    };
    let title = if change.label.is_empty() { change.name } else { change.label };
    view! {
        <section class="panel form-panel" id="role" aria-labelledby="role-title">
            <h2 id="role-title" tabindex="-1">{t(Text::RolesReviewTitle)} ": " {title}</h2>
            <p>{affected}</p>
            <Changes permissions=gained title=t(Text::RolesGain).to_owned()/>
            <Changes permissions=lost title=t(Text::RolesLose).to_owned()/>
            {(same && people > 0).then(|| view! { <p>{t(Text::RolesSame)}</p> })}
            <form class="form" method="post" action=SAVE_ROLE.action data-form="" data-conflict="page">
                <FormAlert state=FormState::new(SAVE_ROLE.action, None, BTreeMap::new())/>
                <CsrfField/>
                <input type="hidden" name=REDIRECT_FIELD value="/roles?saved=role#roles"/>
                {hidden}
                <p class="actions">
                    <SubmitButton label=Text::RolesSave busy_label=Text::Saving class="button button-primary"/>
                    <a class="button button-quiet" href=format!("{back}#role")>{t(Text::RolesBack)}</a>
                </p>
            </form>
        </section>
    }
}

/// Permissions that come or go, under their heading.
#[component]
pub fn Changes(permissions: Vec<Permission>, title: String) -> impl IntoView {
    let chips =
        permissions.iter().map(|permission| view! { <li class="chip">{t(words::permission(*permission))}</li> });
    let chips = chips.collect_view();
    (!permissions.is_empty()).then(|| view! { <h3>{title}</h3> <ul class="chips">{chips}</ul> })
}

/// Deleting a role that nobody has.
#[component]
pub fn Delete(role: RoleItem) -> impl IntoView {
    let state = form_of(DELETE_ROLES.action);
    let inner = match role.people {
        0 => view! {
            <p>{t(Text::RolesDeleteLead)}</p>
            <PostForm action=DELETE_ROLES.action state label=Text::RolesDelete busy_label=Text::ActWorking>
                <input type="hidden" name=REDIRECT_FIELD value="/roles#roles"/>
                <input type="hidden" name="names" value=role.name/>
            </PostForm>
        }
        .into_any(),
        _ => view! { <p class="muted">{t(Text::RolesInUse)}</p> }.into_any(),
    };
    view! { <section class="panel form-panel" id="delete-role" aria-label=t(Text::RolesDelete)>{inner}</section> }
}

//! Changing a person.

use leptos::prelude::*;

use crate::app::components::select_field::SelectField;
use crate::app::request::{error, flash, form_of, query};
use crate::model::code::Code;
use crate::model::form::REDIRECT_FIELD;
use crate::model::forms::CHANGE_PERSON;
use crate::model::people::PersonItem;
use crate::model::permission::{Permission, Permissions, ROLES};
use crate::model::text::Text;
use crate::model::words;
use crate::ui::components::field::TextField;
use crate::ui::components::form::PostForm;
use crate::ui::page::t;

/// The fields of a person.
#[component]
pub fn Edit(person: PersonItem, own: Vec<Permission>, grantable: Vec<Permission>) -> impl IntoView {
    let state = form_of(CHANGE_PERSON.action);
    let email = person.user.shown_email();
    let user = person.user;
    let rights = Permissions::of(&grantable);
    let roles = ROLES.iter().filter(|role| role.permissions.iter().all(|permission| rights.contains(permission)));
    let roles: Vec<(&str, &str)> = roles.filter_map(|role| Some((role.name, t(words::role(role.name)?)))).collect();
    let role = roles.iter().find(|(name, _)| *name == user.role).map_or("", |(name, _)| *name);
    let saved = query("saved").as_deref() == Some("person") && !state.is_refused();
    let conflict = error() == Some(Code::Conflict) && flash().form == CHANGE_PERSON.action;
    view! {
        <section class="panel" id="edit" aria-labelledby="edit-title">
            <h2 id="edit-title" tabindex="-1">{t(Text::PersonEdit)}</h2>
            <div role="status" data-notice="edit">
                {saved.then(|| view! { <p class="notice notice-success">{t(Text::PersonSaved)}</p> })}
            </div>
            {conflict.then(|| view! { <p class="notice notice-warning">{t(Text::PersonConflict)}</p> })}
            <PostForm action=CHANGE_PERSON.action state page_explains_conflict=true label=Text::PersonSave busy_label=Text::Saving>
                <input type="hidden" name=REDIRECT_FIELD value=format!("/users/{}?saved=person#edit", user.id)/>
                <input type="hidden" name="id" value=user.id/>
                <input type="hidden" name="version" value=person.version/>
                <TextField state name="name" label=Text::FieldName autocomplete="off" value=user.name autofocus=false/>
                <TextField state name="email" label=Text::FieldEmail autocomplete="off" inputmode="email" value=email autofocus=false/>
                <SelectField state name="role" label=Text::FieldRole options=roles value=role/>
                <TextField state name="phone" label=Text::FieldPhone autocomplete="off" inputmode="tel" hint=Text::FieldPhoneHint value=user.phone.unwrap_or_default() optional=true autofocus=false/>
                <TextField state name="labels" label=Text::FieldLabels autocomplete="off" hint=Text::FieldLabelsHint value=user.labels.join(", ") optional=true autofocus=false/>
                <Grants grantable own/>
            </PostForm>
        </section>
    }
}

/// The permissions that can be granted besides a role.
#[component]
pub fn Grants(grantable: Vec<Permission>, own: Vec<Permission>) -> impl IntoView {
    let boxes = grantable.into_iter().map(|permission| {
        view! {
            <label class="check">
                <input type="checkbox" name="permissions" value=permission.name() checked=own.contains(&permission)/>
                <span>{t(words::permission(permission))}</span>
            </label>
        }
    });
    view! {
        <fieldset class="grants">
            <legend class="field-label">{t(Text::FieldPermissions)}</legend>
            // With nothing ticked, a form would not send the field at all.
            <input type="hidden" name="permissions" value=""/>
            {boxes.collect_view()}
        </fieldset>
    }
}

//! Changing a person.

use std::collections::BTreeMap;

use leptos::prelude::*;

use crate::app::components::select_field::SelectField;
use crate::app::pages::roles::Changes;
use crate::app::request::{form_with_conflict, query};
use crate::model::form::REDIRECT_FIELD;
use crate::model::forms::CHANGE_PERSON;
use crate::model::people::{PersonItem, RightsReview};
use crate::model::permission::{Permission, Permissions};
use crate::model::roles::RoleChoice;
use crate::model::text::{self, Text};
use crate::model::words;
use crate::ui::components::field::TextField;
use crate::ui::components::form::{CsrfField, FormAlert, FormState, PostForm, SubmitButton};
use crate::ui::page::{lang, t};

/// The fields of a person but for their rights.
#[component]
pub fn Edit(person: PersonItem) -> impl IntoView {
    let state = form_with_conflict(CHANGE_PERSON.action);
    let email = person.user.shown_email();
    let user = person.user;
    let saved = query("saved").as_deref() == Some("person") && !state.is_refused();
    view! {
        <section class="panel" id="edit" aria-labelledby="edit-title">
            <h2 id="edit-title" tabindex="-1">{t(Text::PersonEdit)}</h2>
            <div role="status" data-notice="edit">
                {saved.then(|| view! { <p class="notice notice-success">{t(Text::PersonSaved)}</p> })}
            </div>
            <PostForm action=CHANGE_PERSON.action state page_explains_conflict=true label=Text::PersonSave busy_label=Text::Saving>
                <input type="hidden" name=REDIRECT_FIELD value=format!("/users/{}?saved=person#edit", user.id)/>
                <input type="hidden" name="id" value=user.id/>
                <input type="hidden" name="version" value=person.version/>
                <TextField state name="name" label=Text::FieldName autocomplete="off" value=user.name autofocus=false/>
                <TextField state name="email" label=Text::FieldEmail autocomplete="off" inputmode="email" value=email autofocus=false/>
                <TextField state name="phone" label=Text::FieldPhone autocomplete="off" inputmode="tel" hint=Text::FieldPhoneHint value=user.phone.unwrap_or_default() optional=true autofocus=false/>
                <TextField state name="labels" label=Text::FieldLabels autocomplete="off" hint=Text::FieldLabelsHint value=user.labels.join(", ") optional=true autofocus=false/>
            </PostForm>
        </section>
    }
}

/// The roles that a reader with these permissions may give, as options. Others would be refused.
pub fn options(roles: &[RoleChoice], grantable: &[Permission]) -> Vec<(String, String)> {
    let rights = Permissions::of(grantable);
    let within = |role: &&RoleChoice| role.permissions.iter().all(|permission| rights.contains(*permission));
    roles.iter().filter(within).map(|role| (role.name.clone(), role.label.clone())).collect()
}

/// Role and permissions. The form only leads to the review: its address carries the change.
#[component]
pub fn Rights(
    person: PersonItem,
    own: Vec<Permission>,
    roles: Vec<RoleChoice>,
    grantable: Vec<Permission>,
) -> impl IntoView {
    let state = FormState::new("/rights", None, BTreeMap::new());
    let options = options(&roles, &grantable);
    let action = format!("/users/{}#rights", person.user.id);
    view! {
        <section class="panel" id="rights" aria-labelledby="rights-edit-title">
            <h2 id="rights-edit-title">{t(Text::PersonEditRights)}</h2>
            <form class="form" method="get" action=action>
                <input type="hidden" name="review" value="rights"/>
                <SelectField state name="role" label=Text::FieldRole options value=person.user.role/>
                <Grants grantable own/>
                <button class="button button-primary" type="submit">{t(Text::PersonReview)}</button>
            </form>
        </section>
    }
}

/// What a change of rights would do, and the button that saves it.
#[component]
pub fn Review(person: PersonItem, review: RightsReview) -> impl IntoView {
    let RightsReview { role, role_label, own, gained, lost } = review;
    let user = person.user;
    let same = gained.is_empty() && lost.is_empty();
    let other_role = role != user.role;
    let own: Vec<_> = own
        .iter()
        .map(|permission| view! { <input type="hidden" name="permissions" value=permission.name()/> })
        .collect();
    let page = format!("/users/{}", user.id);
    view! {
        <section class="panel" id="rights" aria-labelledby="review-title">
            <h2 id="review-title" tabindex="-1">{t(Text::PersonReviewTitle)}</h2>
            {other_role.then(|| view! { <p>{text::person_review_role(lang(), role_label)}</p> })}
            <Changes permissions=gained title=text::person_review_gain(lang(), &user.name)/>
            <Changes permissions=lost title=text::person_review_lose(lang(), &user.name)/>
            {same.then(|| view! { <p>{text::person_review_same(lang(), &user.name)}</p> })}
            <form class="form" method="post" action=CHANGE_PERSON.action data-form="" data-conflict="page">
                <FormAlert state=FormState::new("/rights", None, BTreeMap::new())/>
                <CsrfField/>
                <input type="hidden" name=REDIRECT_FIELD value=format!("{page}?saved=person#edit")/>
                <input type="hidden" name="id" value=user.id/>
                <input type="hidden" name="version" value=person.version/>
                <input type="hidden" name="role" value=role/>
                // With no permission at all, a form would not send the field.
                <input type="hidden" name="permissions" value=""/>
                {own}
                <p class="actions">
                    <SubmitButton label=Text::PersonReviewSave busy_label=Text::Saving class="button button-primary"/>
                    <a class="button button-quiet" href=format!("{page}#rights")>{t(Text::PersonReviewBack)}</a>
                </p>
            </form>
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

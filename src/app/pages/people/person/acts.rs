//! What can be done to a person's account.

use leptos::prelude::*;

use crate::app::request::form_of;
use crate::model::form::REDIRECT_FIELD;
use crate::model::forms::{DELETE_PEOPLE, DISABLE, ENABLE, REMOVE_PICTURES, REQUIRE_PASSWORD, RESET_LINK, UNLOCK};
use crate::model::people::{PersonItem, PersonState};
use crate::model::text::Text;
use crate::ui::components::field::TextField;
use crate::ui::components::form::{CsrfField, FormAlert, PostForm, SubmitButton};
use crate::ui::page::t;

/// Every act, each a form of its own.
#[component]
pub fn Acts(person: PersonItem) -> impl IntoView {
    let id = person.user.id.clone();
    let back = format!("/users/{id}#person");
    let act = |action: &'static str, label: Text| {
        let (id, back) = (id.clone(), back.clone());
        view! { <Act action label id back/> }
    };
    let state = match person.state {
        PersonState::Disabled => view! {
            <p>{t(Text::PersonEnableLead)}</p>
            {act(ENABLE.action, Text::ActEnable)}
        }
        .into_any(),
        _ => view! { <Disable id=id.clone() back=back.clone()/> }.into_any(),
    };
    let locked = (person.state == PersonState::Locked).then(|| {
        view! {
            <p>{t(Text::PersonUnlockLead)}</p>
            {act(UNLOCK.action, Text::ActUnlock)}
        }
    });
    let link = match person.state {
        PersonState::Disabled => ().into_any(),
        PersonState::Invited => act(RESET_LINK.action, Text::ActInviteAgain).into_any(),
        _ => view! {
            <p>{t(Text::PersonResetLead)}</p>
            {act(RESET_LINK.action, Text::ActResetLink)}
        }
        .into_any(),
    };
    let require =
        matches!(person.state, PersonState::Active | PersonState::Locked).then(|| match person.password_required {
            true => {
                view! { <p><span class="badge badge-warning">{t(Text::PersonPasswordRequired)}</span></p> }.into_any()
            }
            false => view! {
                <p>{t(Text::PersonRequirePasswordLead)}</p>
                {act(REQUIRE_PASSWORD.action, Text::ActRequirePassword)}
            }
            .into_any(),
        });
    let picture = person.user.avatar.is_some().then(|| act(REMOVE_PICTURES.action, Text::ActRemovePicture));
    let delete = form_of(DELETE_PEOPLE.action);
    view! {
        <section class="panel" id="acts" aria-labelledby="acts-title">
            <h2 id="acts-title">{t(Text::PersonActs)}</h2>
            {locked}
            {link}
            {require}
            {picture}
            {state}
        </section>
        <section class="panel" id="delete" aria-labelledby="delete-title">
            <details class="fold" open=delete.is_refused()>
                <summary><h2 id="delete-title">{t(Text::PersonDeleteTitle)}</h2></summary>
                <div class="fold-body">
                    <p>{t(Text::PersonDeleteLead)}</p>
                    <PostForm action=DELETE_PEOPLE.action state=delete label=Text::ActDelete busy_label=Text::ActWorking>
                        <input type="hidden" name=REDIRECT_FIELD value="/users#people"/>
                        <input type="hidden" name="ids" value=id/>
                        <TextField state=delete name="confirmEmail" label=Text::PersonDeleteConfirm autocomplete="off" inputmode="email" autofocus=false/>
                    </PostForm>
                </div>
            </details>
        </section>
    }
}

#[component]
fn Disable(id: String, back: String) -> impl IntoView {
    let state = form_of(DISABLE.action);
    view! {
        <p>{t(Text::PersonDisableLead)}</p>
        <PostForm action=DISABLE.action state label=Text::ActDisable busy_label=Text::ActWorking>
            <input type="hidden" name=REDIRECT_FIELD value=back/>
            <input type="hidden" name="ids" value=id/>
            <TextField state name="reason" label=Text::FieldReason autocomplete="off" hint=Text::FieldReasonHint optional=true autofocus=false/>
        </PostForm>
    }
}

/// A form with one button.
#[component]
fn Act(action: &'static str, label: Text, id: String, back: String) -> impl IntoView {
    let state = form_of(action);
    view! {
        <form class="act" method="post" action=action data-form="">
            <FormAlert state/>
            <CsrfField/>
            <input type="hidden" name=REDIRECT_FIELD value=back/>
            <input type="hidden" name="ids" value=id/>
            <SubmitButton label busy_label=Text::ActWorking class="button"/>
        </form>
    }
}

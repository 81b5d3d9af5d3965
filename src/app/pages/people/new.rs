//! `/users/new`: adding a person.

use leptos::prelude::*;
use leptos_meta::Title;

use super::person::{Grants, options};
use crate::app::components::select_field::SelectField;
use crate::app::request::{form_of, page_data};
use crate::model::form::REDIRECT_FIELD;
use crate::model::forms::ADD_PERSON;
use crate::model::page::PageData;
use crate::model::permission::SHIPPED;
use crate::model::text::Text;
use crate::ui::components::field::TextField;
use crate::ui::components::form::PostForm;
use crate::ui::page::t;

/// The form for somebody new. The page after it shows the link.
#[component]
pub fn NewPersonPage() -> impl IntoView {
    let PageData::NewPerson(roles, grantable) = page_data() else { return ().into_any() };
    let state = form_of(ADD_PERSON.action);
    let first = state.first(&["name", "email"]).unwrap_or("name");
    let roles = options(&roles, &grantable);
    view! {
        <Title text=t(Text::PersonNewTitle)/>
        <div class="page">
            <div>
                <p><a class="back-link" href="/users">{t(Text::PersonBack)}</a></p>
                <h1>{t(Text::PersonNewTitle)}</h1>
                <p class="lead">{t(Text::PersonNewLead)}</p>
            </div>
            <section class="panel form-panel" aria-label=t(Text::PersonNewTitle)>
                <PostForm action=ADD_PERSON.action state label=Text::PersonNewSubmit busy_label=Text::Saving>
                    <input type="hidden" name=REDIRECT_FIELD value="/users#people"/>
                    <TextField state name="name" label=Text::FieldName autocomplete="off" autofocus=first == "name"/>
                    <TextField state name="email" label=Text::FieldEmail autocomplete="off" inputmode="email" autofocus=first == "email"/>
                    <SelectField state name="role" label=Text::FieldRole options=roles value=SHIPPED[0].to_owned()/>
                    <TextField state name="phone" label=Text::FieldPhone autocomplete="off" inputmode="tel" hint=Text::FieldPhoneHint optional=true autofocus=false/>
                    <TextField state name="labels" label=Text::FieldLabels autocomplete="off" hint=Text::FieldLabelsHint optional=true autofocus=false/>
                    <Grants grantable own=Vec::new()/>
                </PostForm>
            </section>
        </div>
    }
    .into_any()
}

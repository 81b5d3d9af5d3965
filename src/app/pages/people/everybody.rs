//! Acting on everybody whom the filter finds: the page that asks, with the number that it shows.

use leptos::prelude::*;

use super::acts::Acts;
use super::filters::{address, parameters};
use crate::app::request::form_of;
use crate::model::form::REDIRECT_FIELD;
use crate::model::forms::{ASSIGN, PEOPLE_ACTS};
use crate::model::people::PeopleFilters;
use crate::model::roles::RoleChoice;
use crate::model::text::{self, Text};
use crate::ui::components::form::{CsrfField, FormAlert};
use crate::ui::page::{lang, t};

/// The acts, for all of them at once.
#[component]
pub fn Everybody(count: u32, filters: PeopleFilters, roles: Vec<RoleChoice>) -> impl IntoView {
    let list = address(&filters, "", None);
    let back = view! { <p><a class="back-link" href=list.clone()>{t(Text::PeopleEverybodyBack)}</a></p> };
    if count == 0 {
        return view! { <p class="muted">{t(Text::PeopleEverybodyNone)}</p> {back} }.into_any();
    }
    // Whichever button was pressed, its refusal stands here.
    let refused = PEOPLE_ACTS.iter().map(|action| form_of(action)).find(|state| state.is_refused());
    let state = refused.unwrap_or_else(|| form_of(ASSIGN.action));
    let fields: Vec<_> = parameters(&filters)
        .into_iter()
        .map(|(name, value)| view! { <input type="hidden" name=format!("filter.{name}") value=value.to_owned()/> })
        .collect();
    view! {
        <form class="table-form" id="everybody" method="post" action=ASSIGN.action data-form="" data-conflict="page">
            <FormAlert state/>
            <CsrfField/>
            <input type="hidden" name=REDIRECT_FIELD value=format!("{list}#people")/>
            {fields}
            <input type="hidden" name="expected" value=count/>
            <fieldset class="table-acts">
                <legend>{text::people_everybody_title(lang(), count)}</legend>
                <p>{t(Text::PeopleEverybodyLead)}</p>
                <Acts roles/>
            </fieldset>
        </form>
        {back}
    }
    .into_any()
}

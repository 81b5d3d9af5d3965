//! The table of people, and what can be done with those who are chosen.

use leptos::prelude::*;

use super::acts::Acts;
use super::filters::{address, with};
use crate::app::components::choose_all::ChooseAll;
use crate::app::components::filter::Pager;
use crate::app::request::form_of;
use crate::model::form::REDIRECT_FIELD;
use crate::model::forms::{ASSIGN, DISABLE};
use crate::model::listing::Listing;
use crate::model::people::{PeopleFilters, PersonItem, PersonState};
use crate::model::roles::{RoleChoice, label_of};
use crate::model::text::{self, Text};
use crate::model::words;
use crate::ui::components::form::{CsrfField, FormAlert};
use crate::ui::components::time::Time;
use crate::ui::page::{lang, t};

/// The class of a state's badge.
pub fn badge(state: PersonState) -> &'static str {
    match state {
        PersonState::Active => "badge badge-success",
        PersonState::Invited => "badge",
        PersonState::Disabled => "badge badge-warning",
        PersonState::Locked => "badge badge-danger",
    }
}

/// One form around the table: its buttons act on the people who are ticked.
#[component]
pub fn Table(people: Listing<PersonItem>, filters: PeopleFilters, roles: Vec<RoleChoice>) -> impl IntoView {
    if people.items.is_empty() {
        return view! { <p class="muted">{t(Text::PeopleNone)}</p> }.into_any();
    }
    let next = people.next_cursor.as_ref().map(|cursor| address(&filters, "", Some(cursor)));
    let rows = people
        .items
        .into_iter()
        .map(|item| {
            let role = label_of(&roles, &item.user.role);
            view! { <Row item role/> }
        })
        .collect_view();
    let redirect = format!("{}#people", address(&filters, "", None));
    let state = form_of(DISABLE.action);
    let everybody = format!("{}#everybody", with(&filters, "everybody", "true"));
    view! {
        <form class="table-form" method="post" action=ASSIGN.action data-form="" data-choose="">
            <FormAlert state/>
            <CsrfField/>
            <input type="hidden" name=REDIRECT_FIELD value=redirect/>
            <ChooseAll/>
            <div class="table-frame">
                <table class="table">
                    <thead>
                        <tr>
                            <th><span class="visually-hidden">{t(Text::PeopleActs)}</span></th>
                            <th>{t(Text::PeopleColumnName)}</th>
                            <th>{t(Text::PeopleColumnRole)}</th>
                            <th>{t(Text::PeopleColumnState)}</th>
                            <th>{t(Text::PeopleColumnActive)}</th>
                            <th class="table-number">{t(Text::PeopleColumnSessions)}</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
            <fieldset class="table-acts">
                <legend>{t(Text::PeopleActs)}</legend>
                <Acts roles/>
            </fieldset>
        </form>
        <p><a class="back-link" href=everybody>{t(Text::PeopleEverybody)}</a></p>
        <Pager next first=address(&filters, "", None)/>
    }
    .into_any()
}

#[component]
fn Row(item: PersonItem, role: String) -> impl IntoView {
    let email = item.user.shown_email();
    let user = item.user;
    let label = text::people_choose(lang(), &user.name);
    let active = match item.last_active_at {
        Some(at) => view! { <Time at/> }.into_any(),
        None => t(Text::PeopleNever).into_any(),
    };
    let labels = (!user.labels.is_empty()).then(|| {
        let labels = user.labels.into_iter().map(|label| view! { <li class="chip">{label}</li> });
        view! { <ul class="chips">{labels.collect_view()}</ul> }
    });
    view! {
        <tr>
            <td class="table-check"><input type="checkbox" name="ids" value=user.id.clone() aria-label=label/></td>
            <td>
                <a class="table-link" href=format!("/users/{}", user.id)>{user.name}</a>
                <span class="table-email">{email}</span>
                {labels}
            </td>
            <td data-label=t(Text::PeopleColumnRole)>{role}</td>
            <td data-label=t(Text::PeopleColumnState)><span class=badge(item.state)>{t(words::person_state(item.state))}</span></td>
            <td data-label=t(Text::PeopleColumnActive)>{active}</td>
            <td class="table-number" data-label=t(Text::PeopleColumnSessions)>{item.live_sessions}</td>
        </tr>
    }
}

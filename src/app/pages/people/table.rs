//! The table of people, and what can be done with those who are chosen.

use leptos::prelude::*;

use super::filters::address;
use crate::app::components::filter::Pager;
use crate::app::request::form_of;
use crate::model::form::REDIRECT_FIELD;
use crate::model::forms::{ASSIGN, DISABLE, ENABLE, UNLOCK};
use crate::model::listing::Listing;
use crate::model::people::{PeopleFilters, PersonItem, PersonState};
use crate::model::permission::ROLES;
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
pub fn Table(people: Listing<PersonItem>, filters: PeopleFilters) -> impl IntoView {
    if people.items.is_empty() {
        return view! { <p class="muted">{t(Text::PeopleNone)}</p> }.into_any();
    }
    let next = people.next_cursor.as_ref().map(|cursor| address(&filters, "", Some(cursor)));
    let rows = people.items.into_iter().map(|item| view! { <Row item/> }).collect_view();
    let redirect = format!("{}#people", address(&filters, "", None));
    let state = form_of(DISABLE.action);
    let act = |action: &'static str, label: Text| {
        view! { <button class="button button-quiet" type="submit" formaction=action>{t(label)}</button> }
    };
    let roles =
        ROLES.iter().map(|role| view! { <option value=role.name>{words::role_name(role.name, lang())}</option> });
    view! {
        <form class="table-form" method="post" action=ASSIGN.action data-form="">
            <FormAlert state/>
            <CsrfField/>
            <input type="hidden" name=REDIRECT_FIELD value=redirect/>
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
                <div class="actions">
                    {act(DISABLE.action, Text::ActDisable)}
                    {act(ENABLE.action, Text::ActEnable)}
                    {act(UNLOCK.action, Text::ActUnlock)}
                </div>
                <div class="toolbar">
                    <div class="field">
                        <label class="field-label" for="assign-role">{t(Text::FieldRole)}</label>
                        <select class="input" id="assign-role" name="assign.role">
                            <option value="">{t(Text::ActRoleUnchanged)}</option>
                            {roles.collect_view()}
                        </select>
                    </div>
                    <div class="field">
                        <label class="field-label" for="assign-add">{t(Text::ActAddLabels)}</label>
                        <input class="input" id="assign-add" name="assign.addLabels" type="text" autocomplete="off"/>
                    </div>
                    <div class="field">
                        <label class="field-label" for="assign-remove">{t(Text::ActRemoveLabels)}</label>
                        <input class="input" id="assign-remove" name="assign.removeLabels" type="text" autocomplete="off"/>
                    </div>
                    <button class="button" type="submit">{t(Text::ActAssign)}</button>
                </div>
            </fieldset>
        </form>
        <Pager next first=address(&filters, "", None)/>
    }
    .into_any()
}

#[component]
fn Row(item: PersonItem) -> impl IntoView {
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
            <td data-label=t(Text::PeopleColumnRole)>{words::role_name(&user.role, lang())}</td>
            <td data-label=t(Text::PeopleColumnState)><span class=badge(item.state)>{t(words::person_state(item.state))}</span></td>
            <td data-label=t(Text::PeopleColumnActive)>{active}</td>
            <td class="table-number" data-label=t(Text::PeopleColumnSessions)>{item.live_sessions}</td>
        </tr>
    }
}

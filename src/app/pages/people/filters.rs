//! The filters of the list: a form that only asks, and a chip for each filter in force.

use leptos::prelude::*;

use crate::app::components::filter::{self, FilterChip, FilterChoice, FilterText};
use crate::model::lang::Lang;
use crate::model::people::PeopleFilters;
use crate::model::roles::{RoleChoice, label_of};
use crate::model::text::{self, Text};
use crate::ui::page::{lang, t};

const STATES: [(&str, Text); 4] = [
    ("active", Text::StateActive),
    ("invited", Text::StateInvited),
    ("disabled", Text::StateDisabled),
    ("locked", Text::StateLocked),
];

const SORTS: [(&str, Text); 6] = [
    ("name", Text::PeopleSortName),
    ("-name", Text::PeopleSortNameDown),
    ("-lastActive", Text::PeopleSortActiveDown),
    ("lastActive", Text::PeopleSortActive),
    ("-createdAt", Text::PeopleSortCreatedDown),
    ("createdAt", Text::PeopleSortCreated),
];

/// The values of `lastActive`, in words.
fn activity(value: &str, lang: Lang) -> String {
    match value {
        "never" => Text::PeopleActivityNever.to(lang).to_owned(),
        days => text::people_activity_days(lang, days),
    }
}

/// The parameters, with their names in the address.
pub fn parameters(filters: &PeopleFilters) -> [(&'static str, &str); 6] {
    [
        ("q", &filters.q),
        ("role", &filters.role),
        ("label", &filters.label),
        ("state", &filters.state),
        ("lastActive", &filters.last_active),
        ("sort", &filters.sort),
    ]
}

/// The address of the list with these filters, without one of them, behind a cursor.
pub fn address(filters: &PeopleFilters, without: &str, cursor: Option<&str>) -> String {
    let kept = parameters(filters).into_iter().filter(|(name, _)| *name != without);
    filter::address("/users", kept.chain(cursor.map(|cursor| ("cursor", cursor))))
}

/// The address of the list with one more parameter.
pub fn with(filters: &PeopleFilters, name: &str, value: &str) -> String {
    filter::address("/users", parameters(filters).into_iter().chain([(name, value)]))
}

/// The search form, and the chips. It posts nothing, so the address says what is shown.
#[component]
pub fn Filters(filters: PeopleFilters, roles: Vec<RoleChoice>) -> impl IntoView {
    let lang = lang();
    let any = |text: Text| std::iter::once((String::new(), t(text).to_owned()));
    let options = roles.iter().map(|role| (role.name.clone(), role.label.clone()));
    let options = any(Text::PeopleRoleAny).chain(options).collect();
    let states = STATES.iter().map(|(value, text)| ((*value).to_owned(), t(*text).to_owned()));
    let states = any(Text::PeopleStateAny).chain(states).collect();
    let activities = ["30", "90", "180", "365", "never"].map(|value| (value.to_owned(), activity(value, lang)));
    let activities = any(Text::PeopleActivityAny).chain(activities).collect();
    let sorts = SORTS.iter().map(|(value, text)| ((*value).to_owned(), t(*text).to_owned())).collect();
    let set = parameters(&filters).into_iter().filter(|(name, value)| *name != "sort" && !value.is_empty());
    let chips: Vec<_> = set
        .map(|(name, value)| {
            let words = match name {
                "role" => label_of(&roles, value),
                "state" => {
                    STATES.iter().find(|(known, _)| *known == value).map_or(value, |(_, text)| t(*text)).to_owned()
                }
                "lastActive" => activity(value, lang),
                _ => value.to_owned(),
            };
            view! { <FilterChip words without=address(&filters, name, None)/> }
        })
        .collect();
    let chips = (!chips.is_empty()).then(|| view! { <ul class="chips" aria-label=t(Text::PeopleFilters)>{chips}</ul> });
    view! {
        <form class="toolbar" method="get" action="/users" role="search">
            <FilterText name="q" label=Text::PeopleSearch hint=Text::PeopleSearchHint kind="search" value=filters.q.clone()/>
            <FilterChoice name="role" label=Text::FieldRole options value=filters.role.clone()/>
            <FilterChoice name="state" label=Text::PeopleState options=states value=filters.state.clone()/>
            <FilterChoice name="lastActive" label=Text::PeopleActivity options=activities value=filters.last_active.clone()/>
            <FilterText name="label" label=Text::PeopleLabel kind="text" value=filters.label.clone()/>
            <FilterChoice name="sort" label=Text::PeopleSort options=sorts value=filters.sort.clone()/>
            <button class="button" type="submit">{t(Text::PeopleFilter)}</button>
        </form>
        {chips}
    }
}

//! The filters of the list: a form that only asks, and a chip for each filter in force.

use leptos::prelude::*;

use crate::model::lang::Lang;
use crate::model::people::PeopleFilters;
use crate::model::permission::ROLES;
use crate::model::text::{self, Text};
use crate::model::words;
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

/// The parameters that are set, with their names in the address.
fn parameters(filters: &PeopleFilters) -> Vec<(&'static str, &str)> {
    let all = [
        ("q", filters.q.as_str()),
        ("role", &filters.role),
        ("label", &filters.label),
        ("state", &filters.state),
        ("lastActive", &filters.last_active),
        ("sort", &filters.sort),
    ];
    all.into_iter().filter(|(_, value)| !value.is_empty()).collect()
}

/// The address of the list with these filters, without one of them, behind a cursor.
pub fn address(filters: &PeopleFilters, without: &str, cursor: Option<&str>) -> String {
    let encode = |value: &str| url::form_urlencoded::byte_serialize(value.as_bytes()).collect::<String>();
    let kept = parameters(filters).into_iter().filter(|(name, _)| *name != without);
    let pairs = kept.chain(cursor.map(|cursor| ("cursor", cursor)));
    let query: Vec<String> = pairs.map(|(name, value)| format!("{name}={}", encode(value))).collect();
    if query.is_empty() { "/users".to_owned() } else { format!("/users?{}", query.join("&")) }
}

#[component]
fn Choice(name: &'static str, label: Text, options: Vec<(String, String)>, value: String) -> impl IntoView {
    let id = format!("filter-{name}");
    let options = options.into_iter().map(|(known, words)| {
        let selected = known == value;
        view! { <option value=known selected=selected>{words}</option> }
    });
    view! {
        <div class="field">
            <label class="field-label" for=id.clone()>{t(label)}</label>
            <select class="input" id=id name=name>{options.collect_view()}</select>
        </div>
    }
}

/// The search form, and the chips. It posts nothing, so the address says what is shown.
#[component]
pub fn Filters(filters: PeopleFilters) -> impl IntoView {
    let lang = lang();
    let any = |text: Text| vec![(String::new(), t(text).to_owned())];
    let roles = ROLES.iter().map(|role| (role.name.to_owned(), words::role_name(role.name, lang)));
    let states = STATES.iter().map(|(value, text)| ((*value).to_owned(), t(*text).to_owned()));
    let activities = ["30", "90", "180", "365", "never"].map(|value| (value.to_owned(), activity(value, lang)));
    let sorts = SORTS.iter().map(|(value, text)| ((*value).to_owned(), t(*text).to_owned())).collect();
    let chips = parameters(&filters).into_iter().filter(|(name, _)| *name != "sort").map(|(name, value)| {
        let words = match name {
            "role" => words::role_name(value, lang),
            "state" => STATES.iter().find(|(known, _)| *known == value).map_or(value, |(_, text)| t(*text)).to_owned(),
            "lastActive" => activity(value, lang),
            _ => value.to_owned(),
        };
        view! {
            <li>
                <a class="chip chip-filter" href=address(&filters, name, None)>
                    <span>{words}</span>
                    <span class="visually-hidden">": "{t(Text::PeopleFilterOff)}</span>
                    <span aria-hidden="true">"×"</span>
                </a>
            </li>
        }
    });
    let chips = chips.collect::<Vec<_>>();
    let chips = (!chips.is_empty()).then(|| view! { <ul class="chips" aria-label=t(Text::PeopleFilters)>{chips}</ul> });
    view! {
        <form class="toolbar" method="get" action="/users" role="search">
            <div class="field toolbar-search">
                <label class="field-label" for="filter-q">{t(Text::PeopleSearch)}</label>
                <input class="input" id="filter-q" name="q" type="search" value=filters.q.clone() aria-describedby="filter-q-hint" autocomplete="off"/>
                <p class="field-hint" id="filter-q-hint">{t(Text::PeopleSearchHint)}</p>
            </div>
            <Choice name="role" label=Text::FieldRole options=any(Text::PeopleRoleAny).into_iter().chain(roles).collect() value=filters.role.clone()/>
            <Choice name="state" label=Text::PeopleState options=any(Text::PeopleStateAny).into_iter().chain(states).collect() value=filters.state.clone()/>
            <Choice name="lastActive" label=Text::PeopleActivity options=any(Text::PeopleActivityAny).into_iter().chain(activities).collect() value=filters.last_active.clone()/>
            <div class="field">
                <label class="field-label" for="filter-label">{t(Text::PeopleLabel)}</label>
                <input class="input" id="filter-label" name="label" type="text" value=filters.label.clone() autocomplete="off"/>
            </div>
            <Choice name="sort" label=Text::PeopleSort options=sorts value=filters.sort.clone()/>
            <button class="button" type="submit">{t(Text::PeopleFilter)}</button>
        </form>
        {chips}
    }
}

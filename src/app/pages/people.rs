//! `/users`: the list of people, with filters in its address.

mod acts;
mod everybody;
mod filters;
pub mod new;
pub mod person;
mod table;

use leptos::prelude::*;
use leptos_meta::Title;

use crate::app::components::job::Job;
use crate::app::components::outcome::Outcome;
use crate::app::request::page_data;
use crate::model::page::PageData;
use crate::model::people::PeoplePage as People;
use crate::model::text::{self, Text};
use crate::ui::page::{lang, t};
use everybody::Everybody;
use filters::Filters;
use table::Table;

/// The people, their filters, and the acts on those who are chosen.
#[component]
pub fn PeoplePage() -> impl IntoView {
    let PageData::People(page) = page_data() else { return ().into_any() };
    let People { filters, people, roles, everybody, job, outcome, unreadable } = *page;
    let count = match people.total {
        Some(total) => text::people_count(lang(), u32::try_from(total).unwrap_or(u32::MAX)),
        None => t(Text::PeopleCountMore).to_owned(),
    };
    view! {
        <Title text=t(Text::PeopleTitle)/>
        <div class="page" data-live="user-changed users">
            <div class="page-head">
                <div>
                    <h1>{t(Text::PeopleTitle)}</h1>
                    <p class="lead">{t(Text::PeopleLead)}</p>
                </div>
                <a class="button button-primary" href="/users/new">{t(Text::PeopleNew)}</a>
            </div>
            <div class="desk">
                <section class="panel" id="people" aria-labelledby="people-count">
                    <Filters filters=filters.clone() roles=roles.clone()/>
                    {unreadable.then(|| view! { <p class="notice notice-warning">{t(Text::PeopleUnreadable)}</p> })}
                    <h2 id="people-count" tabindex="-1">{count}</h2>
                    <Job job/>
                    <Outcome outcome/>
                    {match everybody {
                        Some(count) => view! { <Everybody count filters roles/> }.into_any(),
                        None => view! { <Table people filters roles/> }.into_any(),
                    }}
                </section>
            </div>
        </div>
    }
    .into_any()
}

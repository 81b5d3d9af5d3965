//! `/lockouts`: who can't sign in after wrong passwords, and until when.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::app::components::choose_all::ChooseAll;
use crate::app::components::filter::{FilterChoice, FilterText, Pager, address};
use crate::app::components::outcome::Outcome;
use crate::app::request::{form_of, page_data};
use crate::model::desk::{LockoutItem, LockoutKind, LockoutsPage as Lockouts};
use crate::model::form::REDIRECT_FIELD;
use crate::model::forms::LIFT_LOCKOUTS;
use crate::model::page::PageData;
use crate::model::text::{self, Text};
use crate::ui::components::form::{CsrfField, FormAlert, SubmitButton};
use crate::ui::components::time::Time;
use crate::ui::page::{lang, t};

/// The lockouts in force, and lifting them.
#[component]
pub fn LockoutsPage() -> impl IntoView {
    let PageData::Lockouts(page) = page_data() else { return ().into_any() };
    let Lockouts { kind, q, lockouts, outcome } = *page;
    let of = |cursor: &str| address("/lockouts", [("kind", kind.as_str()), ("q", &q), ("cursor", cursor)]);
    let (first, next) = (of(""), lockouts.next_cursor.as_deref().map(of));
    let count = text::lockouts_count(lang(), u32::try_from(lockouts.total.unwrap_or_default()).unwrap_or(u32::MAX));
    let kinds =
        [("", Text::LockoutsAnyKind), ("identifier", Text::LockoutsIdentifiers), ("address", Text::LockoutsAddresses)];
    let kinds = kinds.map(|(value, text)| (value.to_owned(), t(text).to_owned())).into();
    let none = lockouts.items.is_empty();
    let rows = lockouts.items.into_iter().map(|item| view! { <Row item/> }).collect_view();
    let table = match none {
        true => view! { <p class="muted">{t(Text::LockoutsNone)}</p> }.into_any(),
        false => view! {
            <form class="table-form" method="post" action=LIFT_LOCKOUTS.action data-form="" data-choose="">
                <FormAlert state=form_of(LIFT_LOCKOUTS.action)/>
                <CsrfField/>
                <input type="hidden" name=REDIRECT_FIELD value=format!("{first}#lockouts")/>
                <ChooseAll/>
                <table class="table">
                    <thead>
                        <tr>
                            <th><span class="visually-hidden">{t(Text::DeskChoose)}</span></th>
                            <th>{t(Text::LockoutsName)}</th>
                            <th>{t(Text::DeskPerson)}</th>
                            <th class="table-number">{t(Text::LockoutsFailures)}</th>
                            <th>{t(Text::LockoutsSince)}</th>
                            <th>{t(Text::LockoutsUntil)}</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
                <p class="actions">
                    <SubmitButton label=Text::ActUnlock busy_label=Text::ActWorking class="button"/>
                </p>
            </form>
        }
        .into_any(),
    };
    view! {
        <Title text=t(Text::LockoutsTitle)/>
        <div class="page" data-live="lockouts">
            <div>
                <h1>{t(Text::LockoutsTitle)}</h1>
                <p class="lead">{t(Text::LockoutsLead)}</p>
            </div>
            <section class="panel" id="lockouts" aria-labelledby="lockouts-count">
                <form class="toolbar" method="get" action="/lockouts" role="search">
                    <FilterText name="q" label=Text::PeopleSearch kind="search" value=q.clone()/>
                    <FilterChoice name="kind" label=Text::LockoutsKind options=kinds value=kind.clone()/>
                    <button class="button" type="submit">{t(Text::PeopleFilter)}</button>
                </form>
                <h2 id="lockouts-count" tabindex="-1">{count}</h2>
                <Outcome outcome/>
                {table}
                <Pager next first/>
            </section>
        </div>
    }
    .into_any()
}

#[component]
fn Row(item: LockoutItem) -> impl IntoView {
    let value = format!("{}:{}", item.kind.name(), item.name);
    let person = match (item.kind, item.user) {
        (LockoutKind::Address, _) => t(Text::LockoutsAddress).into_any(),
        (_, None) => t(Text::LockoutsNobody).into_any(),
        (_, Some(user)) => {
            let device =
                item.own_browser.then(|| view! { " " <span class="muted">{t(Text::LockoutsOwnBrowser)}</span> });
            view! { <a class="table-link" href=format!("/users/{}", user.id)>{user.name}</a> {device} }.into_any()
        }
    };
    view! {
        <tr>
            <td class="table-check">
                <input type="checkbox" name="items" value=value aria-label=text::people_choose(lang(), &item.name)/>
            </td>
            <td>{item.name}</td>
            <td data-label=t(Text::DeskPerson)><span>{person}</span></td>
            <td class="table-number" data-label=t(Text::LockoutsFailures)>{item.failures}</td>
            <td data-label=t(Text::LockoutsSince)><Time at=item.since/></td>
            <td data-label=t(Text::LockoutsUntil)><Time at=item.until/></td>
        </tr>
    }
}

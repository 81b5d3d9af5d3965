//! `/sessions`: everybody's live sessions. The list is the preview of what a filter ends.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::app::components::choose_all::ChooseAll;
use crate::app::components::filter::{FilterText, Pager, address};
use crate::app::components::job::Job;
use crate::app::components::outcome::Outcome;
use crate::app::request::{form_of, page_data};
use crate::model::desk::{SessionFilter, SessionsPage as Sessions, UserSession};
use crate::model::form::REDIRECT_FIELD;
use crate::model::forms::END_SESSIONS;
use crate::model::page::PageData;
use crate::model::text::{self, Text};
use crate::model::words;
use crate::ui::components::form::{CsrfField, FormAlert, SubmitButton};
use crate::ui::components::time::Time;
use crate::ui::page::{lang, t};

fn list_parameters(filter: &SessionFilter) -> [(&'static str, &str); 4] {
    [
        ("q", filter.q.as_deref().unwrap_or_default()),
        ("user", filter.user.as_deref().unwrap_or_default()),
        ("address", filter.address.as_deref().unwrap_or_default()),
        ("ended", if filter.ended { "true" } else { "" }),
    ]
}

fn list_address(filter: &SessionFilter, cursor: Option<&str>) -> String {
    address("/sessions", list_parameters(filter).into_iter().chain([("cursor", cursor.unwrap_or_default())]))
}

/// The list, its filters, and ending some, those that the filter finds, or everybody else's.
#[component]
pub fn SessionsPage() -> impl IntoView {
    let PageData::Sessions(page) = page_data() else { return ().into_any() };
    let Sessions { filter, sessions, others, job, outcome } = *page;
    let count = match sessions.total {
        Some(total) => text::desk_sessions_count(lang(), u32::try_from(total).unwrap_or(u32::MAX)),
        None => t(Text::DeskSessionsMore).to_owned(),
    };
    let next = sessions.next_cursor.as_deref().map(|cursor| list_address(&filter, Some(cursor)));
    let first = list_address(&filter, None);
    let state = form_of(END_SESSIONS.action);
    let filtered = filter != SessionFilter::default();
    let rows = sessions.items.into_iter().map(|item| view! { <Row item/> }).collect::<Vec<_>>();
    let table = match rows.is_empty() {
        true => view! { <p class="muted">{t(Text::DeskSessionsNone)}</p> }.into_any(),
        false => view! { <Table rows=rows.into_any() back=first.clone()/> }.into_any(),
    };
    let whole = match others {
        None => None,
        Some(0) => Some(view! { <p class="muted">{t(Text::DeskEndNone)}</p> }.into_any()),
        Some(others) => {
            // So many end without a number: counting a million would take longer than the page may.
            let uncounted = filter.is_everybody() && others > Sessions::COUNTED;
            let (lead, button) = match (uncounted, filter.is_everybody()) {
                (true, _) => (Text::DeskEndOthersManyLead, t(Text::DeskEndOthersMany).to_owned()),
                (_, true) => (Text::DeskEndOthersLead, text::desk_end_found(lang(), others)),
                _ => (Text::DeskEndFoundLead, text::desk_end_found(lang(), others)),
            };
            let found = match uncounted {
                true => view! { <input type="hidden" name="everybodyElse" value="true"/> }.into_any(),
                false => view! {
                    {filter.q.clone().map(|q| view! { <input type="hidden" name="filter.q" value=q/> })}
                    {filter.user.clone().map(|user| view! { <input type="hidden" name="filter.user" value=user/> })}
                    {filter.address.clone().map(|address| view! { <input type="hidden" name="filter.address" value=address/> })}
                    <input type="hidden" name="filter.ended" value="false"/>
                    <input type="hidden" name="expected" value=others/>
                }
                .into_any(),
            };
            Some(
                view! {
                <form class="act" method="post" action=END_SESSIONS.action data-form="" data-conflict="page">
                    <FormAlert state/>
                    <CsrfField/>
                    <input type="hidden" name=REDIRECT_FIELD value=format!("{first}#sessions")/>
                    {found}
                    <p>{t(lead)}</p>
                    <button class="button button-danger" type="submit">{button}</button>
                </form>
                }
                .into_any(),
            )
        }
    };
    let end_found = if !filter.is_everybody() { Text::DeskEndFoundLink } else { Text::DeskEndOthersLink };
    let everybody = address("/sessions", list_parameters(&filter).into_iter().chain([("everybody", "true")]));
    let ended = filter.ended;
    view! {
        <Title text=t(Text::DeskSessionsTitle)/>
        <div class="page" data-live="sessions">
            <div>
                <h1>{t(Text::DeskSessionsTitle)}</h1>
                <p class="lead">{t(Text::DeskSessionsLead)}</p>
            </div>
            <div class="desk">
                <section class="panel" id="sessions" aria-labelledby="sessions-count">
                    <form class="toolbar" method="get" action="/sessions" role="search">
                        <FilterText name="q" label=Text::DeskPerson kind="search" value=filter.q.clone().unwrap_or_default()/>
                        <FilterText name="address" label=Text::SessionAddress kind="text" value=filter.address.clone().unwrap_or_default()/>
                        {filter.user.clone().map(|user| view! { <input type="hidden" name="user" value=user/> })}
                        <label class="check">
                            <input type="checkbox" name="ended" value="true" checked=ended/>
                            <span>{t(Text::DeskSessionsEnded)}</span>
                        </label>
                        <button class="button" type="submit">{t(Text::PeopleFilter)}</button>
                        {filtered.then(|| view! { <a class="button button-quiet" href="/sessions">{t(Text::DeskFiltersOff)}</a> })}
                    </form>
                    <h2 id="sessions-count" tabindex="-1">{count}</h2>
                    <Job job/>
                    <Outcome outcome/>
                    {table}
                    <Pager next first=first.clone()/>
                </section>
                <section class="panel" id="everybody" aria-label=t(Text::DeskEndAll)>
                    {match whole {
                        Some(form) => form,
                        None => view! { <p><a class="back-link" href=format!("{everybody}#everybody")>{t(end_found)}</a></p> }.into_any(),
                    }}
                </section>
            </div>
        </div>
    }
    .into_any()
}

#[component]
fn Table(rows: AnyView, back: String) -> impl IntoView {
    view! {
        <form class="table-form" method="post" action=END_SESSIONS.action data-form="" data-choose="">
            <FormAlert state=form_of(END_SESSIONS.action)/>
            <CsrfField/>
            <input type="hidden" name=REDIRECT_FIELD value=format!("{back}#sessions")/>
            <ChooseAll/>
            <table class="table">
                <thead>
                    <tr>
                        <th><span class="visually-hidden">{t(Text::DeskChoose)}</span></th>
                        <th>{t(Text::DeskPerson)}</th>
                        <th>{t(Text::DeskDevice)}</th>
                        <th>{t(Text::SessionAddress)}</th>
                        <th>{t(Text::SessionSince)}</th>
                        <th>{t(Text::SessionActive)}</th>
                        <th>{t(Text::SessionUntil)}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
            <p class="actions">
                <SubmitButton label=Text::DeskEndChosen busy_label=Text::SessionsEnding class="button"/>
            </p>
        </form>
    }
}

#[component]
fn Row(item: UserSession) -> impl IntoView {
    let UserSession { session, user } = item;
    let device = words::browser(&session.browser, &session.device, lang());
    let label = text::desk_choose_session(lang(), &device, &user.name);
    let over = session.ended_at.is_some();
    let until = match (session.ended_at, session.end_reason) {
        (Some(at), reason) => {
            let why = reason.map(|reason| t(words::end_reason(reason)));
            let by = session.ended_by.map(|name| text::settings_changed_by(lang(), name));
            view! { <Time at/> <span class="table-email">{why} " " {by}</span> }.into_any()
        }
        (None, _) => view! { <Time at=session.expires_at/> }.into_any(),
    };
    let choose = (!over)
        .then(|| view! { <input type="checkbox" name="handles" value=session.handle.clone() aria-label=label/> });
    view! {
        <tr>
            <td class="table-check">{choose}</td>
            <td>
                <a class="table-link" href=address("/sessions", [("user", user.id.as_str())])>{user.name}</a>
                <span class="table-email">{crate::model::email::shown(&user.email)}</span>
            </td>
            <td data-label=t(Text::DeskDevice)>
                <span>
                    {device}
                    {session.current.then(|| view! { " " <span class="badge">{t(Text::SessionsThis)}</span> })}
                    {session.remembered.then(|| view! { " " <span class="badge">{t(Text::SessionRemembered)}</span> })}
                </span>
            </td>
            <td data-label=t(Text::SessionAddress)>{session.address}</td>
            <td data-label=t(Text::SessionSince)><Time at=session.started_at/></td>
            <td data-label=t(Text::SessionActive)><Time at=session.last_active_at/></td>
            <td data-label=t(Text::SessionUntil)><span>{until}</span></td>
        </tr>
    }
}

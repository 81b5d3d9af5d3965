//! `/users/{id}`: one person, and everything that can be done.

mod acts;
mod edit;
mod facts;

use leptos::prelude::*;
use leptos_meta::Title;

use crate::app::components::outcome::Outcome;
use crate::app::pages::account::ended::Ended;
use crate::app::request::{error, flash, page_data};
use crate::model::code::Code;
use crate::model::forms::CHANGE_PERSON;
use crate::model::page::PageData;
use crate::model::people::PersonPage as Person;
use crate::model::roles::label_of;
use crate::model::text::{self, Text};
use crate::model::words;
use crate::ui::page::{lang, t};
use acts::Acts;
use edit::{Edit, Review, Rights};
pub use edit::{Grants, options};
use facts::{Changes, Facts, LiveSessions, RightsOf, SignIns};

/// Who a person is, what they may do, their sessions and sign-ins, and the acts.
#[component]
pub fn PersonPage() -> impl IntoView {
    let PageData::Person(page) = page_data() else { return ().into_any() };
    let Person {
        person,
        is_reader,
        by_role,
        own,
        roles,
        grantable,
        out_of_reach,
        sessions,
        sign_ins,
        changes,
        review,
        outcome,
    } = *page;
    let role = label_of(&roles, &person.user.role);
    let name = person.user.name.clone();
    let changeable = out_of_reach.is_none();
    let refused = error() == Some(Code::Conflict) && flash().form == CHANGE_PERSON.action;
    let conflict = refused.then(|| flash().says.unwrap_or_else(|| t(Text::PersonConflict).to_owned()));
    let out_of_reach = out_of_reach.map(|permission| {
        let text = text::person_out_of_reach(lang(), t(words::permission(permission)));
        view! { <p class="notice notice-warning">{text}</p> }
    });
    view! {
        <Title text=name.clone()/>
        <div class="page" data-live="user-changed users sessions lockouts">
            <div>
                <p><a class="back-link" href="/users">{t(Text::PersonBack)}</a></p>
                <h1 tabindex="-1">{name}</h1>
                {is_reader.then(|| view! { <p class="muted">{t(Text::PersonThisIsYou)}</p> })}
            </div>
            <div id="person">
                {conflict.map(|says| view! { <p class="notice notice-warning">{says}</p> })}
                <Outcome outcome/>
                {out_of_reach}
            </div>
            <div class="panels">
                <Facts person=person.clone() role=role.clone()/>
                <RightsOf role by_role own=own.clone()/>
                {changeable.then(|| view! {
                    {match review {
                        Some(review) => view! { <Review person=person.clone() review/> }.into_any(),
                        None => view! { <Rights person=person.clone() own roles grantable/> }.into_any(),
                    }}
                    <Edit person=person.clone()/>
                    <Acts person=person.clone()/>
                })}
                {sessions.map(|(live, ended)| view! {
                    <LiveSessions live endable=changeable person_id=person.user.id.clone()/>
                    {(!ended.is_empty()).then(|| view! { <Ended ended cursor=None days=0/> })}
                })}
                {changes.map(|changes| view! { <Changes changes person_id=person.user.id.clone()/> })}
                {sign_ins.map(|sign_ins| view! { <SignIns sign_ins/> })}
            </div>
        </div>
    }
    .into_any()
}

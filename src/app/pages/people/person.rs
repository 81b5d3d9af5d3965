//! `/users/{id}`: one person, and everything that can be done.

mod acts;
mod edit;
mod facts;

use leptos::prelude::*;
use leptos_meta::Title;

use crate::app::components::outcome::Outcome;
use crate::app::pages::account::ended::Ended;
use crate::app::request::page_data;
use crate::model::page::PageData;
use crate::model::people::PersonPage as Person;
use crate::model::text::{self, Text};
use crate::model::words;
use crate::ui::page::{lang, t};
use acts::Acts;
use edit::Edit;
pub use edit::Grants;
use facts::{Facts, LiveSessions, Rights, SignIns};

/// Who a person is, what they may do, their sessions and sign-ins, and the acts.
#[component]
pub fn PersonPage() -> impl IntoView {
    let PageData::Person(page) = page_data() else { return ().into_any() };
    let Person { person, is_reader, by_role, own, grantable, out_of_reach, sessions, sign_ins, outcome } = *page;
    let name = person.user.name.clone();
    let changeable = out_of_reach.is_none();
    let out_of_reach = out_of_reach.map(|permission| {
        let text = text::person_out_of_reach(lang(), t(words::permission(permission)));
        view! { <p class="notice notice-warning">{text}</p> }
    });
    view! {
        <Title text=name.clone()/>
        <div class="page" data-live="user-changed">
            <div>
                <p><a class="back-link" href="/users">{t(Text::PersonBack)}</a></p>
                <h1 tabindex="-1">{name}</h1>
                {is_reader.then(|| view! { <p class="muted">{t(Text::PersonThisIsYou)}</p> })}
            </div>
            <div id="person">
                <Outcome outcome/>
                {out_of_reach}
            </div>
            <div class="panels">
                <Facts person=person.clone()/>
                <Rights role=person.user.role.clone() by_role own=own.clone()/>
                {changeable.then(|| view! {
                    <Edit person=person.clone() own grantable/>
                    <Acts person=person.clone()/>
                })}
                {sessions.map(|(live, ended)| view! {
                    <LiveSessions live/>
                    {(!ended.is_empty()).then(|| view! { <Ended ended cursor=None days=0/> })}
                })}
                {sign_ins.map(|sign_ins| view! { <SignIns sign_ins/> })}
            </div>
        </div>
    }
    .into_any()
}

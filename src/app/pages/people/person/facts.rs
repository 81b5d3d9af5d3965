//! What there is to know of a person.

use leptos::prelude::*;

use crate::app::components::avatar::Avatar;
use crate::app::components::filter::address;
use crate::app::components::record::Record;
use crate::app::pages::account::sessions::Fact;
use crate::app::pages::account::sign_ins::SignIns as List;
use crate::app::pages::people::table::badge;
use crate::app::request::form_of;
use crate::model::account::SignIn;
use crate::model::desk::AuditItem;
use crate::model::form::REDIRECT_FIELD;
use crate::model::forms::END_SESSIONS;
use crate::model::people::PersonItem;
use crate::model::permission::Permission;
use crate::model::session::SessionItem;
use crate::model::text::{self, Text};
use crate::model::words;
use crate::ui::components::form::{CsrfField, FormAlert, SubmitButton};
use crate::ui::components::time::Time;
use crate::ui::page::{lang, t};

/// State, role, contact and times.
#[component]
pub fn Facts(person: PersonItem, role: String) -> impl IntoView {
    let email = person.user.shown_email();
    let user = person.user;
    let never = || t(Text::PeopleNever).into_any();
    let active = person.last_active_at.map_or_else(never, |at| view! { <Time at/> }.into_any());
    let signed_in = user.last_login.clone().map_or_else(never, |at| view! { <Time at/> }.into_any());
    let labels = user.labels.iter().map(|label| view! { <li class="chip">{label.clone()}</li> }).collect_view();
    view! {
        <section class="panel" aria-labelledby="facts-title">
            <h2 id="facts-title">{t(Text::PersonWho)}</h2>
            <div class="person-card">
                <Avatar user=Some(user.clone())/>
                <div>
                    <p class="person-card-name">{user.name}</p>
                    <p class="person-card-email">{email}</p>
                    <p>
                        <span class=badge(person.state)>{t(words::person_state(person.state))}</span>
                        " "
                        <span class="badge">{role}</span>
                    </p>
                </div>
            </div>
            <ul class="chips">{labels}</ul>
            <dl class="facts">
                {user.phone.map(|phone| view! { <Fact term=Text::FieldPhone>{phone}</Fact> })}
                <Fact term=Text::PeopleColumnActive>{active}</Fact>
                <Fact term=Text::PersonLastLogin>{signed_in}</Fact>
                <Fact term=Text::PeopleColumnSessions>{person.live_sessions}</Fact>
                <Fact term=Text::PersonCreated><Time at=user.created_at/></Fact>
                <Fact term=Text::PersonId><code>{user.id}</code></Fact>
            </dl>
        </section>
    }
}

/// What a person may do, and why.
#[component]
pub fn RightsOf(role: String, by_role: Vec<Permission>, own: Vec<Permission>) -> impl IntoView {
    let chips = |permissions: Vec<Permission>| {
        let chips = permissions
            .into_iter()
            .map(|permission| view! { <li class="chip">{t(words::permission(permission))}</li> });
        view! { <ul class="chips">{chips.collect_view()}</ul> }
    };
    let own: Vec<Permission> = own.into_iter().filter(|permission| !by_role.contains(permission)).collect();
    let none = by_role.is_empty() && own.is_empty();
    let heading = text::person_rights_by_role(lang(), role);
    view! {
        <section class="panel" aria-labelledby="rights-title">
            <h2 id="rights-title">{t(Text::PersonRights)}</h2>
            {(!by_role.is_empty()).then(|| view! { <h3>{heading}</h3> {chips(by_role)} })}
            {(!own.is_empty()).then(|| view! { <h3>{t(Text::PersonRightsOwn)}</h3> {chips(own)} })}
            {none.then(|| view! { <p class="muted">{t(Text::PermissionsNone)}</p> })}
        </section>
    }
}

/// The live sessions.
#[component]
pub fn LiveSessions(
    live: Vec<SessionItem>,
    /// Whether the reader may end them.
    endable: bool,
    person_id: String,
) -> impl IntoView {
    let none = live.is_empty();
    let back = format!("/users/{person_id}#person");
    let one_back = back.clone();
    let end_one = move |handle: String, about: String| {
        view! {
            <form class="act" method="post" action=END_SESSIONS.action data-form="">
                <CsrfField/>
                <input type="hidden" name=REDIRECT_FIELD value=one_back.clone()/>
                <input type="hidden" name="handles" value=handle/>
                <SubmitButton label=Text::PersonEndSession busy_label=Text::SessionsEnding class="button button-quiet" about/>
            </form>
        }
    };
    let end_all = (endable && !none).then(|| {
        view! {
            <form class="act" method="post" action=END_SESSIONS.action data-form="">
                <FormAlert state=form_of(END_SESSIONS.action)/>
                <CsrfField/>
                <input type="hidden" name=REDIRECT_FIELD value=back/>
                <input type="hidden" name="userId" value=person_id/>
                <SubmitButton label=Text::PersonEndSessions busy_label=Text::SessionsEnding class="button"/>
            </form>
        }
    });
    let rows = live
        .into_iter()
        .map(|item| {
            let name = words::browser(&item.browser, &item.device, lang());
            view! {
                <li class="log-row">
                    <h3>{name.clone()}</h3>
                    <dl class="facts facts-tight">
                        <Fact term=Text::SessionAddress>{item.address}</Fact>
                        <Fact term=Text::SessionSince><Time at=item.started_at/></Fact>
                        <Fact term=Text::SessionActive><Time at=item.last_active_at/></Fact>
                    </dl>
                    {endable.then(|| end_one(item.handle, name.clone()))}
                </li>
            }
        })
        .collect_view();
    view! {
        <section class="panel" aria-labelledby="person-sessions">
            <h2 id="person-sessions">{t(Text::PersonSessions)}</h2>
            {match none {
                true => view! { <p class="muted">{t(Text::PersonSessionsNone)}</p> }.into_any(),
                false => view! { <ul class="log">{rows}</ul> }.into_any(),
            }}
            {end_all}
        </section>
    }
}

/// What was done to the account, and by whom.
#[component]
pub fn Changes(changes: Vec<AuditItem>, person_id: String) -> impl IntoView {
    let all = address("/audit", [("target", person_id.as_str())]);
    let none = changes.is_empty();
    let rows = changes.into_iter().map(|item| view! { <Record item/> }).collect_view();
    view! {
        <section class="panel" aria-labelledby="changes-title">
            <h2 id="changes-title">{t(Text::PersonChanges)}</h2>
            {none.then(|| view! { <p class="muted">{t(Text::PersonChangesNone)}</p> })}
            <ol class="log">{rows}</ol>
            <p><a class="back-link" href=all>{t(Text::PersonChangesAll)}</a></p>
        </section>
    }
}

/// The sign-ins and failed attempts.
#[component]
pub fn SignIns(sign_ins: Vec<SignIn>) -> impl IntoView {
    view! { <List sign_ins title=Text::PersonSignIns lead=Text::PersonSignInsLead/> }
}

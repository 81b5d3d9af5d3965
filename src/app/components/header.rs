//! The header of every page: navigation, user and sign-out.

use leptos::prelude::*;

use super::avatar::Avatar;
use super::sign_out::SignOut;
use crate::app::request::{here, may, who};
use crate::model::forms::NEW_PASSWORD;
use crate::model::permission::Permission;
use crate::model::seed::Who;
use crate::model::text::Text;
use crate::model::user::User;
use crate::ui::page::t;

/// The skip link: the first element in the tab order.
#[component]
pub fn SkipLink() -> impl IntoView {
    view! { <a class="skip-link" href="#main">{t(Text::SkipToContent)}</a> }
}

/// The header. Only signed-in users see more than the product's name. If the server does not know
/// the user, the rest is rendered hidden: the program shows it when the mirror has a user, so that
/// the user can sign out.
#[component]
pub fn Header() -> impl IntoView {
    let person = match who() {
        Who::SignedIn { user, .. } => Some((Some(*user), false)),
        Who::Unknown => Some((None, true)),
        Who::Nobody => None,
    };
    view! {
        <header class="header">
            <div class="header-inner">
                <a class="brand" href="/">
                    <BrandMark/>
                    <span>{t(Text::ProductName)}</span>
                </a>
                {person.map(|(user, hidden)| view! {
                    <Navigation hidden/>
                    <Person user hidden/>
                })}
            </div>
        </header>
    }
}

#[component]
fn Person(user: Option<User>, hidden: bool) -> impl IntoView {
    let name = user.as_ref().map(|user| user.name.clone());
    view! {
        <div class="header-person" hidden=hidden>
            <span class="person">
                <Avatar user/>
                <span class="person-name">{name}</span>
            </span>
            <SignOut/>
        </div>
    }
}

/// The links to pages that exist and that the user may open.
#[component]
fn Navigation(hidden: bool) -> impl IntoView {
    let path = here().path;
    if path == NEW_PASSWORD.page {
        // Every link would lead back here.
        return ().into_any();
    }
    let link = |target: &'static str, label: Text| {
        view! {
            <li>
                <a class="nav-link" href=target aria-current=(path == target).then_some("page")>{t(label)}</a>
            </li>
        }
    };
    view! {
        <nav class="nav" aria-label=t(Text::NavLabel) hidden=hidden>
            <ul>
                {link("/", Text::NavDashboard)}
                {link("/account", Text::NavAccount)}
                {may(Permission::UsersManage).then(|| link("/users", Text::NavPeople))}
                {may(Permission::UsersManage).then(|| link("/roles", Text::NavRoles))}
                {may(Permission::SessionsManage).then(|| link("/sessions", Text::NavSessions))}
                {may(Permission::UsersManage).then(|| link("/lockouts", Text::NavLockouts))}
                {may(Permission::AuditView).then(|| link("/audit", Text::NavAudit))}
                {may(Permission::SettingsManage).then(|| link("/settings", Text::NavSettings))}
            </ul>
        </nav>
    }
    .into_any()
}

/// Two peaks, as in the favicon.
#[component]
fn BrandMark() -> impl IntoView {
    view! {
        <svg class="brand-mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
            <path class="brand-far" d="M2 26 12 9l5 8 4-6 9 15z"/>
            <path class="brand-near" d="m9 26 8-13 5 8 2-3 5 8z"/>
        </svg>
    }
}

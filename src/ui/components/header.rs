//! The top of every page: where one is, who one is, and the way out.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use super::avatar::Avatar;
use super::sign_out::SignOut;
use crate::model::text::Text;
use crate::ui::auth_store::auth_store;
use crate::ui::page::t;

/// The first thing the Tab key reaches: past the header.
#[component]
pub fn SkipLink() -> impl IntoView {
    view! { <a class="skip-link" href="#main" rel="external">{t(Text::SkipToContent)}</a> }
}

/// The header inside the router, which knows where one is.
#[component]
pub fn RoutedHeader() -> impl IntoView {
    let path = use_location().pathname;
    view! { <Header path/> }
}

/// The header. Everything but the product's name is for people who are signed
/// in, also when only the mirror says so: they must be able to sign out.
#[component]
pub fn Header(
    /// The current path, if a router knows it.
    #[prop(optional)]
    path: Option<Memo<String>>,
) -> impl IntoView {
    let store = auth_store();
    let user = Memo::new(move |_| store.state().with(|s| s.user.clone()));
    view! {
        <header class="header">
            <div class="header-inner">
                // All that a page shows comes with it: every link is a full load.
                <a class="brand" href="/" rel="external">
                    <BrandMark/>
                    <span>{t(Text::ProductName)}</span>
                </a>
                {move || user.get().map(|user| view! {
                    <Navigation path/>
                    <div class="header-person">
                        <span class="person">
                            <Avatar user=user.clone()/>
                            <span class="person-name">{user.name}</span>
                        </span>
                        <SignOut/>
                    </div>
                })}
            </div>
        </header>
    }
}

/// What exists and the person may open.
#[component]
fn Navigation(path: Option<Memo<String>>) -> impl IntoView {
    let current = move |target: &'static str| move || path.is_some_and(|p| p.with(|p| p == target)).then_some("page");
    let link = move |target: &'static str, label: Text| {
        view! {
            <li>
                <a class="nav-link" href=target rel="external" aria-current=current(target)>{t(label)}</a>
            </li>
        }
    };
    view! {
        <nav class="nav" aria-label=t(Text::NavLabel)>
            <ul>
                {link("/", Text::NavDashboard)}
                {link("/account", Text::NavAccount)}
            </ul>
        </nav>
    }
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

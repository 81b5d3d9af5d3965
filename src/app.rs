//! Shell, contexts and every page route, on one screen.

use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_meta::{HashedStylesheet, MetaTags, Title, provide_meta_context};
use leptos_router::components::{Route, Router, Routes};
use leptos_router::{SsrMode, path};

use crate::model::failure::Code;
use crate::model::preference::Theme;
use crate::model::snapshot::Snapshot;
use crate::model::text::Text;
use crate::ui::auth_store::AuthStore;
use crate::ui::browser;
use crate::ui::components::header::{Header, RoutedHeader, SkipLink};
use crate::ui::components::overlays::Overlays;
use crate::ui::components::preference_switch::PreferenceSwitch;
use crate::ui::leaving;
use crate::ui::page::{lang, t};
use crate::ui::pages::account::AccountPage;
use crate::ui::pages::activate::ActivatePage;
use crate::ui::pages::dashboard::DashboardPage;
use crate::ui::pages::error::ErrorPage;
use crate::ui::pages::login::LoginPage;
use crate::ui::pages::setup::SetupPage;
use crate::ui::plain;
use crate::ui::preferences::{Shown, color_scheme};
use crate::ui::session_life::SessionLife;

/// The document around the application; only the server renders it.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let Snapshot { lang, theme, .. } = use_context().unwrap_or_default();
    view! {
        <!DOCTYPE html>
        <html lang=lang.tag() data-theme=theme.map(Theme::name)>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content=color_scheme(theme)/>
                // Before anything can be seen.
                <script nonce=use_nonce() inner_html=leaving::HIDE></script>
                <script nonce=use_nonce() inner_html=plain::SCRIPT></script>
                <link rel="icon" type="image/svg+xml" href="/favicon.svg"/>
                <HashedStylesheet id="leptos" options=options.clone()/>
                <AutoReload options=options.clone()/>
                // Deferred: every form works as plain HTML, so nobody waits for WASM.
                <HydrationScripts options defer=true/>
                <MetaTags/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}

/// The application, on the server for each request and in the browser from hydration on.
///
/// The server also runs it once at start, without a request, to list the
/// routes: nothing here may insist on a request's data.
#[component]
pub fn App() -> impl IntoView {
    // First and unconditional: shared values are numbered in the order they are made.
    let snapshot = SharedValue::new(|| use_context::<Snapshot>().unwrap_or_default()).into_inner();
    provide_meta_context();
    provide_context(snapshot.clone());
    Shown::provide(&snapshot);
    let store = AuthStore::provide(&snapshot.who);
    SessionLife::provide(store, &snapshot.who);
    Effect::new(|_| browser::mark_hydrated());

    let product = Text::ProductName.to(lang());
    // Made before the page: of several titles, the one that was made last counts.
    let title =
        view! { <Title formatter=move |page: String| format!("{page} · {product}") text=t(Text::NavDashboard)/> };
    let page = match snapshot.page_error {
        Some(error) => view! {
            <Header/>
            <main id="main" tabindex="-1">
                <ErrorPage code=error.code request_id=error.request_id/>
            </main>
        }
        .into_any(),
        None => view! { <Pages/> }.into_any(),
    };
    view! {
        {title}
        <SkipLink/>
        <Overlays/>
        {page}
        <PreferenceSwitch/>
    }
}

/// Every page there is. All are `Async`: status, cookies and redirects are
/// settled before the first byte, and nothing flashes.
#[component]
fn Pages() -> impl IntoView {
    view! {
        <Router>
            <RoutedHeader/>
            <main id="main" tabindex="-1">
                <Routes fallback=|| view! { <ErrorPage code=Code::NotFound/> }>
                    <Route path=path!("/") view=DashboardPage ssr=SsrMode::Async/>
                    <Route path=path!("/account") view=AccountPage ssr=SsrMode::Async/>
                    <Route path=path!("/login") view=LoginPage ssr=SsrMode::Async/>
                    <Route path=path!("/setup") view=SetupPage ssr=SsrMode::Async/>
                    <Route path=path!("/activate") view=ActivatePage ssr=SsrMode::Async/>
                </Routes>
            </main>
        </Router>
    }
}

//! The pages, rendered only by the server: the shell and every route.
//!
//! | file | what is in it |
//! |---|---|
//! | [`pages`] | the content between header and footer |
//! | [`components`] | components of pages; those shared with overlays are in [`ui::components`](crate::ui::components) |
//! | [`request`] | the request's data for markup |
//! | [`program`] | loading the browser's program |

pub mod components;
pub mod pages;
pub mod program;
pub mod request;

use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_meta::{MetaTags, Title, provide_meta_context};
use leptos_router::components::{Route, Router, Routes};
use leptos_router::{SsrMode, path};

use self::components::header::{Header, SkipLink};
use self::components::preference_switch::PreferenceSwitch;
use self::pages::account::AccountPage;
use self::pages::activate::ActivatePage;
use self::pages::audit::AuditPage;
use self::pages::confirm::ConfirmPage;
use self::pages::dashboard::DashboardPage;
use self::pages::error::ErrorPage;
use self::pages::lockouts::LockoutsPage;
use self::pages::login::LoginPage;
use self::pages::new_password::NewPasswordPage;
use self::pages::people::PeoplePage;
use self::pages::people::new::NewPersonPage;
use self::pages::people::person::PersonPage;
use self::pages::roles::RolesPage;
use self::pages::sessions::SessionsPage;
use self::pages::settings::SettingsPage;
use self::pages::setup::SetupPage;
use self::program::{Loader, stylesheet};
use self::request::who;
use crate::model::code::Code;
use crate::model::page::PageError;
use crate::model::preference::Theme;
use crate::model::seed::{SEED_ID, Seed};
use crate::model::text::Text;
use crate::ui::page::{lang, t};
use crate::ui::preferences::color_scheme;
use crate::ui::program::OVERLAYS_ID;
use crate::ui::{leaving, plain};

/// The HTML document around every page.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let theme = theme();
    view! {
        <!DOCTYPE html>
        <html lang=lang().tag() data-theme=theme.map(Theme::name)>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content=color_scheme(theme)/>
                // Runs before the first frame.
                <script nonce=use_nonce() inner_html=leaving::HIDE></script>
                <script nonce=use_nonce() inner_html=plain::SCRIPT></script>
                <link rel="icon" type="image/svg+xml" href="/favicon.svg"/>
                // `cargo leptos watch` finds it by this id.
                <link id="leptos" rel="stylesheet" href=stylesheet(&options)/>
                <AutoReload options=options.clone()/>
                <Loader options/>
                <MetaTags/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}

/// Returns the chosen theme; `None` follows the system.
fn theme() -> Option<Theme> {
    use_context::<Option<Theme>>().flatten()
}

/// The content of `body`.
///
/// At start the server also renders it without a request, to list the routes, so it must work
/// without a request's data.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    let product = Text::ProductName.to(lang());
    // Created before the page: the title created last wins.
    let title =
        view! { <Title formatter=move |page: String| format!("{page} · {product}") text=t(Text::NavDashboard)/> };
    let page = match use_context::<Option<PageError>>().flatten() {
        Some(error) => view! { <ErrorPage code=error.code request_id=error.request_id/> }.into_any(),
        None => view! { <Pages/> }.into_any(),
    };
    view! {
        {title}
        <SkipLink/>
        // Precedes the page: when an overlay and the page have fields with the same id, the id
        // finds the overlay's.
        <div id=OVERLAYS_ID></div>
        <Header/>
        <main id="main" tabindex="-1">{page}</main>
        // The live region that announces changes of the page.
        <div id="said" class="visually-hidden" role="status"></div>
        <PreferenceSwitch/>
        <script type="application/json" id=SEED_ID nonce=use_nonce() inner_html=seed()></script>
    }
}

/// Returns the program's seed as JSON that is safe inside a script element.
fn seed() -> String {
    let seed = Seed { lang: lang(), theme: theme(), who: who() };
    // In a script element of this type, only `<` needs escaping.
    serde_json::to_string(&seed).unwrap_or_default().replace('<', "\\u003c")
}

/// Every route. All are `Async`: status, cookies and redirects are decided before the first byte,
/// and the page arrives complete.
#[component]
fn Pages() -> impl IntoView {
    view! {
        <Router>
            <Routes fallback=|| view! { <ErrorPage code=Code::NotFound/> }>
                <Route path=path!("/") view=DashboardPage ssr=SsrMode::Async/>
                <Route path=path!("/account") view=AccountPage ssr=SsrMode::Async/>
                <Route path=path!("/login") view=LoginPage ssr=SsrMode::Async/>
                <Route path=path!("/setup") view=SetupPage ssr=SsrMode::Async/>
                <Route path=path!("/new-password") view=NewPasswordPage ssr=SsrMode::Async/>
                <Route path=path!("/confirm") view=ConfirmPage ssr=SsrMode::Async/>
                <Route path=path!("/users") view=PeoplePage ssr=SsrMode::Async/>
                <Route path=path!("/users/new") view=NewPersonPage ssr=SsrMode::Async/>
                <Route path=path!("/users/:id") view=PersonPage ssr=SsrMode::Async/>
                <Route path=path!("/roles") view=RolesPage ssr=SsrMode::Async/>
                <Route path=path!("/sessions") view=SessionsPage ssr=SsrMode::Async/>
                <Route path=path!("/lockouts") view=LockoutsPage ssr=SsrMode::Async/>
                <Route path=path!("/audit") view=AuditPage ssr=SsrMode::Async/>
                <Route path=path!("/settings") view=SettingsPage ssr=SsrMode::Async/>
                <Route path=path!("/activate") view=ActivatePage ssr=SsrMode::Async/>
            </Routes>
        </Router>
    }
}

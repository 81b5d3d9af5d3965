//! `/`: who one is, what one may do, and whether all is well with the account.

mod history;
mod person;
mod session;

use leptos::prelude::*;
use leptos_meta::Title;

use crate::api::account::overview;
use crate::model::account::Overview;
use crate::model::failure::Failure;
use crate::model::text::Text;
use crate::ui::auth_store::auth_store;
use crate::ui::page::{lang, t};
use history::History;
use person::{Permissions, Person};
use session::Session;

/// The front page of the panel.
#[component]
pub fn DashboardPage() -> impl IntoView {
    let store = auth_store();
    let lang = lang();
    let overview = Resource::new_blocking(|| (), |_| overview());
    // In the browser alone: a session that died since the page was rendered.
    Effect::new(move |_| {
        if let Some(Err(failure)) = overview.get() {
            store.refused(&failure);
        }
    });
    let user = Memo::new(move |_| store.state().with(|s| s.user.clone()));
    view! {
        <Title text=t(Text::NavDashboard)/>
        {move || user.get().map(|user| view! {
            <div class="page">
                <h1>{Text::DashboardGreeting.with(lang, &[("name", &user.name)])}</h1>
                <div class="panels">
                    <Person user=user.clone()/>
                    <Permissions permissions=user.permissions/>
                    <Suspense fallback=move || view! { <p role="status">{Text::Loading.to(lang)}</p> }>
                        {move || Suspend::new(async move { panels(overview.await) })}
                    </Suspense>
                </div>
            </div>
        })}
    }
}

/// What the server tells of the account, or why it does not.
fn panels(overview: Result<Overview, Failure>) -> impl IntoView {
    match overview {
        Ok(overview) => view! {
            <Session overview=overview.clone()/>
            <History overview/>
        }
        .into_any(),
        Err(failure) => view! {
            <section class="panel" aria-label=t(Text::SessionTitle)>
                <p class="notice notice-danger">{failure.code.text(lang())}</p>
                <p><a class="button" href="/" rel="external">{t(Text::TryAgain)}</a></p>
            </section>
        }
        .into_any(),
    }
}

//! `/`: who one is, what one may do, and whether all is well with the account.

mod history;
mod person;
mod session;

use leptos::prelude::*;
use leptos_meta::Title;

use crate::model::page::PageData;
use crate::model::text::Text;
use crate::ui::auth_store::auth_store;
use crate::ui::page::{lang, page_data, t};
use history::History;
use person::{Permissions, Person};
use session::Session;

/// The front page of the panel. All it shows came with the page.
#[component]
pub fn DashboardPage() -> impl IntoView {
    let store = auth_store();
    let lang = lang();
    let overview = match page_data() {
        PageData::Dashboard(overview) => Some(overview),
        _ => None,
    };
    let user = Memo::new(move |_| store.state().with(|s| s.user.clone()));
    view! {
        <Title text=t(Text::NavDashboard)/>
        {move || user.get().map(|user| view! {
            <div class="page">
                <h1>{Text::DashboardGreeting.with(lang, &[("name", &user.name)])}</h1>
                <div class="panels">
                    <Person user=user.clone()/>
                    <Permissions permissions=user.permissions/>
                    {overview.clone().map(|overview| view! {
                        <Session overview=(*overview).clone()/>
                        <History overview=*overview/>
                    })}
                </div>
            </div>
        })}
    }
}

//! `/`: the user, their permissions, the session and recent sign-ins.

mod desk;
mod history;
mod news;
mod person;
mod session;

use leptos::prelude::*;
use leptos_meta::Title;

use crate::app::request::{page_data, user};
use crate::model::page::PageData;
use crate::model::text::{self, Text};
use crate::ui::page::{lang, t};
use desk::Desk;
use history::History;
use news::News;
use person::{Permissions, Person};
use session::Session;

/// The panel's start page.
#[component]
pub fn DashboardPage() -> impl IntoView {
    let PageData::Dashboard(overview, figures) = page_data() else { return ().into_any() };
    let Some(user) = user() else { return ().into_any() };
    let version = user.updated_at.clone();
    let live = if figures.is_some() { "user-changed users sessions lockouts" } else { "user-changed" };
    view! {
        <Title text=t(Text::NavDashboard)/>
        <div class="page" data-live=live data-version=version>
            <h1>{text::dashboard_greeting(lang(), &user.name)}</h1>
            <div class="panels">
                {figures.map(|figures| view! { <Desk figures/> })}
                <News news=overview.news.clone()/>
                <Person user=user.clone() role=overview.role.clone()/>
                <Permissions permissions=user.permissions/>
                <Session overview=(*overview).clone()/>
                <History overview=*overview/>
            </div>
        </div>
    }
    .into_any()
}

//! The current session.

use leptos::prelude::*;

use crate::model::account::Overview;
use crate::model::text::{self, Text};
use crate::ui::components::time::Time;
use crate::ui::page::{lang, t};

/// Returns the browser's name, or that it is unknown.
pub fn browser_name(browser: String) -> String {
    if browser.is_empty() { t(Text::BrowserUnknown).to_owned() } else { browser }
}

/// The session's browser, start and expiry.
#[component]
pub fn Session(overview: Overview) -> impl IntoView {
    let idle = match overview.idle_timeout_minutes {
        Some(minutes) => text::session_idle_after(lang(), minutes),
        None => t(Text::SessionIdleNever).to_owned(),
    };
    let remembered = t(if overview.remembered { Text::SessionRememberedYes } else { Text::SessionRememberedNo });
    view! {
        <section class="panel" aria-labelledby="session-title">
            <h2 id="session-title">{t(Text::SessionTitle)}</h2>
            <dl class="facts">
                <Fact term=Text::SessionBrowser>{browser_name(overview.browser)}</Fact>
                <Fact term=Text::SessionAddress>{overview.address}</Fact>
                <Fact term=Text::SessionSince><Time at=overview.started_at/></Fact>
                <Fact term=Text::SessionUntil><Time at=overview.expires_at/></Fact>
                <Fact term=Text::SessionIdle>{idle}</Fact>
                <Fact term=Text::SessionRemembered>{remembered}</Fact>
            </dl>
        </section>
    }
}

#[component]
fn Fact(term: Text, children: Children) -> impl IntoView {
    view! {
        <div>
            <dt>{t(term)}</dt>
            <dd>{children()}</dd>
        </div>
    }
}

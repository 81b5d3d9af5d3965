//! The layout of pages for signed-out users: one card with one task.

use leptos::prelude::*;
use leptos_meta::Title;

/// A centred card with a heading and an introduction.
#[component]
pub fn CardPage(
    title: &'static str,
    lead: &'static str,
    /// The document's title, if the heading is not specific enough.
    #[prop(optional)]
    window_title: Option<&'static str>,
    /// The content of the card.
    children: Children,
) -> impl IntoView {
    view! {
        <Title text=window_title.unwrap_or(title)/>
        <div class="card-page">
            <section class="card" aria-labelledby="card-title">
                <h1 id="card-title" class="card-title">{title}</h1>
                <p class="card-lead">{lead}</p>
                {children()}
            </section>
            <Ridge/>
        </div>
    }
}

/// The mountains that the association is named after, at the end of the page.
#[component]
fn Ridge() -> impl IntoView {
    view! {
        <svg class="ridge" viewBox="0 0 1200 160" preserveAspectRatio="none" aria-hidden="true" focusable="false">
            <path class="ridge-far" d="M0 160V92l150-38 120 34 190-78 120 62 150-42 170 58 130-34 170 40v66z"/>
            <path class="ridge-near" d="M0 160v-34l210-40 160 30 200-62 90 44 170-26 180 42 190-30v76z"/>
        </svg>
    }
}

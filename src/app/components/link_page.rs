//! The layout of a page that a one-time link leads to.

use leptos::prelude::*;

use super::card_page::CardPage;
use crate::app::request::page_data;
use crate::model::page::{LinkPage as LinkPageData, PageData};
use crate::model::text::Text;
use crate::ui::page::t;

/// What the page shows that a link has led to.
pub fn link_page() -> LinkPageData {
    match page_data() {
        PageData::Setup(page) | PageData::Activate(page) => page,
        _ => LinkPageData::default(),
    }
}

/// The task the link is for; with a dead link there is none, and the page says so.
#[component]
pub fn LinkPage(
    title: &'static str,
    /// What to know before starting.
    lead: &'static str,
    /// The task itself.
    children: Children,
) -> impl IntoView {
    if link_page().link.is_none() {
        let (title, lead) = (t(Text::LinkDeadTitle), t(Text::FieldTokenInvalid));
        view! { <CardPage title lead><a class="button" href="/login">{t(Text::LinkDeadLogin)}</a></CardPage> }
    } else {
        view! { <CardPage title lead>{children()}</CardPage> }
    }
}

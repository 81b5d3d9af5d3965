//! The layout of a page that a one-time link opens.

use leptos::prelude::*;

use super::card_page::CardPage;
use crate::app::request::page_data;
use crate::model::page::{LinkPage as LinkPageData, PageData};
use crate::model::text::Text;
use crate::ui::page::t;

/// Returns the data of a page that a one-time link opens.
pub fn link_page() -> LinkPageData {
    match page_data() {
        PageData::Setup(page) | PageData::Activate(page) => page,
        _ => LinkPageData::default(),
    }
}

/// The link's form. An invalid link gets a message instead.
#[component]
pub fn LinkPage(
    title: &'static str,
    /// The introduction.
    lead: &'static str,
    /// The form.
    children: Children,
) -> impl IntoView {
    if link_page().link.is_none() {
        let (title, lead) = (t(Text::LinkDeadTitle), t(Text::FieldTokenInvalid));
        view! { <CardPage title lead><a class="button" href="/login">{t(Text::LinkDeadLogin)}</a></CardPage> }
    } else {
        view! { <CardPage title lead>{children()}</CardPage> }
    }
}

//! The layout of a page that a one-time link leads to.

use leptos::prelude::*;

use super::card_page::CardPage;
use crate::model::text::Text;
use crate::ui::page::{snapshot, t};

/// The task the link is for; with a dead link there is none, and the page says so.
#[component]
pub fn LinkPage(
    title: &'static str,
    /// What to know before starting.
    lead: &'static str,
    /// The task itself.
    children: Children,
) -> impl IntoView {
    if snapshot().link.is_none() {
        let (title, lead) = (t(Text::LinkDeadTitle), t(Text::FieldTokenInvalid));
        view! { <CardPage title lead><a class="button" href="/login" rel="external">{t(Text::LinkDeadLogin)}</a></CardPage> }
    } else {
        view! { <CardPage title lead>{children()}</CardPage> }
    }
}

//! The choice at the session limit: which session ends. The user is not signed in yet.

use leptos::prelude::*;

use crate::app::components::card_page::CardPage;
use crate::model::session::SessionChoice;
use crate::model::text::Text;
use crate::ui::components::choice_card::ChoiceCard;
use crate::ui::components::form::FormState;
use crate::ui::page::t;

/// The session choice as a page.
#[component]
pub fn ChoicePage(
    state: FormState,
    choice: SessionChoice,
    /// The target after signing in.
    onward: Option<String>,
) -> impl IntoView {
    view! {
        <CardPage title=t(Text::ChoiceTitle) lead=t(Text::ChoiceLead) window_title=t(Text::SignIn)>
            <ChoiceCard state choice onward/>
        </CardPage>
    }
}

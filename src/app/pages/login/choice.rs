//! At the session limit: which session ends, before anybody is signed in.

use leptos::prelude::*;

use crate::app::components::card_page::CardPage;
use crate::model::session::SessionChoice;
use crate::model::text::Text;
use crate::ui::components::choice_card::ChoiceCard;
use crate::ui::components::form::FormState;
use crate::ui::page::t;

/// The sessions to choose from, as a page.
#[component]
pub fn ChoicePage(
    state: FormState,
    choice: SessionChoice,
    /// Where to go on after signing in.
    onward: Option<String>,
) -> impl IntoView {
    view! {
        <CardPage title=t(Text::ChoiceTitle) lead=t(Text::ChoiceLead) window_title=t(Text::SignIn)>
            <ChoiceCard state choice onward/>
        </CardPage>
    }
}

//! At the session limit: which session ends, before anybody is signed in.

use leptos::prelude::*;

use super::{OnwardField, onward};
use crate::model::redirect::SafePath;
use crate::model::session::SessionChoice;
use crate::model::text::Text;
use crate::ui::auth_store::auth_store;
use crate::ui::components::card_page::CardPage;
use crate::ui::components::form_state::FormState;
use crate::ui::components::session_choice::SessionChoiceForm;
use crate::ui::page::t;

/// The sessions to choose from, as a page.
#[component]
pub fn ChoicePage(
    state: FormState,
    /// What is on the page: taken away, the form to sign in at is back.
    offered: RwSignal<Option<SessionChoice>>,
    choice: SessionChoice,
) -> impl IntoView {
    let store = auth_store();
    let onward = onward().unwrap_or_else(SafePath::home);
    view! {
        <CardPage title=t(Text::ChoiceTitle) lead=t(Text::ChoiceLead) window_title=t(Text::SignIn)>
            <SessionChoiceForm state offered choice choose=move |choice| store.choose(choice, onward.clone())>
                <OnwardField/>
            </SessionChoiceForm>
            // A full load of the page: nothing of this one is left.
            <form class="choice-cancel" method="get" action="/login">
                <OnwardField/>
                <button class="button" type="submit">{t(Text::Cancel)}</button>
            </form>
        </CardPage>
    }
}

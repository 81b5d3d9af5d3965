//! At the session limit, the session choice in the login page's card.

use leptos::mount::mount_to;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::form::FormState;
use super::session_choice::SessionChoiceForm;
use super::time::localise;
use crate::model::failure::Failure;
use crate::model::form::REDIRECT_FIELD;
use crate::model::lang::Lang;
use crate::model::session::SessionChoice;
use crate::model::text::Text;
use crate::ui::dom;
use crate::ui::page::t;

/// The card's content below its heading.
#[component]
pub fn ChoiceCard(
    state: FormState,
    choice: SessionChoice,
    /// The target after signing in.
    onward: Option<String>,
) -> impl IntoView {
    let field =
        |onward: Option<String>| onward.map(|path| view! { <input type="hidden" name=REDIRECT_FIELD value=path/> });
    let (first, second) = (field(onward.clone()), field(onward));
    view! {
        <SessionChoiceForm state choice on_submit=None>{first}</SessionChoiceForm>
        // A full page load, which drops this page's state.
        <form class="choice-cancel" method="get" action="/login">
            {second}
            <button class="button" type="submit">{t(Text::Cancel)}</button>
        </form>
    }
}

/// Replaces the card's content by the session choice.
pub fn show(refused: Failure, choice: SessionChoice, onward: Option<String>, lang: Lang) {
    let Some(card) = dom::on_page("main .card").and_then(|card| card.dyn_into::<web_sys::HtmlElement>().ok()) else {
        return;
    };
    card.set_text_content(None);
    let shown = mount_to(card.clone(), move || {
        provide_context(lang);
        let state = FormState::new("", Some(refused), Default::default());
        view! {
            <h1 id="card-title" class="card-title">{t(Text::ChoiceTitle)}</h1>
            <p class="card-lead">{t(Text::ChoiceLead)}</p>
            <ChoiceCard state choice onward/>
        }
    });
    // It stays until the page is left or other content replaces it.
    shown.forget();
    localise(&card, lang);
    if let Some(alert) = dom::find(&card, ".form-alert") {
        dom::focus(&alert);
    }
}

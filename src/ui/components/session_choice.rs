//! The choice at the session limit: which session ends.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use super::form::{FormState, PostForm};
use super::time::Time;
use crate::model::code::Code;
use crate::model::failure::Failure;
use crate::model::forms;
use crate::model::session::{SessionChoice, SessionItem};
use crate::model::text::{self, Text};
use crate::model::words;
use crate::ui::page::{lang, t};

/// The field with the session's handle, and the id of its first radio button.
const HANDLE: &str = "handle";

/// The sessions to choose from. The ticket proves the password, which is no longer kept.
#[component]
pub fn SessionChoiceForm(
    state: FormState,
    choice: SessionChoice,
    /// Replaces the post, where the program renders the form.
    #[prop(optional_no_strip, into)]
    on_submit: Option<Callback<SubmitEvent>>,
    /// Further fields.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let also = match choice.also_ending {
        0 => None,
        others => Some(text::choice_also_ending(lang(), others)),
    };
    let error = state.field_error(HANDLE);
    let cards = choice.sessions.into_iter().enumerate().map(|(at, session)| card(session, at == 0)).collect_view();
    view! {
        <PostForm action=forms::CHOOSE.action state on_submit label=Text::ChoiceSubmit busy_label=Text::SigningIn>
            {children.map(|children| children())}
            <input type="hidden" name="ticket" value=choice.ticket.to_string()/>
            <fieldset class="choices field">
                <legend class="field-label">{t(Text::ChoiceLegend)}</legend>
                <div class="choice-list">{cards}</div>
                {error.map(|error| view! { <p class="field-error" id="handle-error">{error}</p> })}
            </fieldset>
            {also.map(|also| view! { <p class="notice notice-warning">{also}</p> })}
        </PostForm>
    }
}

/// A session as a radio card. The least recently active one is first and preselected.
fn card(session: SessionItem, first: bool) -> impl IntoView {
    let name = words::browser(&session.browser, &session.device, lang());
    view! {
        <label class="choice">
            <input type="radio" name=HANDLE id=first.then_some(HANDLE) value=session.handle checked=first/>
            <span class="choice-text">
                <span class="choice-name">{name}</span>
                <span class="choice-fact">{session.address}</span>
                <span class="choice-fact">{t(Text::ChoiceLastActive)} " " <Time at=session.last_active_at/></span>
                {session.remembered.then(|| view! { <span class="choice-fact">{t(Text::SessionRemembered)}</span> })}
            </span>
        </label>
    }
}

/// Returns what a refusal leads to: a new choice, the sign-in form (`Some(None)`), or no change
/// (`None`).
pub fn offer_after(failure: &Failure) -> Option<Option<SessionChoice>> {
    let dead_ticket = failure.fields.as_ref().is_some_and(|fields| fields.contains_key("ticket"));
    match failure.code {
        Code::SessionLimit => Some(failure.choice.as_deref().cloned()),
        Code::AccountInactive => Some(None),
        _ => dead_ticket.then_some(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_new_choice_or_a_dead_ticket_replaces_the_choice() {
        let choice = SessionChoice::default();
        assert_eq!(offer_after(&Failure::session_limit(choice.clone())), Some(Some(choice)));
        assert_eq!(offer_after(&Failure::field("ticket", "spent")), Some(None));
        assert_eq!(offer_after(&Failure::new(Code::AccountInactive)), Some(None));
        for again in [Failure::field(HANDLE, "none"), Failure::new(Code::Offline), Failure::new(Code::NotFound)] {
            assert_eq!(offer_after(&again), None);
        }
    }
}

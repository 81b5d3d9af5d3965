//! The cover over a page whose session has ended: the reason, and a sign-in form.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::dialog::DialogFrame;
use super::field::FieldFrame;
use super::form::{FormState, PostForm};
use super::password_field::PasswordField;
use super::session_choice::{SessionChoiceForm, offer_after};
use super::time::{in_words, localise};
use crate::model::account::{Choice, Credentials};
use crate::model::email::shown;
use crate::model::failure::Failure;
use crate::model::forms;
use crate::model::session::{EndReason, Revocation, SessionChoice};
use crate::model::text::{self, Text};
use crate::ui::auth_store::{CoverReason, Ended};
use crate::ui::dom;
use crate::ui::form::Form;
use crate::ui::page::{lang, t};
use crate::ui::session_life::session_life;

/// The sign-in for the page's user. Other users start at the login page, because they must not see
/// this page.
#[component]
pub fn SignInCover(ended: Ended) -> impl IntoView {
    let life = session_life();
    let offered = RwSignal::new(None::<Offer>);
    let at_limit = Memo::new(move |_| offered.with(|offer| offer.as_ref().is_some_and(|offer| offer.choice.is_some())));
    let cause = ended.why;
    let revoked = cause == CoverReason::Ended(Some(EndReason::Revoked));
    let who = move || life.revoked.get().filter(|_| revoked);
    let why = move || who().map_or_else(|| t(reason(cause)).to_owned(), |by| who_did(&by));
    let (lead_text, choice_text) = (t(Text::LifeCoverLead), t(Text::ChoiceLead));
    let lead = move || if at_limit.get() { choice_text } else { lead_text };
    let person = StoredValue::new(ended);
    view! {
        <DialogFrame id="cover" role="dialog" title=t(Text::LifeCoverTitle) covers=true>
            <div id="cover-text" class="dialog-text">
                <p class="notice notice-warning">{why}</p>
                <p class="muted">{lead}</p>
            </div>
            // Choice and sign-in form replace each other, so a hidden form keeps no password.
            {move || match offered.get() {
                Some(Offer { refused, choice: Some(choice) }) => {
                    view! { <ChoiceForm offered refused choice/> }.into_any()
                }
                _ => view! { <PasswordForm offered person/> }.into_any(),
            }}
            <p class="dialog-aside">
                <button class="button button-quiet" type="button" on:click=move |_| life.store.switch_account()>
                    {t(Text::LifeOtherAccount)}
                </button>
                <span class="muted">{t(Text::LifeOtherAccountHint)}</span>
            </p>
        </DialogFrame>
    }
}

#[component]
fn PasswordForm(offered: RwSignal<Option<Offer>>, person: StoredValue<Ended>) -> impl IntoView {
    let (store, lang) = (session_life().store, lang());
    let state = FormState::over(offered.with_untracked(|offer| offer.as_ref().map(|offer| offer.refused.clone())));
    let Ended { email, remembered, .. } = person.get_value();
    let sign_in = Callback::new(move |event: SubmitEvent| {
        let Some(form) = Form::of(&event) else { return };
        let credentials = Credentials {
            email: person.with_value(|person| person.email.clone()),
            password: form.text("password").into(),
            remember_me: form.ticked("rememberMe"),
            ask_at_limit: true,
        };
        form.send(lang, async move {
            let sent = store.sign_in_again(credentials).await;
            sent.inspect_err(|failure| offer(offered, failure))
        });
    });
    view! {
        <PostForm action=forms::LOGIN.action state on_submit=sign_in label=Text::SignIn busy_label=Text::SigningIn>
            <FieldFrame state name="email" label=Text::FieldEmail hint=None>
                <input class="input" id="email" name="email" type="text" value=shown(&email) autocomplete="username" readonly=true/>
            </FieldFrame>
            <PasswordField state autocomplete="current-password" autofocus=true/>
            <label class="check">
                <input type="checkbox" name="rememberMe" value="true" checked=remembered/>
                <span>{t(Text::FieldRememberMe)}</span>
            </label>
        </PostForm>
    }
}

/// The choice at the session limit: which session ends.
#[component]
fn ChoiceForm(offered: RwSignal<Option<Offer>>, refused: Failure, choice: SessionChoice) -> impl IntoView {
    let (store, lang) = (session_life().store, lang());
    let choose = Callback::new(move |event: SubmitEvent| {
        let Some(form) = Form::of(&event) else { return };
        let choice = Choice { ticket: form.text("ticket").into(), handle: form.text("handle") };
        form.send(lang, async move {
            let sent = store.choose_again(choice).await;
            sent.inspect_err(|failure| offer(offered, failure))
        });
    });
    Effect::new(move |_| {
        if let Some(alert) = dom::on_page(".dialog .form-alert") {
            dom::focus(&alert);
        }
        if let Some(list) = dom::on_page(".dialog .choices") {
            localise(&list, lang);
        }
    });
    view! {
        <SessionChoiceForm state=FormState::over(Some(refused)) choice on_submit=choose/>
        <p class="choice-cancel">
            <button class="button" type="button" on:click=move |_| offered.set(None)>{t(Text::Cancel)}</button>
        </p>
    }
}

/// What is shown after a refusal, with the refusal.
#[derive(Clone)]
struct Offer {
    refused: Failure,
    /// `None` shows the sign-in form.
    choice: Option<SessionChoice>,
}

fn offer(offered: RwSignal<Option<Offer>>, failure: &Failure) {
    if let Some(choice) = offer_after(failure) {
        offered.set(Some(Offer { refused: failure.clone(), choice }));
    }
}

/// The cover after a sign-out that did not reach the server.
#[component]
pub fn SignedOutCover() -> impl IntoView {
    let store = session_life().store;
    let again = move |_| spawn_local(store.finish_sign_out());
    view! {
        <DialogFrame id="signed-out" role="dialog" title=t(Text::LifeSignedOutTitle) covers=true>
            <p id="signed-out-text">{t(Text::LifeSignedOutLead)}</p>
            <div class="dialog-actions">
                <button class="button button-primary" type="button" autofocus=true on:click=again>
                    {t(Text::TryAgain)}
                </button>
            </div>
        </DialogFrame>
    }
}

/// Returns who ended the session, when, and on which device.
fn who_did(by: &Revocation) -> String {
    let lang = lang();
    let time = in_words(&by.at, lang);
    match by {
        Revocation { by_you: false, .. } => text::life_revoked_by_administrator(lang, time),
        Revocation { device, .. } if device.is_empty() => text::life_revoked_by_you(lang, time),
        Revocation { device, .. } => text::life_revoked_by_you_with(lang, device, time),
    }
}

/// Returns the reason as the user reads it.
fn reason(why: CoverReason) -> Text {
    match why {
        CoverReason::Renewing => Text::LifeWhyRenewing,
        CoverReason::SignedOut | CoverReason::Ended(None | Some(EndReason::Logout)) => Text::LifeWhyUnknown,
        CoverReason::Ended(Some(reason)) => match reason {
            EndReason::Idle => Text::LifeWhyIdle,
            EndReason::Expired => Text::LifeWhyExpired,
            EndReason::Revoked => Text::LifeWhyRevoked,
            EndReason::PasswordChanged => Text::LifeWhyPasswordChanged,
            EndReason::AccountDisabled => Text::LifeWhyAccountDisabled,
            EndReason::AccountDeleted => Text::LifeWhyAccountDeleted,
            EndReason::SessionLimit => Text::LifeWhySessionLimit,
            EndReason::TokenReuse => Text::LifeWhyTokenReuse,
            EndReason::Replaced => Text::LifeWhyReplaced,
            EndReason::Logout => Text::LifeWhyUnknown,
        },
    }
}

//! Over a page whose session has ended: why, and the way back to it.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::task::spawn_local;

use super::dialog::DialogFrame;
use super::field::FieldFrame;
use super::form_state::FormState;
use super::password_field::PasswordField;
use super::post_form::PostForm;
use super::session_choice::SessionChoiceForm;
use super::time::in_words;
use super::typed::Typed;
use crate::api::auth::Login;
use crate::model::account::Credentials;
use crate::model::email::shown;
use crate::model::failure::Failure;
use crate::model::session::{EndReason, Revocation, SessionChoice};
use crate::model::text::Text;
use crate::ui::auth_store::{Ended, Why};
use crate::ui::page::{lang, t};
use crate::ui::session_life::{session_life, tabs};

/// The sign-in for the person whose page it is. For anybody else, nothing of
/// the page may be left: they start at the login page.
#[component]
pub fn SignInCover(ended: Ended) -> impl IntoView {
    let life = session_life();
    let state = FormState::blank();
    let offered = RwSignal::new(None);
    let cause = ended.why;
    let revoked = cause == Why::Ended(Some(EndReason::Revoked));
    let who = move || life.revoked.get().filter(|_| revoked);
    let why = move || who().map_or_else(|| t(reason(cause)).to_owned(), |by| who_did(&by));
    let lead = move || t(if offered.with(Option::is_some) { Text::ChoiceLead } else { Text::LifeCoverLead });
    let person = StoredValue::new(ended);
    view! {
        <DialogFrame id="cover" role="dialog" title=t(Text::LifeCoverTitle) covers=true>
            <div id="cover-text" class="dialog-text">
                <p class="notice notice-warning">{why}</p>
                <p class="muted">{lead}</p>
            </div>
            // One takes the other's place: a form that is gone keeps no password.
            {move || match offered.get() {
                Some(choice) => view! { <ChoiceForm state offered choice person/> }.into_any(),
                None => view! { <PasswordForm state offered person/> }.into_any(),
            }}
            <p class="dialog-aside">
                <button class="button button-quiet" type="button" on:click=move |_| life.store.give_up()>
                    {t(Text::LifeOtherAccount)}
                </button>
                <span class="muted">{t(Text::LifeOtherAccountHint)}</span>
            </p>
        </DialogFrame>
    }
}

#[component]
fn PasswordForm(
    state: FormState,
    offered: RwSignal<Option<SessionChoice>>,
    person: StoredValue<Ended>,
) -> impl IntoView {
    let store = session_life().store;
    let Ended { email, remembered, .. } = person.get_value();
    let sign_in = move |typed: Typed| {
        let credentials = Credentials {
            email: person.with_value(|person| person.email.clone()),
            password: typed.text("password").into(),
            remember_me: typed.checked("rememberMe"),
            ask_at_limit: true,
        };
        let said = said(person);
        state.send(async move {
            let sent = store.sign_in_again(credentials).await;
            told(&said, sent).inspect_err(|failure| offered.set(failure.choice.as_deref().cloned()))
        });
    };
    view! {
        <PostForm action=Login::PATH state on_send=sign_in label=Text::SignIn busy_label=Text::SigningIn>
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

/// At the session limit: which session ends.
#[component]
fn ChoiceForm(
    state: FormState,
    offered: RwSignal<Option<SessionChoice>>,
    choice: SessionChoice,
    person: StoredValue<Ended>,
) -> impl IntoView {
    let store = session_life().store;
    let choose = move |choice| {
        let said = said(person);
        async move { told(&said, store.choose_again(choice).await) }
    };
    let cancel = move |_| {
        state.done();
        offered.set(None);
    };
    view! {
        <SessionChoiceForm state offered choice choose/>
        <p class="choice-cancel">
            <button class="button" type="button" on:click=cancel>{t(Text::Cancel)}</button>
        </p>
    }
}

/// What the other tabs are told: who it is. Said early, because a sign-in takes
/// the cover away and all that it keeps.
fn said(person: StoredValue<Ended>) -> String {
    person.with_value(|person| serde_json::to_string(&person.user_id)).unwrap_or_default()
}

/// Tells the other tabs who has signed in here.
fn told(said: &str, sent: Result<(), Failure>) -> Result<(), Failure> {
    sent.inspect(|()| tabs::say("signed-in-here", said))
}

/// Over a page that was signed out of while the server could not be reached.
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

/// Who ended it, when, and with which device.
fn who_did(by: &Revocation) -> String {
    let lang = lang();
    let time = in_words(&by.at, lang);
    let text = match by {
        Revocation { by_you: false, .. } => Text::LifeRevokedByAdministrator,
        Revocation { device, .. } if device.is_empty() => Text::LifeRevokedByYou,
        Revocation { .. } => Text::LifeRevokedByYouWith,
    };
    text.with(lang, &[("time", &time), ("device", &by.device)])
}

/// The reason as it is told to the person it happened to.
fn reason(why: Why) -> Text {
    match why {
        Why::Renewing => Text::LifeWhyRenewing,
        Why::SignedOut | Why::Ended(None | Some(EndReason::Logout)) => Text::LifeWhyUnknown,
        Why::Ended(Some(reason)) => match reason {
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

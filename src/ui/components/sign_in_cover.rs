//! Over a page whose session has ended: why, and the way back to it.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::task::spawn_local;

use super::dialog::DialogFrame;
use super::field::FieldFrame;
use super::form_state::FormState;
use super::password_field::PasswordField;
use super::post_form::PostForm;
use super::typed::Typed;
use crate::api::auth::Login;
use crate::model::account::Credentials;
use crate::model::session::EndReason;
use crate::model::text::Text;
use crate::ui::auth_store::{Ended, Why};
use crate::ui::page::t;
use crate::ui::session_life::{session_life, tabs};

/// The sign-in for the person whose page it is. For anybody else, nothing of
/// the page may be left: they start at the login page.
#[component]
pub fn SignInCover(ended: Ended) -> impl IntoView {
    let store = session_life().store;
    let state = FormState::blank();
    let (email, user_id) = (ended.email, ended.user_id);
    let sign_in = {
        let email = email.clone();
        move |typed: Typed| {
            let credentials = Credentials {
                email: email.clone(),
                password: typed.text("password").into(),
                remember_me: typed.checked("rememberMe"),
                ..Credentials::default()
            };
            let said = serde_json::to_string(&user_id).unwrap_or_default();
            state.send(async move {
                store.sign_in_again(credentials).await?;
                tabs::say("signed-in-here", &said);
                Ok(())
            });
        }
    };
    view! {
        <DialogFrame id="cover" role="dialog" title=t(Text::LifeCoverTitle) covers=true>
            <div id="cover-text" class="dialog-text">
                <p class="notice notice-warning">{t(reason(ended.why))}</p>
                <p class="muted">{t(Text::LifeCoverLead)}</p>
            </div>
            <PostForm action=Login::PATH state on_send=sign_in label=Text::SignIn busy_label=Text::SigningIn>
                <FieldFrame state name="email" label=Text::FieldEmail hint=None>
                    <input class="input" id="email" name="email" type="text" value=email autocomplete="username" readonly=true/>
                </FieldFrame>
                <PasswordField state autocomplete="current-password" autofocus=true/>
                <label class="check">
                    <input type="checkbox" name="rememberMe" value="true" checked=ended.remembered/>
                    <span>{t(Text::FieldRememberMe)}</span>
                </label>
            </PostForm>
            <p class="dialog-aside">
                <button class="button button-quiet" type="button" on:click=move |_| store.give_up()>
                    {t(Text::LifeOtherAccount)}
                </button>
                <span class="muted">{t(Text::LifeOtherAccountHint)}</span>
            </p>
        </DialogFrame>
    }
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

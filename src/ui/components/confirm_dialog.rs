//! The password once more, for what needs a recent sign-in.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::dialog::DialogFrame;
use super::form_state::FormState;
use super::password_field::{PasswordField, PasswordOwner};
use super::post_form::PostForm;
use super::typed::Typed;
use crate::api::auth::{Confirm, confirm};
use crate::api::client;
use crate::model::account::Confirmation;
use crate::model::failure::Code;
use crate::model::text::Text;
use crate::ui::page::t;
use crate::ui::session_life::session_life;

/// Asks for the password; then what was refused is done, or given up.
#[component]
pub fn ConfirmDialog() -> impl IntoView {
    let life = session_life();
    let state = FormState::blank();
    let send = move |typed: Typed| {
        let confirmation = Confirmation { password: typed.text("password").into() };
        state.send(async move {
            match client::send(|| confirm(confirmation.clone())).await {
                Ok(()) => life.helped(true),
                // The session ended meanwhile; a sign-in proves the password too.
                Err(failure) if failure.code == Code::Unauthenticated => life.lost(failure.reason).await,
                Err(failure) => return Err(failure),
            }
            Ok(())
        });
    };
    let give_up = move || life.helped(false);
    view! {
        <DialogFrame id="confirm" role="dialog" title=t(Text::LifeConfirmTitle) on_escape=Callback::new(move |()| give_up())>
            <p id="confirm-text">{t(Text::LifeConfirmLead)}</p>
            <PostForm action=Confirm::PATH state on_send=send label=Text::LifeConfirm busy_label=Text::LifeConfirming>
                <PasswordOwner/>
                <PasswordField state autocomplete="current-password" autofocus=true/>
            </PostForm>
            <button class="button button-quiet" type="button" on:click=move |_| give_up()>{t(Text::Cancel)}</button>
        </DialogFrame>
    }
}

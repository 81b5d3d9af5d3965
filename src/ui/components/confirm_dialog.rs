//! The password dialog for operations that need a recent sign-in.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use super::dialog::DialogFrame;
use super::form::{FormState, PostForm};
use super::password_field::{PasswordField, PasswordOwner};
use crate::api::client;
use crate::model::account::Confirmation;
use crate::model::code::Code;
use crate::model::forms;
use crate::model::text::Text;
use crate::ui::form::Form;
use crate::ui::page::{lang, t};
use crate::ui::session_life::session_life;

/// Asks for the password, then repeats the refused call or gives it up.
#[component]
pub fn ConfirmDialog() -> impl IntoView {
    let (life, lang) = (session_life(), lang());
    let state = FormState::over(None);
    let email = life.store.shown_email();
    let send = Callback::new(move |event: SubmitEvent| {
        let Some(form) = Form::of(&event) else { return };
        let confirmation = Confirmation { password: form.text("password").into() };
        form.send(lang, async move {
            match client::send(&client::json(forms::CONFIRM.action, &confirmation)).await {
                Ok(_) => life.resume_calls(true),
                // The session ended meanwhile; a new sign-in proves the password too.
                Err(failure) if failure.code == Code::Unauthenticated => life.lost(failure.reason).await,
                Err(failure) => return Err(failure),
            }
            Ok(())
        });
    });
    let give_up = move || life.resume_calls(false);
    view! {
        <DialogFrame id="confirm" role="dialog" title=t(Text::LifeConfirmTitle) on_escape=Callback::new(move |()| give_up())>
            <p id="confirm-text">{t(Text::LifeConfirmLead)}</p>
            <PostForm action=forms::CONFIRM.action state on_submit=send label=Text::LifeConfirm busy_label=Text::LifeConfirming>
                <PasswordOwner email/>
                <PasswordField state autocomplete="current-password" autofocus=true/>
            </PostForm>
            <button class="button button-quiet" type="button" on:click=move |_| give_up()>{t(Text::Cancel)}</button>
        </DialogFrame>
    }
}

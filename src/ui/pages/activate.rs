//! `/activate?token=…`: an invited person chooses a password.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::api::account::{Activate, activate};
use crate::api::client;
use crate::model::account::Activation;
use crate::model::text::Text;
use crate::ui::browser::{Departure, depart};
use crate::ui::components::form_state::{FormState, query};
use crate::ui::components::link_page::{LinkPage, link_page};
use crate::ui::components::password_field::{PasswordField, PasswordOwner};
use crate::ui::components::post_form::PostForm;
use crate::ui::components::typed::Typed;
use crate::ui::page::t;

/// The page an invitation leads to. Opening it changes nothing: only the post
/// spends the link.
#[component]
pub fn ActivatePage() -> impl IntoView {
    let state = FormState::of_page();
    let token = query("token").unwrap_or_default();
    let email = link_page().link.and_then(|link| link.email).unwrap_or_default();

    let send = move |typed: Typed| {
        let activation = Activation { token: typed.text("token").into(), password: typed.text("password").into() };
        state.send(async move {
            client::call(|| activate(activation.clone())).await?;
            depart(Departure::Login);
            Ok(())
        });
    };
    view! {
        <LinkPage title=t(Text::ActivateTitle) lead=t(Text::ActivateLead)>
            <PostForm action=Activate::PATH state on_send=send label=Text::ActivateSubmit busy_label=Text::Saving>
                <input type="hidden" name="token" value=token/>
                <PasswordOwner email/>
                <PasswordField state autocomplete="new-password" hint=Text::FieldPasswordHint autofocus=true/>
            </PostForm>
        </LinkPage>
    }
}

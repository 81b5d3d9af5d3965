//! `/setup?token=…`: the first administrator.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::api::account::{Setup, setup};
use crate::api::client;
use crate::model::account::FirstAdministrator;
use crate::model::text::Text;
use crate::ui::browser::{Departure, depart};
use crate::ui::components::field::TextField;
use crate::ui::components::form_state::{FormState, query};
use crate::ui::components::link_page::LinkPage;
use crate::ui::components::password_field::PasswordField;
use crate::ui::components::post_form::PostForm;
use crate::ui::components::typed::Typed;
use crate::ui::page::t;

/// The page a new installation starts with. Opening it changes nothing: only
/// the post spends the link.
#[component]
pub fn SetupPage() -> impl IntoView {
    let state = FormState::of_page();
    let token = query("token").unwrap_or_default();
    let first = state.first(&["name", "email", "password"]);

    let send = move |typed: Typed| {
        let administrator = FirstAdministrator {
            token: typed.text("token").into(),
            name: typed.text("name"),
            email: typed.text("email"),
            password: typed.text("password").into(),
        };
        state.send(async move {
            client::call(|| setup(administrator.clone())).await?;
            depart(Departure::Login);
            Ok(())
        });
    };
    view! {
        <LinkPage title=t(Text::SetupTitle) lead=t(Text::SetupLead)>
            <PostForm action=Setup::PATH state on_send=send label=Text::SetupSubmit busy_label=Text::Saving>
                <input type="hidden" name="token" value=token/>
                <TextField state name="name" label=Text::FieldName autocomplete="name" autofocus=first == Some("name")/>
                <TextField
                    state
                    name="email"
                    label=Text::FieldEmail
                    autocomplete="username"
                    inputmode="email"
                    autofocus=first == Some("email")
                />
                <PasswordField
                    state
                    autocomplete="new-password"
                    hint=Text::FieldPasswordHint
                    autofocus=first == Some("password")
                />
            </PostForm>
        </LinkPage>
    }
}

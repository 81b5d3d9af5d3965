//! `/setup?token=…`: creates the first administrator.

use leptos::prelude::*;

use crate::app::components::link_page::{LinkPage, link_page};
use crate::app::request::{form_of_page, query};
use crate::model::form::REDIRECT_FIELD;
use crate::model::forms;
use crate::model::text::Text;
use crate::ui::components::field::TextField;
use crate::ui::components::form::PostForm;
use crate::ui::components::password_field::PasswordField;
use crate::ui::page::t;

/// The first page of a new installation. A `GET` changes nothing; only the post uses up the link.
#[component]
pub fn SetupPage() -> impl IntoView {
    let state = form_of_page();
    let token = query("token").unwrap_or_default();
    let first = state.first(&["name", "email", "password"]);
    view! {
        <LinkPage title=t(Text::SetupTitle) lead=t(Text::SetupLead)>
            <PostForm action=forms::SETUP.action state label=Text::SetupSubmit busy_label=Text::Saving>
                <input type="hidden" name="token" value=token/>
                <input type="hidden" name=REDIRECT_FIELD value="/login"/>
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
                    min_length=link_page().password_min_length
                    autofocus=first == Some("password")
                />
            </PostForm>
        </LinkPage>
    }
}

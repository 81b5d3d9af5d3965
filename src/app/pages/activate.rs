//! `/activate?token=…`: an invited user chooses a password.

use leptos::prelude::*;

use crate::app::components::link_page::{LinkPage, link_page};
use crate::app::request::{form_of_page, query};
use crate::model::email::shown;
use crate::model::form::REDIRECT_FIELD;
use crate::model::forms;
use crate::model::text::Text;
use crate::ui::components::form::PostForm;
use crate::ui::components::password_field::{PasswordField, PasswordOwner};
use crate::ui::page::t;

/// The page that an invitation opens. A `GET` changes nothing; only the post uses up the link.
#[component]
pub fn ActivatePage() -> impl IntoView {
    let state = form_of_page();
    let (token, page) = (query("token").unwrap_or_default(), link_page());
    let email = page.link.and_then(|link| link.email).unwrap_or_default();
    view! {
        <LinkPage title=t(Text::ActivateTitle) lead=t(Text::ActivateLead)>
            <PostForm action=forms::ACTIVATE.action state label=Text::ActivateSubmit busy_label=Text::Saving>
                <input type="hidden" name="token" value=token/>
                <input type="hidden" name=REDIRECT_FIELD value="/login"/>
                <PasswordOwner email=shown(&email)/>
                <PasswordField state autocomplete="new-password" min_length=page.password_min_length autofocus=true/>
            </PostForm>
        </LinkPage>
    }
}

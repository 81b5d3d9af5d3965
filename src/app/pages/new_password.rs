//! `/new-password`: the new password that an administrator requires. Every other page leads here until
//! it is chosen.

use leptos::prelude::*;

use crate::app::components::card_page::CardPage;
use crate::app::components::sign_out::SignOut;
use crate::app::pages::account::rules::Rules;
use crate::app::request::{form_of, page_data, user};
use crate::model::form::REDIRECT_FIELD;
use crate::model::forms::NEW_PASSWORD;
use crate::model::page::PageData;
use crate::model::text::Text;
use crate::ui::components::form::PostForm;
use crate::ui::components::password_field::{PasswordField, PasswordOwner};
use crate::ui::page::t;

/// The form, or the advice to sign in again if the last sign-in is too long ago.
#[component]
pub fn NewPasswordPage() -> impl IntoView {
    let PageData::NewPassword { password_min_length: min_length, recent } = page_data() else { return ().into_any() };
    let state = form_of(NEW_PASSWORD.action);
    let email = user().map(|user| user.shown_email()).unwrap_or_default();
    let task = match recent {
        true => view! {
            <PostForm action=NEW_PASSWORD.action state label=Text::NewPasswordSubmit busy_label=Text::Saving>
                <input type="hidden" name=REDIRECT_FIELD value="/"/>
                <PasswordOwner email/>
                <PasswordField state name="newPassword" label=Text::FieldNewPassword autocomplete="new-password" min_length=min_length autofocus=true/>
                <Rules min_length/>
            </PostForm>
        }
        .into_any(),
        false => view! {
            <p class="notice notice-warning">{t(Text::NewPasswordAgain)}</p>
            <SignOut/>
        }
        .into_any(),
    };
    view! { <CardPage title=t(Text::NewPasswordTitle) lead=t(Text::NewPasswordLead)>{task}</CardPage> }.into_any()
}

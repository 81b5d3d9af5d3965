//! Changing the password.

use leptos::prelude::*;

use super::ended_text;
use super::rules::Rules;
use crate::app::request::{flash, form_of, query};
use crate::model::form::REDIRECT_FIELD;
use crate::model::forms;
use crate::model::text::Text;
use crate::model::user::User;
use crate::ui::components::form::PostForm;
use crate::ui::components::password_field::{PasswordField, PasswordOwner};
use crate::ui::page::{lang, t};

/// The form and its result.
#[component]
pub fn Password(
    user: User,
    /// The policy's `passwordMinLength`.
    min_length: u32,
) -> impl IntoView {
    let state = form_of(forms::PASSWORD.action);
    let ended = flash().ended_count.filter(|_| query("done").as_deref() == Some("password"));
    let notice = ended.map(|ended| format!("{} {}", t(Text::PasswordChanged), ended_text(ended, lang())));
    let wrong = state.wrong(&["currentPassword", "newPassword"]);
    view! {
        <section class="panel" id="password" aria-labelledby="password-title">
            <div>
                <h2 id="password-title" tabindex="-1">{t(Text::PasswordTitle)}</h2>
                <p class="muted">{t(Text::PasswordLead)}</p>
            </div>
            <div role="status" data-notice="password">
                {notice.map(|text| view! { <p class="notice notice-success">{text}</p> })}
            </div>
            <PostForm action=forms::PASSWORD.action state label=Text::PasswordSubmit busy_label=Text::Saving>
                <input type="hidden" name=REDIRECT_FIELD value="/account?done=password#password"/>
                <PasswordOwner email=user.shown_email()/>
                <PasswordField
                    state
                    name="currentPassword"
                    label=Text::FieldCurrentPassword
                    autocomplete="current-password"
                    autofocus=wrong == Some("currentPassword")
                />
                <PasswordField
                    state
                    name="newPassword"
                    label=Text::FieldNewPassword
                    autocomplete="new-password"
                    min_length=min_length
                    autofocus=wrong == Some("newPassword")
                />
                <Rules min_length/>
            </PostForm>
        </section>
    }
}

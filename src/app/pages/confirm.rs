//! `/confirm`: proving the password again, for acts that need a recent sign-in. With the program, a
//! dialog asks on the page itself.

use leptos::prelude::*;

use crate::app::components::card_page::CardPage;
use crate::app::request::{form_of, page_data, query, user};
use crate::model::form::REDIRECT_FIELD;
use crate::model::forms::{self, CONFIRM};
use crate::model::page::PageData;
use crate::model::redirect::SafePath;
use crate::model::text::{self, Text};
use crate::ui::components::form::PostForm;
use crate::ui::components::password_field::{PasswordField, PasswordOwner};
use crate::ui::page::{lang, t};

/// The password, and the way back.
#[component]
pub fn ConfirmPage() -> impl IntoView {
    let PageData::Confirm { waiting } = page_data() else { return ().into_any() };
    let state = form_of(CONFIRM.action);
    let onward = query(REDIRECT_FIELD).and_then(|path| SafePath::parse(&path)).unwrap_or_else(SafePath::home);
    let email = user().map(|user| user.email).unwrap_or_default();
    view! {
        <CardPage title=t(Text::LifeConfirmTitle) lead=t(Text::ConfirmPageLead)>
            {waiting.map(|action| view! { <p class="notice">{text::confirm_page_waiting(lang(), t(act(&action)))}</p> })}
            <PostForm action=CONFIRM.action state label=Text::LifeConfirm busy_label=Text::LifeConfirming>
                <input type="hidden" name=REDIRECT_FIELD value=onward.as_str().to_owned()/>
                <PasswordOwner email/>
                <PasswordField state autocomplete="current-password" autofocus=true/>
            </PostForm>
        </CardPage>
    }
    .into_any()
}

/// What a form does that waits for the password, as its button says it.
fn act(action: &str) -> Text {
    let known = [
        (forms::DISABLE, Text::ActDisable),
        (forms::ENABLE, Text::ActEnable),
        (forms::REQUIRE_PASSWORD, Text::ActRequirePassword),
        (forms::RESET_LINK, Text::ActResetLink),
        (forms::REMOVE_PICTURES, Text::ActRemovePicture),
        (forms::DELETE_PEOPLE, Text::ActDelete),
        (forms::ASSIGN, Text::ActAssign),
        (forms::ADD_PERSON, Text::PersonNewSubmit),
        (forms::CHANGE_PERSON, Text::PersonSave),
        (forms::SAVE_ROLE, Text::RolesSave),
        (forms::DELETE_ROLES, Text::RolesDelete),
        (forms::END_SESSIONS, Text::DeskEndAll),
        (forms::POLICY, Text::SettingsSave),
        (forms::PROFILE, Text::ProfileSubmit),
    ];
    known.into_iter().find(|(form, _)| form.action == action).map_or(Text::ConfirmPageAct, |(_, text)| text)
}

//! `/confirm`: proving the password again, for acts that need a recent sign-in. With the program, a
//! dialog asks on the page itself.

use leptos::prelude::*;

use crate::app::components::card_page::CardPage;
use crate::app::request::{form_of, page_data, query, user};
use crate::model::form::REDIRECT_FIELD;
use crate::model::forms::CONFIRM;
use crate::model::page::PageData;
use crate::model::redirect::SafePath;
use crate::model::text::Text;
use crate::ui::components::form::PostForm;
use crate::ui::components::password_field::{PasswordField, PasswordOwner};
use crate::ui::page::t;

/// The password, and the way back.
#[component]
pub fn ConfirmPage() -> impl IntoView {
    let PageData::Confirm { waiting } = page_data() else { return ().into_any() };
    let state = form_of(CONFIRM.action);
    let onward = query(REDIRECT_FIELD).and_then(|path| SafePath::parse(&path)).unwrap_or_else(SafePath::home);
    let email = user().map(|user| user.email).unwrap_or_default();
    view! {
        <CardPage title=t(Text::LifeConfirmTitle) lead=t(Text::ConfirmPageLead)>
            {waiting.then(|| view! { <p class="notice">{t(Text::ConfirmPageWaiting)}</p> })}
            <PostForm action=CONFIRM.action state label=Text::LifeConfirm busy_label=Text::LifeConfirming>
                <input type="hidden" name=REDIRECT_FIELD value=onward.as_str().to_owned()/>
                <PasswordOwner email/>
                <PasswordField state autocomplete="current-password" autofocus=true/>
            </PostForm>
        </CardPage>
    }
    .into_any()
}

//! The way out: a form with a button, never a link, on every signed-in page.

use leptos::prelude::*;

use crate::model::form::REDIRECT_FIELD;
use crate::model::forms;
use crate::model::text::Text;
use crate::ui::components::form::CsrfField;
use crate::ui::page::t;

/// The sign-out button.
#[component]
pub fn SignOut() -> impl IntoView {
    view! {
        <form class="sign-out" method="post" action=forms::LOGOUT.action data-form="">
            <CsrfField/>
            // Else the post would lead to a page that asks to sign in.
            <input type="hidden" name=REDIRECT_FIELD value="/login"/>
            <button class="button button-quiet" type="submit">{t(Text::SignOut)}</button>
        </form>
    }
}

//! Signing out on every signed-in page: a form with a button, because a link must not change state.

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
            // Otherwise the post would redirect to this page, which needs a sign-in.
            <input type="hidden" name=REDIRECT_FIELD value="/login"/>
            <button class="button button-quiet" type="submit">{t(Text::SignOut)}</button>
        </form>
    }
}

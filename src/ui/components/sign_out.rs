//! The way out: a form with a button, never a link, on every signed-in page.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::task::spawn_local;

use super::post_form::CsrfField;
use crate::api::auth::Logout;
use crate::model::form::REDIRECT_FIELD;
use crate::model::text::Text;
use crate::ui::auth_store::auth_store;
use crate::ui::page::t;

/// The sign-out button.
#[component]
pub fn SignOut() -> impl IntoView {
    let store = auth_store();
    let busy = move || store.state().with(|s| s.is_loading);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        spawn_local(store.logout(None));
    };
    view! {
        <form class="sign-out" method="post" action=Logout::PATH on:submit=submit>
            <CsrfField/>
            // Where the post leads without WASM; else it would lead to a page that asks to sign in.
            <input type="hidden" name=REDIRECT_FIELD value="/login"/>
            <button class="button button-quiet" type="submit" disabled=busy aria-busy=move || busy().then_some("true")>
                {t(Text::SignOut)}
            </button>
        </form>
    }
}

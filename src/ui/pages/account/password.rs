//! Changing the password.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use wasm_bindgen::JsCast;

use super::desk::{Desk, ended_text};
use super::rules::Rules;
use crate::api::account::{ChangePassword, change_password};
use crate::api::client;
use crate::model::account::PasswordChange;
use crate::model::form::REDIRECT_FIELD;
use crate::model::text::Text;
use crate::ui::auth_store::auth_store;
use crate::ui::browser::focus;
use crate::ui::components::form_state::{FormState, query};
use crate::ui::components::password_field::{PasswordField, PasswordOwner};
use crate::ui::components::post_form::PostForm;
use crate::ui::components::typed::Typed;
use crate::ui::page::{lang, snapshot, t};

/// The form, and what it did.
#[component]
pub fn Password(desk: Desk) -> impl IntoView {
    let lang = lang();
    let store = auth_store();
    let state = FormState::of_form(ChangePassword::PATH);
    let (current, new) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let changed = move |ended| format!("{} {}", Text::PasswordChanged.to(lang), ended_text(ended, lang));
    let told =
        snapshot().flash.and_then(|flash| flash.ended_count).filter(|_| query("done").as_deref() == Some("password"));
    let notice = RwSignal::new(told.map(changed));
    let wrong =
        ["currentPassword", "newPassword"].into_iter().find(|name| untrack(|| state.field_error(name)).is_some());

    let send = move |typed: Typed| {
        let change = PasswordChange {
            current_password: typed.text("currentPassword").into(),
            new_password: typed.text("newPassword").into(),
        };
        notice.set(None);
        state.send(async move {
            let done = client::call(|| change_password(change.clone())).await.inspect_err(|f| store.refused(f))?;
            empty_fields();
            current.set(String::new());
            new.set(String::new());
            state.failure.set(None);
            state.busy.set(false);
            notice.set(Some(changed(done.ended)));
            focus("#password-title".to_owned());
            desk.refresh().await;
            Ok(())
        });
    };
    let user = store.state().with_untracked(|s| s.user.clone());
    view! {
        <section class="panel" id="password" aria-labelledby="password-title">
            <div>
                <h2 id="password-title" tabindex="-1">{t(Text::PasswordTitle)}</h2>
                <p class="muted">{t(Text::PasswordLead)}</p>
            </div>
            <div role="status">
                {move || notice.get().map(|text| view! { <p class="notice notice-success">{text}</p> })}
            </div>
            <PostForm action=ChangePassword::PATH state on_send=send label=Text::PasswordSubmit busy_label=Text::Saving>
                <input type="hidden" name=REDIRECT_FIELD value="/account?done=password#password"/>
                <PasswordOwner/>
                <PasswordField
                    state
                    name="currentPassword"
                    label=Text::FieldCurrentPassword
                    typed=current
                    autocomplete="current-password"
                    autofocus=wrong == Some("currentPassword")
                />
                <PasswordField
                    state
                    name="newPassword"
                    label=Text::FieldNewPassword
                    typed=new
                    autocomplete="new-password"
                    hint=Text::FieldPasswordHint
                    autofocus=wrong == Some("newPassword")
                />
                <Rules current new user/>
            </PostForm>
        </section>
    }
}

/// Nothing of a password stays on the screen.
fn empty_fields() {
    let form = document().query_selector("#password form").ok().flatten();
    if let Some(form) = form.and_then(|form| form.dyn_into::<web_sys::HtmlFormElement>().ok()) {
        form.reset();
    }
}

//! `/login`: the login page.

mod choice;

use choice::ChoicePage;
use leptos::prelude::*;

use crate::app::components::card_page::CardPage;
use crate::app::request::{flash, form_of_page, page_data, query};
use crate::model::form::REDIRECT_FIELD;
use crate::model::forms;
use crate::model::page::PageData;
use crate::model::redirect::SafePath;
use crate::model::session::EndReason;
use crate::model::text::{self, Text};
use crate::model::words;
use crate::ui::components::field::TextField;
use crate::ui::components::form::{FormState, PostForm};
use crate::ui::components::password_field::PasswordField;
use crate::ui::page::{lang, t};

/// Returns a sentence with the reason why the last session ended.
fn ended(reason: EndReason) -> String {
    text::login_ended(lang(), t(words::end_reason(reason)))
}

/// The login page; at the session limit, the session choice.
#[component]
pub fn LoginPage() -> impl IntoView {
    let state = form_of_page();
    let choice = match page_data() {
        PageData::Login(page) => page.choice,
        _ => None,
    };
    match choice {
        Some(choice) => view! { <ChoicePage state choice onward=onward()/> }.into_any(),
        None => view! { <LoginForm state/> }.into_any(),
    }
}

/// Returns the target after signing in, if the user was redirected here from another page.
fn onward() -> Option<String> {
    let path = query(REDIRECT_FIELD).and_then(|path| SafePath::parse(&path));
    path.map(|path| path.as_str().to_owned())
}

#[component]
fn LoginForm(state: FormState) -> impl IntoView {
    let first = state.first(&["email", "password"]);
    let flash = flash();
    view! {
        <CardPage title=t(Text::LoginTitle) lead=t(Text::LoginLead) window_title=t(Text::SignIn)>
            {flash.ended.map(|reason| view! { <p class="notice notice-warning" role="status">{ended(reason)}</p> })}
            {flash.ready.then(|| view! { <p class="notice notice-success" role="status">{t(Text::LoginReady)}</p> })}
            <PostForm action=forms::LOGIN.action state label=Text::SignIn busy_label=Text::SigningIn>
                {onward().map(|path| view! { <input type="hidden" name=REDIRECT_FIELD value=path/> })}
                <input type="hidden" name="askAtLimit" value="true"/>
                <TextField
                    state
                    name="email"
                    label=Text::FieldEmail
                    autocomplete="username"
                    inputmode="email"
                    autofocus=first == Some("email")
                />
                <PasswordField state autocomplete="current-password" autofocus=first == Some("password")/>
                <label class="check">
                    <input type="checkbox" name="rememberMe" value="true" checked=!state.typed("rememberMe").is_empty()/>
                    <span>{t(Text::FieldRememberMe)}</span>
                </label>
            </PostForm>
            <p class="muted card-note">{t(Text::LoginForgot)}</p>
        </CardPage>
    }
}

//! `/login`: the door.

mod choice;

use choice::ChoicePage;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::api::auth::Login;
use crate::model::account::Credentials;
use crate::model::form::REDIRECT_FIELD;
use crate::model::page::PageData;
use crate::model::redirect::SafePath;
use crate::model::session::EndReason;
use crate::model::session::SessionChoice;
use crate::model::text::Text;
use crate::ui::auth_store::auth_store;
use crate::ui::components::card_page::CardPage;
use crate::ui::components::field::TextField;
use crate::ui::components::form_state::{FormState, query};
use crate::ui::components::password_field::PasswordField;
use crate::ui::components::post_form::PostForm;
use crate::ui::components::typed::Typed;
use crate::ui::page::{lang, page_data, t};
use crate::ui::words;

/// Why the session before is over, in a sentence.
fn ended(reason: EndReason) -> String {
    Text::LoginEnded.with(lang(), &[("reason", t(words::end_reason(reason)))])
}

/// The page to sign in at; at the session limit, the page to choose what ends.
#[component]
pub fn LoginPage() -> impl IntoView {
    let state = FormState::of_page();
    let offered = RwSignal::new(match page_data() {
        PageData::Login(page) => page.choice,
        _ => None,
    });
    // One takes the other's place: a form that is gone keeps no password.
    move || match offered.get() {
        Some(choice) => view! { <ChoicePage state offered choice/> }.into_any(),
        None => view! { <LoginForm state offered/> }.into_any(),
    }
}

/// Where to go on after signing in, if the page was asked for on the way to another.
fn onward() -> Option<SafePath> {
    query(REDIRECT_FIELD).and_then(|path| SafePath::parse(&path))
}

/// The same for a post without WASM.
#[component]
fn OnwardField() -> impl IntoView {
    onward().map(|path| view! { <input type="hidden" name=REDIRECT_FIELD value=path.as_str().to_owned()/> })
}

#[component]
fn LoginForm(state: FormState, offered: RwSignal<Option<SessionChoice>>) -> impl IntoView {
    let store = auth_store();
    let onward = onward().unwrap_or_else(SafePath::home);
    let first = state.first(&["email", "password"]);

    let sign_in = move |typed: Typed| {
        let credentials = Credentials {
            email: typed.text("email"),
            password: typed.text("password").into(),
            remember_me: typed.checked("rememberMe"),
            ask_at_limit: true,
        };
        let onward = onward.clone();
        state.send(async move {
            store
                .login(credentials, onward)
                .await
                .inspect_err(|failure| offered.set(failure.choice.as_deref().cloned()))
        });
    };
    view! {
        <CardPage title=t(Text::LoginTitle) lead=t(Text::LoginLead) window_title=t(Text::SignIn)>
            {state.ended.map(|reason| view! { <p class="notice notice-warning" role="status">{ended(reason)}</p> })}
            {state.ready.then(|| view! { <p class="notice notice-success" role="status">{t(Text::LoginReady)}</p> })}
            <PostForm action=Login::PATH state on_send=sign_in label=Text::SignIn busy_label=Text::SigningIn>
                <OnwardField/>
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
        </CardPage>
    }
}

//! The user's name, email, phone, language and theme.

use leptos::prelude::*;

use super::picture::Picture;
use crate::app::components::select_field::SelectField;
use crate::app::request::{form_of, query};
use crate::model::form::REDIRECT_FIELD;
use crate::model::forms;
use crate::model::lang::Lang;
use crate::model::preference::{Preferences, Theme};
use crate::model::text::Text;
use crate::model::user::User;
use crate::ui::components::field::TextField;
use crate::ui::components::form::PostForm;
use crate::ui::page::t;

/// The redirect target after saving the profile.
const SAVED: &str = "/account?saved=profile#profile";

/// The panels of the data that users may change themselves.
#[component]
pub fn Profile(user: User, stored: Preferences) -> impl IntoView {
    view! {
        <Picture user=user.clone()/>
        <ProfileForm user stored/>
    }
}

#[component]
fn ProfileForm(user: User, stored: Preferences) -> impl IntoView {
    let state = form_of(forms::PROFILE.action);
    let email = user.shown_email();
    let owned =
        |options: [(&str, &str); 3]| options.map(|(value, words)| (value.to_owned(), words.to_owned())).to_vec();
    let languages = owned([("", t(Text::FieldLanguageBrowser)), ("tr", "Türkçe"), ("en", "English")]);
    let themes = owned([("", t(Text::ThemeSystem)), ("light", t(Text::ThemeLight)), ("dark", t(Text::ThemeDark))]);
    let saved = query("saved").as_deref() == Some("profile") && !state.is_refused();
    view! {
        <section class="panel" id="profile" aria-labelledby="profile-title">
            <h2 id="profile-title" tabindex="-1">{t(Text::ProfileTitle)}</h2>
            <div role="status" data-notice="profile">
                {saved.then(|| view! { <p class="notice notice-success">{t(Text::ProfileSaved)}</p> })}
            </div>
            <PostForm action=forms::PROFILE.action state label=Text::ProfileSubmit busy_label=Text::Saving>
                <input type="hidden" name=REDIRECT_FIELD value=SAVED/>
                <TextField state name="name" label=Text::FieldName autocomplete="name" value=user.name autofocus=false/>
                <TextField
                    state
                    name="email"
                    label=Text::FieldEmail
                    autocomplete="email"
                    inputmode="email"
                    hint=Text::ProfileEmailHint
                    value=email
                    autofocus=false
                />
                <TextField
                    state
                    name="phone"
                    label=Text::FieldPhone
                    autocomplete="tel"
                    inputmode="tel"
                    hint=Text::FieldPhoneHint
                    value=user.phone.unwrap_or_default()
                    optional=true
                    autofocus=false
                />
                <SelectField
                    state
                    name="language"
                    label=Text::FieldLanguage
                    options=languages
                    value=stored.language.map_or("", Lang::tag)
                />
                <SelectField
                    state
                    name="theme"
                    label=Text::FieldTheme
                    options=themes
                    value=stored.theme.map_or("", Theme::name)
                />
            </PostForm>
        </section>
    }
}

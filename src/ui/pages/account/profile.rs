//! Name, address, phone, language and theme of the person who is signed in.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::picture::Picture;
use crate::api::account::{ChangeProfile, change_profile};
use crate::api::client;
use crate::model::form::REDIRECT_FIELD;
use crate::model::lang::Lang;
use crate::model::preference::{Preferences, Theme, language, theme};
use crate::model::profile::ProfileChange;
use crate::model::redirect::SafePath;
use crate::model::text::Text;
use crate::model::user::User;
use crate::ui::auth_store::auth_store;
use crate::ui::browser::Departure;
use crate::ui::components::field::TextField;
use crate::ui::components::form_state::{FormState, query};
use crate::ui::components::post_form::PostForm;
use crate::ui::components::select_field::SelectField;
use crate::ui::components::typed::Typed;
use crate::ui::page::t;
use crate::ui::preferences::shown;
use crate::ui::session_life::session_life;

/// Where a saved profile leads.
const SAVED: &str = "/account?saved=profile";

/// The panels of what one may change of oneself. All they show came with the page.
#[component]
pub fn Profile(stored: Preferences) -> impl IntoView {
    let user = auth_store().state().with_untracked(|s| s.user.clone());
    user.map(|user| {
        view! {
            <Picture/>
            <ProfileForm user stored/>
        }
    })
}

#[component]
fn ProfileForm(user: User, stored: Preferences) -> impl IntoView {
    let (store, life) = (auth_store(), session_life());
    let shown = shown();
    let state = FormState::of_form(ChangeProfile::PATH);
    let saved = RwSignal::new(query("saved").as_deref() == Some("profile"));
    let before = StoredValue::new((user.clone(), stored));
    let email = user.shown_email();
    let send = move |typed: Typed| {
        let change = before.with_value(|(user, stored)| changes(&typed, user, stored));
        saved.set(false);
        state.send(async move {
            let user = client::call(|| change_profile(change.clone())).await?;
            store.changed(user.clone());
            // Who has changed it here is not told of it.
            life.new_email.set(None);
            let mut chosen = before.with_value(|(_, stored)| *stored);
            if let Some(wish) = change.theme {
                chosen.theme = theme(wish.as_deref()).ok().flatten();
                shown.set_theme(chosen.theme);
            }
            if let Some(wish) = change.language {
                let saved = SafePath::parse(SAVED).unwrap_or_else(SafePath::home);
                shown.leave_for(language(wish.as_deref()).ok().flatten(), Departure::To(saved));
                return Ok(());
            }
            before.set_value((user, chosen));
            state.done();
            saved.set(true);
            Ok(())
        });
    };
    let languages = vec![("", t(Text::FieldLanguageBrowser)), ("tr", "Türkçe"), ("en", "English")];
    let themes = vec![("", t(Text::ThemeSystem)), ("light", t(Text::ThemeLight)), ("dark", t(Text::ThemeDark))];
    let saved_text = t(Text::ProfileSaved);
    let says_saved = move || saved.get() && state.failure.with(Option::is_none);
    view! {
        <section class="panel" aria-labelledby="profile-title">
            <h2 id="profile-title">{t(Text::ProfileTitle)}</h2>
            <div role="status">
                {move || says_saved().then(|| view! { <p class="notice notice-success">{saved_text}</p> })}
            </div>
            <PostForm action=ChangeProfile::PATH state on_send=send label=Text::ProfileSubmit busy_label=Text::Saving>
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

/// The changed fields only.
fn changes(typed: &Typed, user: &User, stored: &Preferences) -> ProfileChange {
    let changed = |field: &str, before: &str| Some(typed.text(field)).filter(|text| text != before);
    ProfileChange {
        name: changed("name", &user.name),
        email: changed("email", &user.shown_email()),
        phone: changed("phone", user.phone.as_deref().unwrap_or_default()).map(Some),
        language: changed("language", stored.language.map_or("", Lang::tag)).map(Some),
        theme: changed("theme", stored.theme.map_or("", Theme::name)).map(Some),
    }
}

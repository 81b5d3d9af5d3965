//! The switches for language and theme in the footer of every page: buttons in forms.

use leptos::prelude::*;

use crate::app::request::here;
use crate::model::form::REDIRECT_FIELD;
use crate::model::forms;
use crate::model::lang::Lang;
use crate::model::preference::{SYSTEM, Theme};
use crate::model::text::Text;
use crate::ui::components::form::CsrfField;
use crate::ui::page::{lang, t};

/// The footer. The program updates which button is pressed.
#[component]
pub fn PreferenceSwitch() -> impl IntoView {
    let shown = use_context::<Option<Theme>>().flatten();
    let pressed = |pressed: bool| if pressed { "true" } else { "false" };
    let language = move |language: Lang, name: &'static str| {
        let tag = language.tag();
        view! {
            <button class="switch-button" name="language" value=tag lang=tag aria-pressed=pressed(language == lang())>
                {name}
            </button>
        }
    };
    let theme = move |theme: Option<Theme>, label: Text| {
        let name = theme.map_or(SYSTEM, Theme::name);
        view! {
            <button class="switch-button" name="theme" value=name aria-pressed=pressed(theme == shown)>{t(label)}</button>
        }
    };
    view! {
        <footer class="footer">
            <Choice label=Text::FieldLanguage>
                {language(Lang::Tr, "Türkçe")}
                {language(Lang::En, "English")}
            </Choice>
            <Choice label=Text::FieldTheme>
                {theme(None, Text::ThemeSystem)}
                {theme(Some(Theme::Light), Text::ThemeLight)}
                {theme(Some(Theme::Dark), Text::ThemeDark)}
            </Choice>
        </footer>
    }
}

/// A form with its buttons, which redirects back to this page.
#[component]
fn Choice(label: Text, children: Children) -> impl IntoView {
    view! {
        <form class="switch" method="post" action=forms::PREFERENCES.action data-form="">
            <CsrfField/>
            <input type="hidden" name=REDIRECT_FIELD value=here().back/>
            <div class="switch-buttons" role="group" aria-label=t(label)>{children()}</div>
        </form>
    }
}

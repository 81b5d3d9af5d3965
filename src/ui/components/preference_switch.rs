//! Language and theme, at the foot of every page: buttons in forms, so that
//! they work before WASM arrives and without it.

use std::collections::VecDeque;

use leptos::ev::MouseEvent;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::task::spawn_local;

use super::post_form::CsrfField;
use crate::api::client;
use crate::api::preferences::{ChoosePreferences, choose_preferences};
use crate::model::form::REDIRECT_FIELD;
use crate::model::lang::Lang;
use crate::model::preference::{PreferenceChange, SYSTEM, Theme};
use crate::model::text::Text;
use crate::ui::browser::Departure;
use crate::ui::page::{snapshot, t};
use crate::ui::preferences::shown;

/// The foot of the page.
#[component]
pub fn PreferenceSwitch() -> impl IntoView {
    let shown = shown();
    let refused = RwSignal::new(None::<&'static str>);
    // One after the other: sent side by side, two quick choices could overtake each other.
    let waiting = StoredValue::new(VecDeque::<PreferenceChange>::new());
    let choose = move |change: PreferenceChange, before: Option<Theme>| {
        refused.set(None);
        waiting.update_value(|waiting| waiting.push_back(change));
        if waiting.with_value(VecDeque::len) > 1 {
            return;
        }
        spawn_local(async move {
            let (mut theme, mut lang) = (before, shown.lang);
            while let Some(change) = waiting.try_with_value(|waiting| waiting.front().cloned()).flatten() {
                match client::call(|| choose_preferences(change.clone())).await {
                    Ok(chosen) => {
                        theme = chosen.theme;
                        lang = change.language.and(chosen.language).unwrap_or(lang);
                        waiting.try_update_value(VecDeque::pop_front);
                    }
                    Err(failure) => {
                        shown.set_theme(theme);
                        refused.set(Some(failure.code.text(shown.lang)));
                        waiting.try_update_value(VecDeque::clear);
                    }
                }
            }
            if lang != shown.lang {
                shown.leave_for(Some(lang), Departure::Reload);
            }
        });
    };
    let choose_language = move |lang: Lang| {
        let change = PreferenceChange { language: Some(Some(lang.tag().to_owned())), ..PreferenceChange::default() };
        choose(change, shown.theme.get_untracked());
    };
    let choose_theme = move |theme: Option<Theme>| {
        let name = theme.map_or(SYSTEM, Theme::name).to_owned();
        let before = shown.theme.get_untracked();
        shown.set_theme(theme);
        choose(PreferenceChange { theme: Some(Some(name)), ..PreferenceChange::default() }, before);
    };
    let language = move |lang: Lang, name: &'static str| {
        let pressed = if lang == shown.lang { "true" } else { "false" };
        let click = move |event: MouseEvent| {
            event.prevent_default();
            choose_language(lang);
        };
        view! {
            <button class="switch-button" name="language" value=lang.tag() lang=lang.tag() aria-pressed=pressed on:click=click>
                {name}
            </button>
        }
    };
    let theme = move |theme: Option<Theme>, label: Text| {
        let pressed = move || if shown.theme.get() == theme { "true" } else { "false" };
        let click = move |event: MouseEvent| {
            event.prevent_default();
            choose_theme(theme);
        };
        view! {
            <button class="switch-button" name="theme" value=theme.map_or(SYSTEM, Theme::name) aria-pressed=pressed on:click=click>
                {t(label)}
            </button>
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
            // Only while there is one: on every page, it would be a second alert beside the form's.
            {move || refused.get().map(|text| view! { <p class="footer-alert field-error" role="alert">{text}</p> })}
        </footer>
    }
}

/// One form with its buttons, which leads back to this page.
#[component]
fn Choice(label: Text, children: Children) -> impl IntoView {
    view! {
        <form class="switch" method="post" action=ChoosePreferences::PATH>
            <CsrfField/>
            <input type="hidden" name=REDIRECT_FIELD value=snapshot().here/>
            <div class="switch-buttons" role="group" aria-label=t(label)>{children()}</div>
        </form>
    }
}

//! Language and theme of this page and of the browser's other tabs.

use std::collections::VecDeque;

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::client;
use crate::model::forms;
use crate::model::lang::Lang;
use crate::model::preference::{Preferences, SYSTEM, Theme};
use crate::model::seed::Seed;
use crate::ui::browser::{Departure, depart};
use crate::ui::form::Form;
use crate::ui::{dom, keep, tabs};

/// The page's display preferences.
#[derive(Clone, Copy)]
pub struct Shown {
    /// `None` follows the system.
    pub theme: RwSignal<Option<Theme>>,
    pub lang: Lang,
    /// Whether this page is already leaving.
    leaving: StoredValue<bool>,
    /// Choices that are not saved yet, as urlencoded forms. They are sent in order, because
    /// parallel requests could overtake each other.
    waiting: StoredValue<VecDeque<String>>,
}

impl Shown {
    /// Creates the page's preferences, provides them as context and follows other tabs.
    pub fn provide(seed: &Seed) -> Shown {
        let shown = Shown {
            theme: RwSignal::new(seed.theme),
            lang: seed.lang,
            leaving: StoredValue::new(false),
            waiting: StoredValue::new(VecDeque::new()),
        };
        provide_context(shown);
        Effect::new(move |_| show(shown.theme.get()));
        Effect::new(move |_| {
            keep::restore();
            shown.follow();
        });
        shown
    }

    /// Applies a theme in every tab, without a reload.
    pub fn set_theme(self, theme: Option<Theme>) {
        if self.theme.get_untracked() != theme {
            self.theme.set(theme);
        }
        tabs::send("theme", theme.map_or(SYSTEM, Theme::name));
    }

    /// Reloads every tab in another language and keeps typed text.
    pub fn leave_for(self, lang: &str, departure: Departure) {
        // A tab receives its own message, so it leaves first.
        self.depart(departure);
        tabs::send("language", lang);
    }

    fn depart(self, departure: Departure) {
        if !self.leaving.get_value() {
            self.leaving.set_value(true);
            keep::keep();
            depart(departure);
        }
    }

    fn follow(self) {
        tabs::listen(move |name, value| match name {
            "theme" => self.theme.set(Theme::from_name(value)),
            "language" if value != self.lang.tag() => self.depart(Departure::Reload),
            _ => {}
        });
    }

    /// Applies the choice of a button in the footer: a theme at once, a language when it and all
    /// earlier choices are saved.
    pub fn choose(self, form: &Form) {
        show_refusal(None);
        let before = self.theme.get_untracked();
        if form.data().is_some_and(|data| data.has("theme")) {
            self.set_theme(Theme::from_name(&form.text("theme")));
        }
        self.waiting.update_value(|waiting| waiting.push_back(form.body()));
        if self.waiting.with_value(VecDeque::len) == 1 {
            spawn_local(self.save(before));
        }
    }

    async fn save(self, before: Option<Theme>) {
        let (mut theme, mut lang) = (before, None);
        while let Some(body) = self.waiting.try_with_value(|waiting| waiting.front().cloned()).flatten() {
            let answer = client::call(&client::form(forms::PREFERENCES.action, &body)).await;
            match answer.and_then(|answer| client::data::<Preferences>(&answer)) {
                Ok(chosen) => {
                    theme = chosen.theme;
                    lang = chosen.language.filter(|_| body.contains("language=")).or(lang);
                    self.waiting.try_update_value(VecDeque::pop_front);
                }
                Err(failure) => {
                    self.set_theme(theme);
                    show_refusal(Some(failure.code.text(self.lang)));
                    self.waiting.try_update_value(VecDeque::clear);
                }
            }
        }
        if let Some(lang) = lang.filter(|lang| *lang != self.lang) {
            self.leave_for(lang.tag(), Departure::Reload);
        }
    }
}

/// Shows in the footer why a choice was not saved. The alert exists only while it has a text,
/// because the page's form has an alert of its own.
fn show_refusal(text: Option<&str>) {
    let Some(footer) = dom::on_page(".footer") else { return };
    if let Some(alert) = dom::find(&footer, ".footer-alert") {
        alert.remove();
    }
    if let Some(alert) = text.and_then(|text| dom::element("p", "footer-alert field-error", text)) {
        dom::set(&alert, "role", Some("alert"));
        footer.append_child(&alert).ok();
    }
}

/// Returns the value of `<meta name="color-scheme">`, which the browser's own controls follow.
pub fn color_scheme(theme: Option<Theme>) -> &'static str {
    theme.map_or("light dark", Theme::name)
}

fn show(theme: Option<Theme>) {
    if let Some(root) = document().document_element() {
        dom::set(&root, "data-theme", theme.map(Theme::name));
    }
    if let Some(meta) = dom::on_page("meta[name=color-scheme]") {
        dom::set(&meta, "content", Some(color_scheme(theme)));
    }
    let name = theme.map_or(SYSTEM, Theme::name);
    for button in dom::body().map(|body| dom::all(&body, ".footer [name=theme]")).unwrap_or_default() {
        let pressed = button.get_attribute("value").as_deref() == Some(name);
        dom::set(&button, "aria-pressed", Some(if pressed { "true" } else { "false" }));
    }
}

#[cfg(all(test, target_arch = "wasm32"))]
mod tests;

//! Language and theme in the open page, and in the browser's other tabs.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{BroadcastChannel, MessageEvent};

use crate::model::lang::Lang;
use crate::model::preference::{SYSTEM, Theme};
use crate::model::snapshot::Snapshot;
use crate::ui::browser::{Departure, depart};
use crate::ui::keep;
use crate::ui::page;

/// Where tabs tell each other what was chosen.
const CHANNEL: &str = "preferences";

/// What this page is shown in.
#[derive(Clone, Copy)]
pub struct Shown {
    /// `None` follows the system.
    pub theme: RwSignal<Option<Theme>>,
    pub lang: Lang,
    /// A tab hears what it tells the others: it must not load its page twice.
    leaving: StoredValue<bool>,
}

/// The page's language and theme.
pub fn shown() -> Shown {
    use_context().unwrap_or_else(|| Shown::of(&page::snapshot()))
}

impl Shown {
    fn of(snapshot: &Snapshot) -> Shown {
        Shown { theme: RwSignal::new(snapshot.theme), lang: snapshot.lang, leaving: StoredValue::new(false) }
    }

    /// Makes the page's, puts it into context and follows what other tabs choose.
    pub fn provide(snapshot: &Snapshot) {
        let shown = Shown::of(snapshot);
        provide_context(shown);
        Effect::new(move |_| show(shown.theme.get()));
        Effect::new(move |_| {
            keep::restore();
            shown.follow();
        });
    }

    /// Shows a theme in every tab, without a reload.
    pub fn set_theme(self, theme: Option<Theme>) {
        self.theme.set(theme);
        tell(&format!("theme {}", theme.map_or(SYSTEM, Theme::name)));
    }

    /// Loads every tab's page anew in another language, with what was typed.
    pub fn leave_for(self, lang: Option<Lang>, departure: Departure) {
        tell(&format!("language {}", lang.map_or(SYSTEM, Lang::tag)));
        self.depart(departure);
    }

    fn depart(self, departure: Departure) {
        if !self.leaving.get_value() {
            self.leaving.set_value(true);
            keep::keep();
            depart(departure);
        }
    }

    fn follow(self) {
        let Ok(channel) = BroadcastChannel::new(CHANNEL) else { return };
        let heard = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            let said = event.data().as_string().unwrap_or_default();
            match said.split_once(' ') {
                Some(("theme", name)) => self.theme.set(Theme::from_name(name)),
                Some(("language", tag)) if tag != self.lang.tag() => self.depart(Departure::Reload),
                _ => {}
            }
        });
        channel.set_onmessage(Some(heard.as_ref().unchecked_ref()));
        let kept = StoredValue::new_local((channel, heard));
        on_cleanup(move || {
            kept.try_with_value(|(channel, _)| channel.close());
        });
    }
}

fn tell(what: &str) {
    if let Ok(channel) = BroadcastChannel::new(CHANNEL) {
        // Fails only on values that cannot be copied; texts can.
        channel.post_message(&what.into()).ok();
        channel.close();
    }
}

/// What `<meta name="color-scheme">` says of a theme: the browser's own controls follow it.
pub fn color_scheme(theme: Option<Theme>) -> &'static str {
    theme.map_or("light dark", Theme::name)
}

fn show(theme: Option<Theme>) {
    let Some(root) = document().document_element() else { return };
    // Neither can fail: names and values are constants.
    match theme {
        Some(theme) => root.set_attribute("data-theme", theme.name()).ok(),
        None => root.remove_attribute("data-theme").ok(),
    };
    if let Ok(Some(meta)) = document().query_selector("meta[name=color-scheme]") {
        meta.set_attribute("content", color_scheme(theme)).ok();
    }
}

#[cfg(all(test, target_arch = "wasm32"))]
mod tests;

//! Selects a text's plural form by the CLDR rules.

use super::lang::Lang;

/// The plural forms of our languages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plural {
    One,
    Other,
}

/// Returns the plural form of a count, by ICU's data.
#[cfg(not(target_arch = "wasm32"))]
pub fn plural(lang: Lang, count: u32) -> Plural {
    use icu_plurals::{PluralCategory, PluralRules};
    let locale = match lang {
        Lang::En => icu_locale_core::locale!("en"),
        Lang::Tr => icu_locale_core::locale!("tr"),
    };
    match PluralRules::try_new_cardinal(locale.into()).map(|rules| rules.category_for(count)) {
        Ok(PluralCategory::One) => Plural::One,
        _ => Plural::Other,
    }
}

/// Returns the plural form of a count, by the browser's data.
#[cfg(target_arch = "wasm32")]
pub fn plural(lang: Lang, count: u32) -> Plural {
    let rules = js_sys::Intl::PluralRules::new(&js_sys::Array::of1(&lang.tag().into()), &js_sys::Object::new());
    match rules.select(count.into()) {
        one if one == "one" => Plural::One,
        _ => Plural::Other,
    }
}

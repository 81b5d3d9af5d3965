//! The language and texts of the current page.

use leptos::prelude::*;

use crate::model::lang::Lang;
use crate::model::text::Text;

/// Returns the page's language.
pub fn lang() -> Lang {
    use_context().unwrap_or_default()
}

/// Returns a text in the page's language.
///
/// Needs the component's context: an event handler must use a text read before.
pub fn t(text: Text) -> &'static str {
    text.to(lang())
}

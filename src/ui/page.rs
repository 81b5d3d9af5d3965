//! The language of the page a component is on, and its texts.

use leptos::prelude::*;

use crate::model::lang::Lang;
use crate::model::text::Text;

/// The reader's language.
pub fn lang() -> Lang {
    use_context().unwrap_or_default()
}

/// A text in the reader's language.
///
/// Needs the component's context: in an event handler, use a text taken before.
pub fn t(text: Text) -> &'static str {
    text.to(lang())
}

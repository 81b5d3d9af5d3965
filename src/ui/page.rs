//! What a component may ask about the page it is on.

use leptos::prelude::*;

use crate::model::lang::Lang;
use crate::model::page::PageData;
use crate::model::snapshot::Snapshot;
use crate::model::text::Text;

/// The server's word about the request this page answers.
///
/// Empty while the server lists its routes, when there is no request.
pub fn snapshot() -> Snapshot {
    use_context().unwrap_or_default()
}

/// What the page shows.
pub fn page_data() -> PageData {
    with_context(|snapshot: &Snapshot| snapshot.page.clone()).unwrap_or_default()
}

/// The reader's language.
pub fn lang() -> Lang {
    with_context(|snapshot: &Snapshot| snapshot.lang).unwrap_or_default()
}

/// A text in the reader's language.
///
/// Needs the component's context: in an event handler, use a text taken before.
pub fn t(text: Text) -> &'static str {
    text.to(lang())
}

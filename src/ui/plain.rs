//! A page whose program has crashed or never started works as plain HTML: the browser posts its
//! forms, and it polls whether its session has ended.
//!
//! Extensions and translators that change a page early can crash the program. The script in the
//! page's head then does the rest without it:
//!
//! * It stops events before the program's listeners, so that the browser handles them. It enables
//!   disabled buttons.
//! * It checks the session every ten seconds and when the tab becomes visible, and reloads the page
//!   if the session has ended. It does so too where the program never started.
//! * A page that is hidden because of a pending sign-out signs out by its form. Otherwise it would
//!   stay hidden for ever.

use leptos::prelude::{document, window};

/// Runs first in the page's head. [`give_up`] tells it about a panic, and the browser's `error`
/// event about other crashes.
pub const SCRIPT: &str = include_str!("plain.js");

/// Set when the page has become plain HTML.
const PLAIN: &str = "data-plain";

/// Makes the page plain HTML. Runs in the panic hook, so it must not panic.
pub fn give_up() {
    if let Ok(event) = web_sys::Event::new("plain") {
        // Handled before this returns, so pending tasks see the attribute.
        window().dispatch_event(&event).ok();
    }
}

/// Whether the program has crashed. Remaining tasks must not change the page then.
pub fn is_plain() -> bool {
    document().document_element().is_some_and(|root| root.has_attribute(PLAIN))
}

//! A page whose program has died, or has never come, is plain HTML: its forms post
//! by themselves, nothing claims otherwise, and it looks now and then whether its
//! session has ended.
//!
//! Extensions and translators change pages before the program has taken them over,
//! which it does not survive. What then remains has to be done without it, by the
//! script in the page's head:
//!
//! * The program's listeners swallow what was meant for the browser, so that no
//!   event reaches them any more. Buttons that wait for an answer can be pressed.
//! * The session is asked about every ten seconds, and when the page is looked at
//!   again; where it has ended, the page loads anew, as the server sees it. So does
//!   a page that the program has never reached.
//! * A page that was hidden for a sign-out which the server has not heard of signs
//!   out by its form, or it would stay hidden for ever.

use leptos::prelude::{document, window};

/// Runs in the head, before everything else. It hears of a death by
/// [`give_up`], and of one without a panic by the browser's own error.
pub const SCRIPT: &str = include_str!("plain.js");

/// Set once the page is plain for good.
const PLAIN: &str = "data-plain";

/// Makes the page plain. Called by a panic: nothing here may do so too.
pub fn give_up() {
    if let Ok(event) = web_sys::Event::new("plain") {
        // Heard before this returns; tasks that wait find the page marked.
        window().dispatch_event(&event).ok();
    }
}

/// Whether the program has died: what is left of it must not claim otherwise.
pub fn is_plain() -> bool {
    document().document_element().is_some_and(|root| root.has_attribute(PLAIN))
}

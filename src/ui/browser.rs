//! The few things only a browser's window does.

use std::time::Duration;

use leptos::prelude::*;

use crate::model::redirect::SafePath;
use crate::model::seed::SEED_ID;
use crate::ui::{dom, plain};

/// A way to leave the page. Always a full load: it drops everything this page
/// knew of a person, and asks the server anew who is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Departure {
    /// The page to sign in at.
    Login,
    To(SafePath),
    /// The same page, as the server sees it now.
    Reload,
}

/// Leaves the page without a trace in the history, so that "back" does not
/// return to a form that was sent or to somebody's page.
pub fn depart(departure: Departure) {
    let location = window().location();
    let left = match &departure {
        Departure::Login => location.replace("/login"),
        Departure::To(path) => location.replace(path.as_str()),
        Departure::Reload => location.reload(),
    };
    if left.is_err() {
        leptos::logging::warn!("the browser refused to leave the page");
    }
}

/// Tells style sheets and tests that the program has taken over.
pub fn mark_hydrated() {
    if let Some(root) = document().document_element().filter(|_| !plain::is_plain()) {
        // Cannot fail: the name is a constant and valid.
        root.set_attribute("data-hydrated", "true").ok();
    }
}

/// Hides everything but dialogs, with all that was typed into it.
pub fn cover() {
    if let Some(root) = document().document_element() {
        root.set_attribute("data-covered", "").ok();
    }
}

/// Shows it again.
pub fn uncover() {
    if let Some(root) = document().document_element() {
        root.remove_attribute("data-covered").ok();
    }
}

/// Drops what the page has brought along for the program: it names the person, and
/// a page that is covered or signed out of should not.
pub fn forget_seed() {
    if let Some(seed) = document().get_element_by_id(SEED_ID) {
        seed.remove();
    }
}

/// Empties the page of all that it shows of a person.
pub fn forget_page() {
    for shown in ["main", ".header-person", ".nav"].map(dom::on_page).into_iter().flatten() {
        shown.set_text_content(None);
    }
}

/// The page's clock: milliseconds since the page was asked for. It only goes
/// forward, whatever is done to the computer's time; asleep, it may stand still.
pub fn now() -> f64 {
    web_sys::window().and_then(|window| window.performance()).map_or(0.0, |clock| clock.now())
}

/// Waits.
pub async fn pause(how_long: Duration) {
    let (done, waiting) = futures::channel::oneshot::channel();
    // Fails only if nobody waits any more.
    set_timeout(move || done.send(()).unwrap_or_default(), how_long);
    waiting.await.ok();
}

//! Operations that only a browser's window offers.

use std::time::Duration;

use leptos::prelude::*;

use crate::model::redirect::SafePath;
use crate::model::seed::SEED_ID;
use crate::ui::{dom, plain};

/// How to leave the page. Always a full page load: it drops everything that this page knows about
/// the user, and the server decides anew who is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Departure {
    /// The login page.
    Login,
    To(SafePath),
    /// This page, loaded again.
    Reload,
}

/// Leaves the page without a history entry, so that "back" does not return to a submitted form or
/// to a user's page.
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

/// Tells style sheets and tests that the program runs.
pub fn mark_hydrated() {
    if let Some(root) = document().document_element().filter(|_| !plain::is_plain()) {
        // Can't fail: the name is a valid constant.
        root.set_attribute("data-hydrated", "true").ok();
    }
}

/// Hides everything except dialogs. Typed text stays in its fields.
pub fn cover() {
    if let Some(root) = document().document_element() {
        root.set_attribute("data-covered", "").ok();
    }
}

/// Reverts [`cover`].
pub fn uncover() {
    if let Some(root) = document().document_element() {
        root.remove_attribute("data-covered").ok();
    }
}

/// Removes the seed from the page: it names the user, which a covered or signed-out page should
/// not.
pub fn forget_seed() {
    if let Some(seed) = document().get_element_by_id(SEED_ID) {
        seed.remove();
    }
}

/// Removes all of the page's content.
pub fn forget_page() {
    for shown in ["main", ".header-person", ".nav"].map(dom::on_page).into_iter().flatten() {
        shown.set_text_content(None);
    }
}

/// The page's monotonic clock: milliseconds since the page was requested. Changes of the system
/// time do not affect it. It may stop while the computer sleeps.
pub fn now() -> f64 {
    web_sys::window().and_then(|window| window.performance()).map_or(0.0, |clock| clock.now())
}

/// Waits for this duration.
pub async fn pause(how_long: Duration) {
    let (done, waiting) = futures::channel::oneshot::channel();
    // Fails only if the waiting task is gone.
    set_timeout(move || done.send(()).unwrap_or_default(), how_long);
    waiting.await.ok();
}

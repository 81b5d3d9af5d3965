//! The countdown until a lockout ends. Only the browser counts, so that without the program no
//! button stays disabled.

use std::cell::RefCell;
use std::time::Duration;

use leptos::prelude::{IntervalHandle, set_interval_with_handle};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlFormElement};

use super::components::form::retry_in;
use super::dom;
use crate::model::lang::Lang;

/// On a running countdown: its end, as Unix time in milliseconds by the browser's clock.
const UNTIL: &str = "data-until";

thread_local! {
    /// Runs while a countdown runs.
    static TIMER: RefCell<Option<IntervalHandle>> = const { RefCell::new(None) };
}

/// Called with a form whose countdown has ended.
pub type OnEnd = fn(HtmlFormElement, Lang);

/// Starts the countdowns that the server has rendered within an element.
pub fn start_all(root: &Element, lang: Lang, on_end: OnEnd) {
    for clock in dom::all(root, ".form-clock[data-seconds]") {
        let seconds = clock.get_attribute("data-seconds").and_then(|seconds| seconds.parse().ok());
        let form = clock.closest("form").ok().flatten().and_then(|form| form.dyn_into::<HtmlFormElement>().ok());
        dom::set(&clock, "data-seconds", None);
        if let (Some(form), Some(seconds)) = (form, seconds) {
            start(&form, seconds, lang, on_end);
        }
    }
}

/// Starts a countdown of this many seconds and disables the form until its end.
pub fn start(form: &HtmlFormElement, seconds: u64, lang: Lang, on_end: OnEnd) {
    let Some(clock) = dom::find(form, ".form-clock").filter(|_| seconds > 0) else { return };
    // An end time and not a count of ticks: background tabs get fewer ticks.
    let until = js_sys::Date::now() + seconds as f64 * 1000.0;
    dom::set(&clock, UNTIL, Some(&until.to_string()));
    lock(form, true);
    if let Some(shown) = dom::set_paragraph(&clock, "countdown", Some(&retry_in(seconds, lang))) {
        dom::set(&shown, "role", Some("timer"));
    }
    TIMER.with_borrow_mut(|timer| {
        if timer.is_none() {
            *timer = set_interval_with_handle(move || tick(lang, on_end), Duration::from_millis(500)).ok();
        }
    });
}

/// Whether a form's countdown is running.
pub fn is_running(form: &HtmlFormElement) -> bool {
    dom::find(form, &format!("[{UNTIL}]")).is_some()
}

/// Removes the form's countdown.
pub fn stop(form: &HtmlFormElement) {
    if let Some(clock) = dom::find(form, ".form-clock") {
        if clock.has_attribute(UNTIL) {
            lock(form, false);
        }
        dom::set(&clock, UNTIL, None);
        dom::set_paragraph(&clock, "", None);
    }
}

fn lock(form: &HtmlFormElement, locked: bool) {
    if let Some(button) = dom::find(form, "[type=submit]") {
        dom::set(&button, "disabled", locked.then_some("true"));
    }
}

fn tick(lang: Lang, on_end: OnEnd) {
    let clocks = dom::body().map(|body| dom::all(&body, &format!("[{UNTIL}]"))).unwrap_or_default();
    if clocks.is_empty() {
        TIMER.take().iter().for_each(IntervalHandle::clear);
    }
    for clock in clocks {
        let until: f64 = clock.get_attribute(UNTIL).and_then(|until| until.parse().ok()).unwrap_or_default();
        let left = ((until - js_sys::Date::now()) / 1000.0).ceil();
        if left > 0.0 {
            if let Some(shown) = dom::find(&clock, ".countdown") {
                shown.set_text_content(Some(&retry_in(left as u64, lang)));
            }
        } else if let Ok(Some(form)) = clock.closest("form") {
            on_end(form.unchecked_into(), lang);
        }
    }
}

//! Refreshes the page without leaving it: fetches it again and replaces its `main`. Typed text
//! ([`keep`]), focus and scroll position ([`focus`]) are kept.

mod focus;
mod keep;

use std::cell::RefCell;
use std::time::Duration;

use leptos::prelude::{GetUntracked, document, request_animation_frame, set_timeout, window};
use leptos::task::spawn_local;
use web_sys::{DomParser, Element, SupportedType};

use self::focus::Focus;
use super::browser::Departure;
use super::dom;
use super::preferences::Shown;
use crate::api::client;
use crate::model::code::Code;
use crate::model::failure::Failure;
use crate::model::preference::Theme;
use crate::model::redirect::SafePath;
use crate::model::text::Text;

/// On elements with live data: the names of the events that change it.
const LIVE: &str = "data-live";

/// On the same elements: the version (`updatedAt`) of the user that they show.
const VERSION: &str = "data-version";

/// The debounce time: events within it cause one refresh.
const DEBOUNCE: Duration = Duration::from_millis(150);

/// The live region for announcements.
const LIVE_REGION: &str = "#said";

/// Prepares a new `main`: local times, countdowns.
pub type Prepare = Box<dyn Fn(&Element)>;

struct Page {
    prepare: Prepare,
    shown: Shown,
    /// Numbers the refreshes, so that only the last one is shown.
    turn: u32,
    /// Whether the result of a submitted form is being fetched. Events wait until it is shown.
    following_form: bool,
    missed: Vec<(String, Option<String>)>,
}

thread_local! {
    static PAGE: RefCell<Option<Page>> = const { RefCell::new(None) };
}

/// Starts refreshing this page.
pub fn begin(shown: Shown, prepare: Prepare) {
    dom::on_page("main").iter().for_each(&prepare);
    PAGE.replace(Some(Page { prepare, shown, turn: 0, following_form: false, missed: Vec::new() }));
}

fn shown() -> Option<Shown> {
    PAGE.with_borrow(|page| page.as_ref().map(|page| page.shown))
}

fn next_turn() -> u32 {
    PAGE.with_borrow_mut(|page| {
        page.as_mut().map_or(0, |page| {
            page.turn += 1;
            page.turn
        })
    })
}

fn is_turn(turn: u32) -> bool {
    PAGE.with_borrow(|page| page.as_ref().is_some_and(|page| page.turn == turn))
}

/// Handles an event: refreshes a page that shows such data, unless it shows this version of the
/// user already.
pub fn refresh(event: &str, version: Option<String>) {
    let Some(live) = dom::on_page(&format!("main [{LIVE}~={event}]")) else { return };
    if version.is_some() && live.get_attribute(VERSION) == version {
        return;
    }
    let waits = PAGE.with_borrow_mut(|page| {
        let Some(page) = page.as_mut().filter(|page| page.following_form) else { return false };
        page.missed.push((event.to_owned(), version));
        true
    });
    if waits {
        return;
    }
    // Lists of others change all the time: to announce each change would be noise.
    let quiet = !matches!(event, "user-changed" | "signed-in");
    let turn = next_turn();
    set_timeout(
        move || {
            spawn_local(async move {
                if is_turn(turn) {
                    // Without an answer the page stays as it is. The next event tries again.
                    fetch(&here(), turn, if quiet { Cause::Desk } else { Cause::Changes }).await;
                }
            });
        },
        DEBOUNCE,
    );
}

/// Refreshes this page; `false` if that failed.
pub async fn again() -> bool {
    act(&here(), "").await
}

/// Shows a form's target if it is this page; `false` if it is another page, which must be loaded.
pub async fn follow(target: &SafePath) -> bool {
    let (address, section) = target.as_str().split_once('#').unwrap_or((target.as_str(), ""));
    if address.split('?').next() != window().location().pathname().ok().as_deref() {
        return false;
    }
    act(address, section).await
}

async fn act(address: &str, section: &str) -> bool {
    let turn = next_turn();
    set_following_form(true);
    let shown = fetch(address, turn, Cause::Act(section)).await;
    for (event, version) in set_following_form(false) {
        refresh(&event, version);
    }
    shown
}

/// Starts or ends the handling of a submitted form. Returns the events that arrived meanwhile.
fn set_following_form(following_form: bool) -> Vec<(String, Option<String>)> {
    PAGE.with_borrow_mut(|page| {
        page.as_mut().map_or_else(Vec::new, |page| {
            page.following_form = following_form;
            std::mem::take(&mut page.missed)
        })
    })
}

async fn fetch(address: &str, turn: u32, cause: Cause<'_>) -> bool {
    match client::page(address).await {
        // A later refresh is shown instead.
        Ok(_) if !is_turn(turn) => true,
        Ok(html) => show(&html, address, cause),
        Err(failure) => {
            // The page is not the user's any more: a reload says why, or leads on.
            if failure.is_the_panels()
                && matches!(failure.code, Code::Forbidden | Code::NotFound | Code::PasswordRequired)
            {
                window().location().reload().ok();
            }
            false
        }
    }
}

/// Why the page is refreshed.
#[derive(Clone, Copy)]
enum Cause<'a> {
    /// Live data has changed.
    Changes,
    /// A list of others has changed, which is not announced.
    Desk,
    /// A form was submitted in the section with this id.
    Act(&'a str),
}

fn here() -> String {
    let location = window().location();
    format!("{}{}", location.pathname().unwrap_or_default(), location.search().unwrap_or_default())
}

/// Replaces `main`; `false` if the fetched page can't replace this one.
fn show(html: &str, address: &str, cause: Cause<'_>) -> bool {
    let Some(shown) = shown() else { return false };
    let next = DomParser::new().and_then(|parser| parser.parse_from_string(html, SupportedType::TextHtml));
    let Some(root) = next.ok().and_then(|next| next.document_element()) else { return false };
    let (Some(old), Some(new)) = (dom::on_page("main"), dom::find(&root, "main")) else { return false };
    let lang = root.get_attribute("lang").unwrap_or_default();
    if lang != shown.lang.tag() {
        // Another language needs a full load, in every tab.
        let target = SafePath::parse(address).unwrap_or_else(SafePath::home);
        shown.leave_for(&lang, Departure::To(target));
        return true;
    }
    let theme = root.get_attribute("data-theme").and_then(|name| Theme::from_name(&name));
    if theme != shown.theme.get_untracked() {
        shown.set_theme(theme);
    }
    let focus = Focus::of(&old);
    let top = focus.top(&old);
    keep::folds(&old, &new);
    keep::forms(&old, &new);
    if let Cause::Changes | Cause::Desk = cause {
        keep::notices(&old, &new);
    }
    old.replace_children_with_node_0();
    while let Some(child) = new.first_child() {
        // Can't fail: a child of one `main` may be a child of the other.
        old.append_child(&child).ok();
    }
    PAGE.with_borrow(|page| page.iter().for_each(|page| (page.prepare)(&old)));
    match cause {
        Cause::Desk => focus.restore(&old, top),
        Cause::Changes => {
            focus.restore(&old, top);
            announce_text(Text::PageUpdated.to(shown.lang));
        }
        Cause::Act(section) => {
            let section = Some(section).filter(|id| !id.is_empty()).and_then(|id| document().get_element_by_id(id));
            let title = section.as_ref().and_then(|section| dom::find(section, "[tabindex='-1']"));
            match title {
                Some(title) => dom::focus(&title),
                None => focus.restore(&old, top),
            }
            announce(section.as_ref().unwrap_or(&old));
        }
    }
    true
}

/// Announces a text to screen readers. The region is emptied first, because a repeated text would
/// not be announced.
fn announce_text(text: &'static str) {
    if let Some(region) = dom::on_page(LIVE_REGION) {
        region.set_text_content(None);
        request_animation_frame(move || region.set_text_content(Some(text)));
    }
}

/// Announces a form's result. The notice came together with its live region, which screen readers
/// ignore, so it is inserted a second time.
fn announce(section: &Element) {
    for region in dom::all(section, "[data-notice][role=status]") {
        if let Some(notice) = region.first_element_child() {
            notice.remove();
            request_animation_frame(move || _ = region.append_child(&notice));
        }
    }
}

/// Whether a refusal means that the page shows outdated data.
pub fn is_out_of_date(failure: &Failure) -> bool {
    matches!(failure.code, Code::NotFound | Code::Conflict)
}

#[cfg(all(test, target_arch = "wasm32"))]
mod tests;

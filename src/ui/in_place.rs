//! The page is brought up to date without leaving it: fetched anew, and its `main`
//! takes the place of the one that is shown. What somebody is typing ([`keep`]), the
//! focus and what is in view ([`focus`]) stay where they are.

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

/// On what shows things that change: the names of the events that change them.
const LIVE: &str = "data-live";

/// On the same: the version of the person that it shows, as `updatedAt` says it.
const VERSION: &str = "data-version";

/// Several events at once are one change of the page.
const SOON: Duration = Duration::from_millis(150);

/// Where what has changed is read aloud.
const SAID: &str = "#said";

/// What the page does with a `main` that has come: times, clocks.
pub type Dress = Box<dyn Fn(&Element)>;

struct Page {
    dress: Dress,
    shown: Shown,
    /// Counts what was shown and asked for, so that only the last one counts.
    turn: u32,
    /// Whether an act is being followed. What happens meanwhile waits.
    acting: bool,
    missed: Vec<(String, Option<String>)>,
}

thread_local! {
    static PAGE: RefCell<Option<Page>> = const { RefCell::new(None) };
}

/// From now on the page follows.
pub fn begin(shown: Shown, dress: Dress) {
    dom::on_page("main").iter().for_each(&dress);
    PAGE.replace(Some(Page { dress, shown, turn: 0, acting: false, missed: Vec::new() }));
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

/// Something has happened: a page that shows such things is fetched anew, unless it
/// shows this version of the person already.
pub fn refresh(event: &str, version: Option<String>) {
    let Some(live) = dom::on_page(&format!("main [{LIVE}~={event}]")) else { return };
    if version.is_some() && live.get_attribute(VERSION) == version {
        return;
    }
    let waits = PAGE.with_borrow_mut(|page| {
        let Some(page) = page.as_mut().filter(|page| page.acting) else { return false };
        page.missed.push((event.to_owned(), version));
        true
    });
    if waits {
        return;
    }
    let turn = next_turn();
    set_timeout(
        move || {
            spawn_local(async move {
                if is_turn(turn) {
                    // Without an answer the page stays as it is; the next event asks again.
                    fetch(&here(), turn, Shows::Changes).await;
                }
            });
        },
        SOON,
    );
}

/// Shows this page as the server sees it now; `false` where that can't be.
pub async fn again() -> bool {
    act(&here(), "").await
}

/// Shows where an act has led, if that is on this page; `false` where it is
/// elsewhere, and has to be loaded.
pub async fn follow(target: &SafePath) -> bool {
    let (address, section) = target.as_str().split_once('#').unwrap_or((target.as_str(), ""));
    if address.split('?').next() != window().location().pathname().ok().as_deref() {
        return false;
    }
    act(address, section).await
}

async fn act(address: &str, section: &str) -> bool {
    let turn = next_turn();
    set_acting(true);
    let shown = fetch(address, turn, Shows::Act(section)).await;
    for (event, version) in set_acting(false) {
        refresh(&event, version);
    }
    shown
}

/// Gives what has happened meanwhile.
fn set_acting(acting: bool) -> Vec<(String, Option<String>)> {
    PAGE.with_borrow_mut(|page| {
        page.as_mut().map_or_else(Vec::new, |page| {
            page.acting = acting;
            std::mem::take(&mut page.missed)
        })
    })
}

async fn fetch(address: &str, turn: u32, shows: Shows<'_>) -> bool {
    match client::page(address).await {
        // What was asked for later is shown instead.
        Ok(_) if !is_turn(turn) => true,
        Ok(html) => show(&html, address, shows),
        Err(_) => false,
    }
}

/// Why a page is shown.
#[derive(Clone, Copy)]
enum Shows<'a> {
    /// Something has changed behind the reader's back.
    Changes,
    /// What somebody did, at the section of this id.
    Act(&'a str),
}

fn here() -> String {
    let location = window().location();
    format!("{}{}", location.pathname().unwrap_or_default(), location.search().unwrap_or_default())
}

/// `false` for a page that can't take the place of this one.
fn show(html: &str, address: &str, shows: Shows<'_>) -> bool {
    let Some(shown) = shown() else { return false };
    let next = DomParser::new().and_then(|parser| parser.parse_from_string(html, SupportedType::TextHtml));
    let Some(root) = next.ok().and_then(|next| next.document_element()) else { return false };
    let (Some(old), Some(new)) = (dom::on_page("main"), dom::find(&root, "main")) else { return false };
    let lang = root.get_attribute("lang").unwrap_or_default();
    if lang != shown.lang.tag() {
        // Another language is another page, in every tab.
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
    if let Shows::Changes = shows {
        keep::notices(&old, &new);
    }
    old.replace_children_with_node_0();
    while let Some(child) = new.first_child() {
        // Cannot fail: what is a child there may be one here.
        old.append_child(&child).ok();
    }
    PAGE.with_borrow(|page| page.iter().for_each(|page| (page.dress)(&old)));
    match shows {
        Shows::Changes => {
            focus.restore(&old, top);
            say(Text::PageUpdated.to(shown.lang));
        }
        Shows::Act(section) => {
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

/// Reads something aloud: emptied first, or the same words would be no news.
fn say(text: &'static str) {
    if let Some(said) = dom::on_page(SAID) {
        said.set_text_content(None);
        request_animation_frame(move || said.set_text_content(Some(text)));
    }
}

/// Reads aloud what an act has done. The notice has come with its live region, which
/// nobody was listening to yet: so it comes once more.
fn announce(section: &Element) {
    for region in dom::all(section, "[data-notice][role=status]") {
        if let Some(notice) = region.first_element_child() {
            notice.remove();
            request_animation_frame(move || _ = region.append_child(&notice));
        }
    }
}

/// Whether a refusal means that the page shows what is not there any more.
pub fn is_out_of_date(failure: &Failure) -> bool {
    matches!(failure.code, Code::NotFound | Code::Conflict)
}

#[cfg(all(test, target_arch = "wasm32"))]
mod tests;

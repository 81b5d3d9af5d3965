//! The page is brought up to date without leaving it: fetched anew, and its `main`
//! takes the place of the one that is shown. What somebody is typing, the focus and
//! what is in view stay where they are.

use std::cell::RefCell;
use std::time::Duration;

use leptos::prelude::{GetUntracked, document, request_animation_frame, set_timeout, window};
use leptos::task::spawn_local;
use web_sys::{DomParser, Element, SupportedType};

use super::browser::Departure;
use super::dom;
use super::form::Form;
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
    let top = focus.top();
    keep_folds(&old, &new);
    keep_forms(&old, &new);
    if let Shows::Changes = shows {
        keep_notices(&old, &new);
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

/// What is unfolded stays so.
fn keep_folds(old: &Element, new: &Element) {
    for (was, is) in dom::all(old, "details").iter().zip(dom::all(new, "details")) {
        if was.has_attribute("open") {
            dom::set(&is, "open", Some(""));
        }
    }
}

/// A form that somebody has begun to fill in, or that is at work, is not the server's
/// to replace.
fn keep_forms(old: &Element, new: &Element) {
    let fresh = dom::all(new, "form");
    for form in dom::all(old, "form").into_iter().filter(Form::is_begun) {
        let key = form_key(&form);
        if let Some(same) = fresh.iter().find(|form| form_key(form) == key) {
            same.replace_with_with_node_1(&form).ok();
        }
    }
}

/// Which form it is: where it posts to, and about what.
fn form_key(form: &Element) -> String {
    let about = dom::find(form, "[name=handle][type=hidden]").and_then(|field| field.get_attribute("value"));
    format!("{} {}", form.get_attribute("action").unwrap_or_default(), about.unwrap_or_default())
}

/// What a person was told of their own act is not taken away by somebody else's.
fn keep_notices(old: &Element, new: &Element) {
    for (was, is) in dom::all(old, "[data-notice]").iter().zip(dom::all(new, "[data-notice]")) {
        if was.get_attribute("data-notice") == is.get_attribute("data-notice") && was.has_child_nodes() {
            is.replace_with_with_node_1(was).ok();
        }
    }
}

/// Where the focus was, by what is the same in the next page.
enum Focus {
    Elsewhere,
    Id(String),
    /// In the form of this key, the control at this place.
    Control(String, usize),
    /// The link or button at this place.
    Place(usize),
}

const FOCUSABLE: &str = "a[href], button, summary, [tabindex]";
const CONTROLS: &str = "input, select, textarea, button";

impl Focus {
    fn of(main: &Element) -> Focus {
        let active = document().active_element().filter(|active| main.contains(Some(active)));
        let Some(active) = active else { return Focus::Elsewhere };
        if !active.id().is_empty() {
            return Focus::Id(active.id());
        }
        let place = |all: Vec<Element>| all.iter().position(|element| *element == active);
        if let Ok(Some(form)) = active.closest("form")
            && let Some(place) = place(dom::all(&form, CONTROLS))
        {
            return Focus::Control(form_key(&form), place);
        }
        place(dom::all(main, FOCUSABLE)).map_or(Focus::Elsewhere, Focus::Place)
    }

    fn find(&self, main: &Element) -> Option<Element> {
        match self {
            Focus::Elsewhere => None,
            Focus::Id(id) => document().get_element_by_id(id),
            Focus::Control(key, place) => {
                let form = dom::all(main, "form").into_iter().find(|form| form_key(form) == *key)?;
                dom::all(&form, CONTROLS).into_iter().nth(*place)
            }
            Focus::Place(place) => dom::all(main, FOCUSABLE).into_iter().nth(*place),
        }
    }

    /// Where what has the focus is in view.
    fn top(&self) -> Option<f64> {
        let main = dom::on_page("main")?;
        Some(self.find(&main)?.get_bounding_client_rect().top())
    }

    /// Gives the focus back, and what is in view. Where the control is gone, the
    /// heading of the page takes it, not the body.
    fn restore(&self, main: &Element, top: Option<f64>) {
        let found = self.find(main);
        match &found {
            Some(element) => dom::focus_still(element),
            None if !matches!(self, Focus::Elsewhere) => dom::focus_still(main),
            None => {}
        }
        if let (Some(before), Some(element)) = (top, found) {
            let moved = element.get_bounding_client_rect().top() - before;
            if moved.abs() >= 1.0 {
                window().scroll_by_with_x_and_y(0.0, moved);
            }
        }
    }
}

/// Whether a refusal means that the page shows what is not there any more.
pub fn is_out_of_date(failure: &Failure) -> bool {
    matches!(failure.code, Code::NotFound | Code::Conflict)
}

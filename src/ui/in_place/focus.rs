//! Keeps focus and scroll position when the page's `main` is replaced.

use leptos::prelude::{document, window};
use web_sys::Element;

use super::keep::form_key;
use crate::ui::dom;

/// The focused element, identified by properties that are the same in the new page.
#[derive(Clone)]
pub enum Focus {
    Elsewhere,
    Id(String),
    /// The control at this index in the form with this key.
    Control(String, usize),
    /// The link or button at this index.
    Place(usize),
}

const FOCUSABLE: &str = "a[href], button, summary, [tabindex]";
const CONTROLS: &str = "input, select, textarea, button";

impl Focus {
    pub fn of(main: &Element) -> Focus {
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

    /// Returns the element whose position on the screen is kept: the focused one, or else the first
    /// visible section.
    pub fn top(&self, main: &Element) -> Option<(Focus, f64)> {
        let top = |element: &Element| element.get_bounding_client_rect().top();
        if let Some(focused) = self.find(main) {
            return Some((self.clone(), top(&focused)));
        }
        let seen = |section: &Element| section.get_bounding_client_rect().bottom() > 0.0;
        let section = dom::all(main, "section[id]").into_iter().find(seen)?;
        Some((Focus::Id(section.id()), top(&section)))
    }

    /// Restores focus and scroll position. If the focused control is gone, `main` gets the focus,
    /// not the body.
    pub fn restore(&self, main: &Element, top: Option<(Focus, f64)>) {
        match self.find(main) {
            Some(element) => dom::focus_without_scrolling(&element),
            None if !matches!(self, Focus::Elsewhere) => dom::focus_without_scrolling(main),
            None => {}
        }
        if let Some((place, before)) = top
            && let Some(element) = place.find(main)
        {
            let moved = element.get_bounding_client_rect().top() - before;
            if moved.abs() >= 1.0 {
                window().scroll_by_with_x_and_y(0.0, moved);
            }
        }
    }
}

//! Browser tests: `cargo test --target wasm32-unknown-unknown`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop there")]

use std::cell::Cell;
use std::rc::Rc;

use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

use super::*;
use crate::model::seed::Seed;
use crate::ui::testing::{Changed, Server, fresh, mounted, shown as on_screen, until};

wasm_bindgen_test_configure!(run_in_browser);

const OLD: &str = r#"<main tabindex="-1"><div data-live="user-changed" data-version="1">old</div>
    <div role="status" data-notice="n"><p>kept</p></div><details id="d" open><summary>s</summary></details>
    <form action="/api/a"><input id="x" name="x"></form><form action="/api/b"><input id="y" name="y" value="1"></form></main>"#;

const NEW: &str = r#"<html lang="en"><body><main tabindex="-1"><div data-live="user-changed" data-version="2">new</div><div role="status" data-notice="n"></div><details id="d"><summary>s</summary></details><form action="/api/a"><input id="x" name="x" value="theirs"></form><form action="/api/b"><input id="y" name="y" value="2"></form></main></body></html>"#;

/// Creates a page that refreshes itself, with a count of its preparations.
async fn page() -> (Changed, Changed, Rc<Cell<u32>>) {
    let (markup, element) = on_screen();
    element.set_inner_html(OLD);
    let prepared = Rc::new(Cell::new(0));
    let (page, ()) = mounted({
        let prepared = prepared.clone();
        move || begin(Shown::provide(&Seed::default()), Box::new(move |_| prepared.set(prepared.get() + 1)))
    })
    .await;
    (markup, page, prepared)
}

fn text() -> String {
    dom::on_page("[data-live]").and_then(|live| live.text_content()).unwrap_or_default()
}

fn value(id: &str) -> String {
    document().get_element_by_id(id).as_ref().and_then(dom::value).unwrap_or_default()
}

#[wasm_bindgen_test]
async fn a_refresh_shows_changes_and_keeps_forms_in_use() {
    fresh();
    let server = Server::with_body(200, "text/html", NEW);
    let (_markup, _page, prepared) = page().await;
    let x = document().get_element_by_id("x").unwrap();
    dom::fill(&x, "mine");
    dom::focus(&x);
    for other in ["signed-in", "nothing-known"] {
        refresh(other, None);
    }
    refresh("user-changed", Some("1".to_owned()));
    refresh("user-changed", Some("2".to_owned()));
    refresh("user-changed", None);
    until(|| text() == "new").await;
    assert_eq!((value("x").as_str(), value("y").as_str(), prepared.get()), ("mine", "2", 2));
    assert_eq!(document().active_element().map(|active| active.id()).as_deref(), Some("x"));
    assert!(document().get_element_by_id("d").unwrap().has_attribute("open"));
    assert_eq!(dom::on_page("[data-notice]").unwrap().text_content().as_deref(), Some("kept"));
    // Several events at once cause one request.
    assert_eq!(server.requests().len(), 1);
}

#[wasm_bindgen_test]
async fn a_form_result_is_shown_in_place_only_on_this_page_with_an_answer() {
    fresh();
    let (_markup, _page, _) = page().await;
    let here = window().location().pathname().unwrap();
    {
        let server = Server::with_body(200, "text/html", NEW);
        assert!(!follow(&SafePath::parse("/somewhere-else").unwrap()).await);
        assert_eq!(server.requests(), Vec::<String>::new());
        assert!(follow(&SafePath::parse(&format!("{here}?done=x")).unwrap()).await);
        // The result of the new action replaces the old notice.
        assert_eq!((text().as_str(), dom::on_page("[data-notice]").unwrap().has_child_nodes()), ("new", false));
    }
    let _away = Server::away();
    assert!(!follow(&SafePath::parse(&here).unwrap()).await);
}

#[wasm_bindgen_test]
async fn events_during_a_form_result_are_handled_afterwards() {
    fresh();
    let server = Server::with_body(200, "text/html", NEW);
    let (_markup, _page, _) = page().await;
    let here = SafePath::parse(&window().location().pathname().unwrap()).unwrap();
    let (shown, ()) = futures::join!(follow(&here), async {
        // A version that the fetched page has, and one that it does not have.
        refresh("user-changed", Some("2".to_owned()));
    });
    assert!(shown);
    crate::ui::browser::pause(DEBOUNCE * 2).await;
    assert_eq!(server.requests().len(), 1);
    refresh("user-changed", Some("3".to_owned()));
    until(|| server.requests().len() == 2).await;
}

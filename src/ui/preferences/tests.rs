//! In a real browser: `cargo test --target wasm32-unknown-unknown`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop there")]

use std::cell::Cell;
use std::rc::Rc;

use leptos::mount::mount_to;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

use super::*;
use crate::ui::testing::{turn, until};

wasm_bindgen_test_configure!(run_in_browser);

fn tab() -> (Box<dyn std::any::Any>, Shown) {
    let made = Rc::new(Cell::new(None));
    let root = document().create_element("div").unwrap().unchecked_into();
    let page = mount_to(root, {
        let made = made.clone();
        move || {
            Shown::provide(&Snapshot::default());
            made.set(use_context::<Shown>());
        }
    });
    (Box::new(page), made.get().unwrap())
}

#[wasm_bindgen_test]
async fn a_theme_shows_at_once_and_in_other_tabs() {
    let ((_here, here), (_there, there)) = (tab(), tab());
    turn().await;
    let root = document().document_element().unwrap();
    here.set_theme(Some(Theme::Dark));
    until(|| there.theme.get_untracked() == Some(Theme::Dark)).await;
    assert_eq!(root.get_attribute("data-theme").as_deref(), Some("dark"));
    here.set_theme(None);
    until(|| there.theme.get_untracked().is_none() && root.get_attribute("data-theme").is_none()).await;
}

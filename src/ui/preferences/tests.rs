//! Browser tests: `cargo test --target wasm32-unknown-unknown`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop there")]

use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

use super::*;
use crate::ui::testing::{Changed, fresh, mounted, until};

wasm_bindgen_test_configure!(run_in_browser);

async fn tab() -> (Changed, Shown) {
    let (tab, shown) = mounted(|| Some(Shown::provide(&Seed::default()))).await;
    (tab, shown.unwrap())
}

#[wasm_bindgen_test]
async fn a_theme_applies_at_once_in_every_tab() {
    fresh();
    let ((_here, here), (_there, there)) = (tab().await, tab().await);
    let root = document().document_element().unwrap();
    here.set_theme(Some(Theme::Dark));
    until(|| there.theme.get_untracked() == Some(Theme::Dark)).await;
    assert_eq!(root.get_attribute("data-theme").as_deref(), Some("dark"));
    here.set_theme(None);
    until(|| there.theme.get_untracked().is_none() && root.get_attribute("data-theme").is_none()).await;
}

//! Browser tests: `cargo test --target wasm32-unknown-unknown`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop there")]

use leptos::prelude::document;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

use super::*;
use crate::ui::testing::{fresh, shown};

wasm_bindgen_test_configure!(run_in_browser);

const PAGE: &str = r#"<form action="/api/a">
    <input name="email" type="text"><input name="remember" type="checkbox" value="true">
    <input name="password" type="password"><input name="shown" type="text" autocomplete="current-password">
    <input name="csrfToken" type="hidden" value="t"><select name="language"><option value="">-</option><option value="tr">tr</option></select>
</form><form action="/api/b"><input name="email" type="text"></form>"#;

fn field(selector: &str) -> web_sys::HtmlInputElement {
    document().query_selector(selector).unwrap().unwrap().unchecked_into()
}

#[wasm_bindgen_test]
fn fields_are_restored_once_and_passwords_never() {
    fresh();
    let (_shown, page) = shown();
    page.set_inner_html(PAGE);
    field("[action='/api/a'] [name=email]").set_value("ayse@");
    field("[action='/api/b'] [name=email]").set_value("other");
    field("[name=remember]").set_checked(true);
    dom::fill(&field("[name=language]"), "tr");
    for secret in ["password", "shown"] {
        field(&format!("[name={secret}]")).set_value("geheim");
    }
    keep();
    let kept = storage().unwrap().get_item(KEY).unwrap().unwrap();
    assert!(!kept.contains("geheim") && !kept.contains("csrfToken"), "{kept}");

    page.set_inner_html(PAGE);
    restore();
    assert_eq!(field("[action='/api/a'] [name=email]").value(), "ayse@");
    assert_eq!(field("[action='/api/b'] [name=email]").value(), "other");
    assert!(field("[name=remember]").checked());
    assert_eq!(dom::value(&field("[name=language]")).as_deref(), Some("tr"));
    assert_eq!((field("[name=password]").value(), field("[name=shown]").value()), (String::new(), String::new()));
    assert_eq!(storage().unwrap().get_item(KEY).unwrap(), None);

    page.set_inner_html(PAGE);
    restore();
    assert_eq!(field("[action='/api/a'] [name=email]").value(), "");
}

//! Browser tests: `cargo test --target wasm32-unknown-unknown`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop there")]

use std::collections::BTreeMap;

use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

use super::*;
use crate::ui::testing::{fresh, shown, skew_clock, until};

wasm_bindgen_test_configure!(run_in_browser);

const FORM: &str = r#"<section><div role="status" data-notice="n"><p>done</p></div><form action="/api/x" data-form="">
    <div class="form-alert" tabindex="-1"><div role="alert"></div><div class="form-clock"></div><div role="status"></div></div>
    <input type="hidden" name="csrfToken" value="t"><input type="hidden" name="token" value="s">
    <div class="field"><input id="email" name="email" required aria-describedby="email-hint"><p id="email-hint">hint</p></div>
    <div class="field"><input id="password" name="password" type="password" required></div>
    <button type="submit"><span data-busy="Saving">Save</span></button>
</form></section>"#;

fn form() -> Form {
    Form::on_page("form[data-form]").unwrap()
}

fn text(selector: &str) -> String {
    dom::on_page(selector).and_then(|element| element.text_content()).unwrap_or_default()
}

fn active() -> String {
    document().active_element().map(|element| element.id()).unwrap_or_default()
}

fn field(id: &str) -> Element {
    document().get_element_by_id(id).unwrap()
}

#[wasm_bindgen_test]
fn a_refusal_is_shown_at_its_fields_and_cleared() {
    fresh();
    let (_shown, page) = shown();
    page.set_inner_html(FORM);
    let fields =
        BTreeMap::from([("email".to_owned(), "no email".to_owned()), ("token".to_owned(), "spent".to_owned())]);
    form().refuse(&Failure { fields: Some(fields), ..Failure::new(Code::ValidationFailed) }, Lang::En);
    assert_eq!((text("#email-error").as_str(), text("[role=alert]").as_str()), ("no email", "spent"));
    assert_eq!(field("email").get_attribute("aria-describedby").as_deref(), Some("email-error email-hint"));
    assert_eq!((field("email").get_attribute("aria-invalid").as_deref(), active().as_str()), (Some("true"), "email"));

    form().begin();
    assert_eq!((text("#email-error"), text("[role=alert]"), text("[data-notice]")), Default::default());
    assert_eq!(field("email").get_attribute("aria-describedby").as_deref(), Some("email-hint"));
    assert!(!field("email").has_attribute("aria-invalid"));
}

#[wasm_bindgen_test]
fn a_refusal_focuses_the_missing_or_wrong_field_or_the_message() {
    fresh();
    let (_shown, page) = shown();
    page.set_inner_html(FORM);
    dom::fill(&field("email"), "a@example.org");
    form().refuse(&Failure::new(Code::MissingCredentials), Lang::En);
    assert_eq!(active(), "password");
    field("email").unchecked_ref::<web_sys::HtmlElement>().focus().unwrap();
    form().refuse(&Failure::new(Code::InvalidCredentials), Lang::En);
    assert_eq!(active(), "password");
    form().refuse(&Failure::new(Code::Offline), Lang::En);
    assert!(document().active_element().unwrap().class_name() == "form-alert");
}

#[wasm_bindgen_test]
fn a_busy_form_disables_and_relabels_its_button() {
    fresh();
    let (_shown, page) = shown();
    page.set_inner_html(FORM);
    form().set_busy(true);
    form().set_busy(true);
    assert_eq!(text("[type=submit]"), "Saving");
    assert!(form().is_busy() && dom::on_page("[type=submit]").unwrap().has_attribute("disabled"));
    form().set_busy(false);
    assert_eq!(text("[type=submit]"), "Save");
    assert!(!dom::on_page("[type=submit]").unwrap().has_attribute("aria-busy"));
}

#[wasm_bindgen_test]
fn the_body_is_a_browsers_post_without_the_csrf_token() {
    fresh();
    let (_shown, page) = shown();
    page.set_inner_html(FORM);
    dom::fill(&field("email"), "ayşe & co");
    assert_eq!(form().body(), "token=s&email=ay%C5%9Fe+%26+co&password=");
    assert!(Form::is_in_use(form().element()));
    form().finish();
    assert_eq!(form().text("email"), "");
    assert!(!Form::is_in_use(form().element()));
}

#[wasm_bindgen_test]
async fn a_lockout_counts_down_and_ends_by_time_or_another_email() {
    fresh();
    let (_shown, page) = shown();
    page.set_inner_html(FORM);
    let locked = Failure { remaining_seconds: Some(1800), ..Failure::new(Code::AccountLocked) };
    form().refuse(&locked, Lang::En);
    let disabled = || dom::on_page("[type=submit]").unwrap().has_attribute("disabled");
    assert!(disabled() && text("[role=timer]").contains("30:00"));
    {
        let _later = skew_clock(600_000);
        until(|| text("[role=timer]").contains("20:00") || text("[role=timer]").contains("19:5")).await;
    }
    Form::edited(field("email").unchecked_ref());
    assert!(!disabled() && text("[role=timer]").is_empty() && text("[role=alert]").is_empty());
    form().refuse(&locked, Lang::En);
    let _later = skew_clock(1_800_000);
    until(|| !disabled()).await;
    assert_eq!(text(".form-alert [role=status]"), Text::LoginLifted.to(Lang::En));
}

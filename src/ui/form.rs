//! A form on the page: its data, its busy state and its refusal. All of it is written into the
//! markup of [`components::form`](crate::ui::components::form).

use leptos::prelude::document;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use web_sys::{Element, FormData, HtmlButtonElement, HtmlFormElement, HtmlInputElement, SubmitEvent, UrlSearchParams};

use super::components::form::explain;
use super::{countdown, dom};
use crate::model::code::Code;
use crate::model::failure::Failure;
use crate::model::form::CSRF_FIELD;
use crate::model::lang::Lang;
use crate::model::text::Text;

/// On a form that waits for its answer.
const BUSY: &str = "data-busy-form";

/// On a form that has succeeded.
const DONE: &str = "data-done";

/// A form on the page.
#[derive(Clone)]
pub struct Form {
    form: HtmlFormElement,
    /// The submit button; its name and value are part of the form's data.
    button: Option<HtmlButtonElement>,
}

impl Form {
    /// Returns the form of a submit event.
    pub fn of(event: &SubmitEvent) -> Option<Form> {
        let form = event.target()?.dyn_into::<HtmlFormElement>().ok()?;
        Some(Form { form, button: event.submitter().and_then(|button| button.dyn_into().ok()) })
    }

    /// Returns the first form of the page that matches the selector.
    pub fn on_page(selector: &str) -> Option<Form> {
        Some(Form { form: dom::on_page(selector)?.dyn_into().ok()?, button: None })
    }

    /// Returns the form that a field belongs to.
    pub fn around(field: &HtmlInputElement) -> Option<Form> {
        Some(Form { form: field.form()?, button: None })
    }

    /// Returns the form's element.
    pub fn element(&self) -> &HtmlFormElement {
        &self.form
    }

    /// Returns the path it posts to: the button's, or else the form's.
    pub fn action(&self) -> String {
        let of_button = self.button.as_ref().and_then(|button| button.get_attribute("formaction"));
        of_button.or_else(|| self.form.get_attribute("action")).unwrap_or_default()
    }

    /// Returns a field's text; empty for a missing field or an unticked checkbox.
    pub fn text(&self, field: &str) -> String {
        self.data().and_then(|data| data.get(field).as_string()).unwrap_or_default()
    }

    /// Whether a checkbox is ticked: only then does the form's data have it.
    pub fn ticked(&self, field: &str) -> bool {
        self.data().is_some_and(|data| data.has(field))
    }

    /// Returns the form's data without the CSRF token, which goes in a header.
    pub fn data(&self) -> Option<FormData> {
        let data = FormData::new_with_form(&self.form).ok()?;
        data.delete(CSRF_FIELD);
        if let Some(button) = self.button.as_ref().filter(|button| !button.name().is_empty()) {
            data.set_with_str(&button.name(), &button.value()).ok()?;
        }
        Some(data)
    }

    /// Returns the form's data urlencoded, as a browser would post it.
    pub fn body(&self) -> String {
        let data = self.data();
        let encoded = data.and_then(|data| UrlSearchParams::new_with_str_sequence_sequence(&data).ok());
        encoded.map(|encoded| String::from(encoded.to_string())).unwrap_or_default()
    }

    /// Whether the form waits for its answer.
    pub fn is_busy(&self) -> bool {
        self.form.has_attribute(BUSY)
    }

    /// Sets whether the form waits for its answer.
    pub fn set_busy(&self, busy: bool) {
        if busy == self.is_busy() {
            return;
        }
        let mark = busy.then_some("true");
        dom::set(&self.form, BUSY, mark);
        let pressed = self.button.clone().map(Element::from);
        if let Some(button) = pressed.or_else(|| dom::find(&self.form, "[type=submit]")) {
            dom::set(&button, "disabled", mark);
            dom::set(&button, "aria-busy", mark);
            if let Some(label) = dom::find(&button, "[data-busy]") {
                let (says, next) = (label.text_content(), label.get_attribute("data-busy"));
                label.set_text_content(next.as_deref());
                dom::set(&label, "data-busy", says.as_deref());
            }
        }
    }

    /// Runs the form's request, unless one is running, and shows a refusal. After a success the
    /// form stays busy, because the page is about to change.
    pub fn send(self, lang: Lang, work: impl Future<Output = Result<(), Failure>> + 'static) {
        self.send_boxed(lang, Box::pin(work));
    }

    /// Boxed, so that this is compiled once and not for every form.
    fn send_boxed(self, lang: Lang, work: futures::future::LocalBoxFuture<'static, Result<(), Failure>>) {
        if self.is_busy() {
            return;
        }
        self.set_busy(true);
        spawn_local(async move {
            if let Err(failure) = work.await {
                self.set_busy(false);
                self.refuse(&failure, lang);
            }
        });
    }

    /// Shows a refusal and focuses the invalid field, or else the message.
    pub fn refuse(&self, failure: &Failure, lang: Lang) {
        self.clear();
        let text = match self.form.get_attribute("data-gone").filter(|_| failure.code == Code::NotFound) {
            Some(gone) => gone,
            None => explain(failure, lang),
        };
        if let Some(alert) = self.alert() {
            dom::set_paragraph(&alert, "notice notice-danger", Some(&text));
        }
        for (name, text) in failure.fields.iter().flatten() {
            self.show_field_error(name, text);
        }
        if let Some(seconds) = failure.remaining_seconds {
            countdown::start(&self.form, seconds, lang, Form::lifted);
        }
        if let Some(field) = self.field_to_focus(failure) {
            dom::focus(&field);
        }
    }

    /// Removes the last refusal.
    pub fn clear(&self) {
        countdown::stop(&self.form);
        for slot in self.alert().into_iter().chain(dom::find(&self.form, ".form-alert [role=status]")) {
            dom::set_paragraph(&slot, "", None);
        }
        for error in dom::all(&self.form, ".field-error") {
            error.remove();
        }
        for field in dom::all(&self.form, "[aria-invalid]") {
            dom::set(&field, "aria-invalid", None);
            self.describe(&field, false);
        }
    }

    /// Starts a new attempt: clears the refusal and the notice of the last one.
    pub fn begin(&self) {
        self.clear();
        let section = self.form.closest("section").ok().flatten();
        for notice in section.iter().flat_map(|section| dom::all(section, "[data-notice]")) {
            dom::set_paragraph(&notice, "", None);
        }
    }

    /// Completes a success that leads to another page: empties the fields, so that no secret stays,
    /// and marks the form as replaceable.
    pub fn finish(&self) {
        self.form.reset();
        dom::set(&self.form, DONE, Some("true"));
    }

    /// Whether a refresh must keep the form: the user has changed a field, or its answer is
    /// pending.
    pub fn is_in_use(form: &Element) -> bool {
        let begun = form.has_attribute(BUSY) || dom::all(form, "input, textarea, select").iter().any(dom::is_edited);
        begun && !form.has_attribute(DONE)
    }

    /// Returns the element for the refusal: the form's own, or the one that the form names.
    fn alert(&self) -> Option<Element> {
        let elsewhere = || document().get_element_by_id(&self.form.get_attribute("data-alert")?);
        dom::find(&self.form, ".form-alert [role=alert]").or_else(elsewhere)
    }

    fn field(&self, name: &str) -> Option<Element> {
        dom::all(&self.form, "[name]:not([type=hidden])")
            .into_iter()
            .find(|field| field.get_attribute("name").as_deref() == Some(name))
    }

    /// Shows an error at a field.
    fn show_field_error(&self, name: &str, text: &str) {
        let Some(field) = self.field(name) else { return };
        let Some(frame) = field.closest(".field").ok().flatten() else { return };
        if let Some(error) = dom::element("p", "field-error", text) {
            error.set_id(&format!("{name}-error"));
            frame.append_child(&error).ok();
        }
        dom::set(&field, "aria-invalid", Some("true"));
        self.describe(&field, true);
    }

    fn describe(&self, field: &Element, wrong: bool) {
        let name = field.get_attribute("name").unwrap_or_default();
        let hint = format!("{name}-hint");
        let hint = document().get_element_by_id(&hint).map(|_| hint);
        let ids: Vec<String> = wrong.then(|| format!("{name}-error")).into_iter().chain(hint).collect();
        dom::set(field, "aria-describedby", Some(ids.join(" ").as_str()).filter(|ids| !ids.is_empty()));
    }

    /// Returns the field to focus after a refusal.
    fn field_to_focus(&self, failure: &Failure) -> Option<Element> {
        let wrong = failure.fields.iter().flatten().find_map(|(name, _)| self.field(name));
        let guess = || match failure.code {
            // All fields are required, so an empty one is `:invalid`.
            Code::MissingCredentials => dom::find(&self.form, "input:invalid"),
            Code::InvalidCredentials => self.field("password"),
            _ => None,
        };
        wrong.or_else(guess).or_else(|| dom::find(&self.form, ".form-alert"))
    }

    /// Handles typing in a field. A lockout belongs to one account, so another email ends the
    /// countdown.
    pub fn edited(input: &HtmlInputElement) {
        if input.name() == "email"
            && let Some(form) = input.form()
            && countdown::is_running(&form)
        {
            Form { form, button: None }.clear();
        }
    }

    /// Handles the end of a lockout.
    pub fn lifted(form: HtmlFormElement, lang: Lang) {
        let form = Form { form, button: None };
        form.clear();
        if let Some(slot) = dom::find(&form.form, ".form-alert [role=status]") {
            dom::set_paragraph(&slot, "notice notice-success", Some(Text::LoginLifted.to(lang)));
        }
    }
}

#[cfg(all(test, target_arch = "wasm32"))]
mod tests;

//! A form on the page, as the program drives it: what it holds, that it is at work,
//! and why it was refused. All of that is written into the markup of
//! [`components::form`](crate::ui::components::form).

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

/// On a form while its answer is on the way.
const BUSY: &str = "data-busy-form";

/// On a form that has done what was asked.
const DONE: &str = "data-done";

/// A form on the page.
#[derive(Clone)]
pub struct Form {
    form: HtmlFormElement,
    /// The button that sent it; its name and value belong to what is sent.
    button: Option<HtmlButtonElement>,
}

impl Form {
    /// The form that a submit event is about.
    pub fn of(event: &SubmitEvent) -> Option<Form> {
        let form = event.target()?.dyn_into::<HtmlFormElement>().ok()?;
        Some(Form { form, button: event.submitter().and_then(|button| button.dyn_into().ok()) })
    }

    /// The first form of the page that the selector finds.
    pub fn on_page(selector: &str) -> Option<Form> {
        Some(Form { form: dom::on_page(selector)?.dyn_into().ok()?, button: None })
    }

    /// The form around a field.
    pub fn around(field: &HtmlInputElement) -> Option<Form> {
        Some(Form { form: field.form()?, button: None })
    }

    /// The element.
    pub fn element(&self) -> &HtmlFormElement {
        &self.form
    }

    /// Where it posts to.
    pub fn action(&self) -> String {
        self.form.get_attribute("action").unwrap_or_default()
    }

    /// A field's text; empty where there is no such field, or a box is not ticked.
    pub fn text(&self, field: &str) -> String {
        self.data().and_then(|data| data.get(field).as_string()).unwrap_or_default()
    }

    /// Whether a box is ticked: only then does a form hold it.
    pub fn ticked(&self, field: &str) -> bool {
        self.data().is_some_and(|data| data.has(field))
    }

    /// What it holds, but for the token, which goes in a header.
    pub fn data(&self) -> Option<FormData> {
        let data = FormData::new_with_form(&self.form).ok()?;
        data.delete(CSRF_FIELD);
        if let Some(button) = self.button.as_ref().filter(|button| !button.name().is_empty()) {
            data.set_with_str(&button.name(), &button.value()).ok()?;
        }
        Some(data)
    }

    /// The same, urlencoded as a browser would post it.
    pub fn body(&self) -> String {
        let data = self.data();
        let encoded = data.and_then(|data| UrlSearchParams::new_with_str_sequence_sequence(&data).ok());
        encoded.map(|encoded| String::from(encoded.to_string())).unwrap_or_default()
    }

    /// Whether its answer is on the way.
    pub fn is_busy(&self) -> bool {
        self.form.has_attribute(BUSY)
    }

    /// Says that the answer is on the way, or has come.
    pub fn set_busy(&self, busy: bool) {
        if busy == self.is_busy() {
            return;
        }
        let mark = busy.then_some("true");
        dom::set(&self.form, BUSY, mark);
        if let Some(button) = dom::find(&self.form, "[type=submit]") {
            dom::set(&button, "disabled", mark);
            dom::set(&button, "aria-busy", mark);
            if let Some(label) = dom::find(&button, "[data-busy]") {
                let (says, next) = (label.text_content(), label.get_attribute("data-busy"));
                label.set_text_content(next.as_deref());
                dom::set(&label, "data-busy", says.as_deref());
            }
        }
    }

    /// Does what the form asks, unless it is at work already; a refusal is shown.
    /// A success stays busy: it leads on.
    pub fn send(self, lang: Lang, work: impl Future<Output = Result<(), Failure>> + 'static) {
        self.send_boxed(lang, Box::pin(work));
    }

    /// Once, and not anew for every form.
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

    /// Says why it was refused, and moves the focus to the field that is wrong, else
    /// to the text that says why.
    pub fn refuse(&self, failure: &Failure, lang: Lang) {
        self.clear();
        let text = match self.form.get_attribute("data-gone").filter(|_| failure.code == Code::NotFound) {
            Some(gone) => gone,
            None => explain(failure, lang),
        };
        if let Some(alert) = self.alert() {
            dom::say(&alert, "notice notice-danger", Some(&text));
        }
        for (name, text) in failure.fields.iter().flatten() {
            self.mark(name, text);
        }
        if let Some(seconds) = failure.remaining_seconds {
            countdown::begin(&self.form, seconds, lang, Form::lifted);
        }
        if let Some(culprit) = self.culprit(failure) {
            dom::focus(&culprit);
        }
    }

    /// Takes the last refusal off the screen.
    pub fn clear(&self) {
        countdown::stop(&self.form);
        for slot in self.alert().into_iter().chain(dom::find(&self.form, ".form-alert [role=status]")) {
            dom::say(&slot, "", None);
        }
        for error in dom::all(&self.form, ".field-error") {
            error.remove();
        }
        for field in dom::all(&self.form, "[aria-invalid]") {
            dom::set(&field, "aria-invalid", None);
            self.describe(&field, false);
        }
    }

    /// A new try: what was said of the last one is gone.
    pub fn begin(&self) {
        self.clear();
        let section = self.form.closest("section").ok().flatten();
        for notice in section.iter().flat_map(|section| dom::all(section, "[data-notice]")) {
            dom::say(&notice, "", None);
        }
    }

    /// A success that leads on: what was typed is gone, secrets first of all, and the
    /// page that comes takes this form's place.
    pub fn finish(&self) {
        self.form.reset();
        dom::set(&self.form, DONE, Some("true"));
    }

    /// Whether it is not to be replaced: somebody has begun to fill it in, or its
    /// answer is on the way.
    pub fn is_begun(form: &Element) -> bool {
        let begun = form.has_attribute(BUSY) || dom::all(form, "input, textarea, select").iter().any(dom::is_edited);
        begun && !form.has_attribute(DONE)
    }

    /// Where the refusal is said: in the form, else where it says itself.
    fn alert(&self) -> Option<Element> {
        let elsewhere = || document().get_element_by_id(&self.form.get_attribute("data-alert")?);
        dom::find(&self.form, ".form-alert [role=alert]").or_else(elsewhere)
    }

    fn field(&self, name: &str) -> Option<Element> {
        dom::all(&self.form, "[name]:not([type=hidden])")
            .into_iter()
            .find(|field| field.get_attribute("name").as_deref() == Some(name))
    }

    /// Says at a field what is wrong with it.
    fn mark(&self, name: &str, text: &str) {
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

    /// Where to go on after a refusal.
    fn culprit(&self, failure: &Failure) -> Option<Element> {
        let wrong = failure.fields.iter().flatten().find_map(|(name, _)| self.field(name));
        let guess = || match failure.code {
            // An empty field is `:invalid`, since all are required.
            Code::MissingCredentials => dom::find(&self.form, "input:invalid"),
            Code::InvalidCredentials => self.field("password"),
            _ => None,
        };
        wrong.or_else(guess).or_else(|| dom::find(&self.form, ".form-alert"))
    }

    /// A field was typed into. A lockout is of one account: with another address in
    /// the form, there is nothing to wait for.
    pub fn edited(input: &HtmlInputElement) {
        if input.name() == "email"
            && let Some(form) = input.form()
            && countdown::runs(&form)
        {
            Form { form, button: None }.clear();
        }
    }

    /// A lockout has lifted.
    pub fn lifted(form: HtmlFormElement, lang: Lang) {
        let form = Form { form, button: None };
        form.clear();
        if let Some(slot) = dom::find(&form.form, ".form-alert [role=status]") {
            dom::say(&slot, "notice notice-success", Some(Text::LoginLifted.to(lang)));
        }
    }
}

#[cfg(all(test, target_arch = "wasm32"))]
mod tests;

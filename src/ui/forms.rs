//! Submits every form of the page: the same fields to the same path, answered as JSON. A refusal is
//! shown in the form. After a success, the program goes to the form's target, in place if that is
//! the same page.
//!
//! Listeners are on the document and not on each form, so they also serve forms that arrive later,
//! and forms that extensions have changed. The attribute `data-form` marks the forms that the
//! program submits.

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::de::IgnoredAny;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlInputElement, KeyboardEvent, SubmitEvent};

use super::browser::Departure;
use super::components::choice_card;
use super::components::session_choice::offer_after;
use super::form::Form;
use super::preferences::Shown;
use super::session_life::SessionLife;
use super::{choosing, copy, in_place, password_help, picture};
use crate::api::client;
use crate::model::account::{Choice, Credentials};
use crate::model::code::Code;
use crate::model::failure::Failure;
use crate::model::form::REDIRECT_FIELD;
use crate::model::forms::{
    CHOOSE, END_ALL_SESSIONS, Form as FormDeclaration, LOGIN, LOGOUT, PICTURE, PREFERENCES, PROFILE, REMOVE_PICTURE,
};
use crate::model::lang::Lang;
use crate::model::redirect::SafePath;
use crate::model::user::User;

/// What the forms of a page act on.
#[derive(Clone, Copy)]
pub struct Forms {
    pub life: SessionLife,
    pub shown: Shown,
    pub lang: Lang,
}

impl Forms {
    /// Listens to forms as long as the current owner lives.
    pub fn listen(self) {
        on("submit", move |event| {
            if let Some(event) = event.dyn_ref::<SubmitEvent>() {
                self.submitted(event);
            }
        });
        on("click", |event| {
            if let Some(pressed) = target(&event) {
                password_help::toggle(&pressed);
                copy::pressed(&pressed);
            }
        });
        on("input", move |event| {
            if let Some(input) = input(&event) {
                Form::edited(&input);
                self.check_password(&input);
            }
        });
        on("change", move |event| match input(&event).map(|input| (input.type_(), input)) {
            Some((kind, input)) if kind == "file" => picture::chosen(&input, self.lang),
            Some((kind, input)) if kind == "checkbox" => choosing::changed(&input, self.lang),
            _ => {}
        });
        for key in ["keydown", "keyup"] {
            on(key, |event| {
                // Autofill fires `keydown` events that are not keyboard events, hence the check.
                if let (Some(field), Some(key)) = (target(&event), event.dyn_ref::<KeyboardEvent>()) {
                    password_help::caps_lock(&field, Some(key));
                }
            });
        }
        on("focusout", |event| {
            if let Some(field) = target(&event) {
                password_help::caps_lock(&field, None);
            }
        });
    }

    /// Checks a new password while it is typed.
    pub fn check_password(self, input: &HtmlInputElement) {
        self.life.store.state().with_untracked(|s| password_help::check(input, s.user.as_ref(), self.lang));
    }

    fn submitted(self, event: &SubmitEvent) {
        let Some(form) = Form::of(event).filter(|form| form.element().has_attribute("data-form")) else { return };
        // The program's own forms have handled the event already.
        if event.default_prevented() {
            return;
        }
        event.prevent_default();
        let action = form.action();
        if action == PREFERENCES.action {
            return self.shown.choose(&form);
        }
        if !form.is_busy() {
            form.begin();
            form.clone().send(self.lang, self.send(form, action));
        }
    }

    /// Sends a form. Effects of individual forms on the page belong here only.
    async fn send(self, form: Form, action: String) -> Result<(), Failure> {
        let store = self.life.store;
        let onward = SafePath::parse(&form.text(REDIRECT_FIELD));
        let posts_to = |form: FormDeclaration| action == form.action;
        if posts_to(LOGIN) {
            let credentials = Credentials {
                email: form.text("email"),
                password: form.text("password").into(),
                remember_me: form.ticked("rememberMe"),
                ask_at_limit: true,
            };
            let sent = store.login(credentials, onward.clone().unwrap_or_else(SafePath::home)).await;
            return sent.inspect_err(|failure| self.offer(failure, onward.as_ref()));
        }
        if posts_to(CHOOSE) {
            let choice = Choice { ticket: form.text("ticket").into(), handle: form.text("handle") };
            let sent = store.choose(choice, onward.clone().unwrap_or_else(SafePath::home)).await;
            return sent.inspect_err(|failure| self.offer(failure, onward.as_ref()));
        }
        if posts_to(LOGOUT) {
            store.logout(None).await;
            return Ok(());
        }
        let sent = match posts_to(PICTURE) {
            true => picture::send(&form).await,
            false => client::call(&client::form(&action, &form.body())).await,
        };
        let answer = sent.inspect_err(|failure| {
            store.refused(failure);
            if failure.code == Code::Conflict && form.element().has_attribute("data-conflict") {
                // A plain post is refused too, and leads to the page that explains it.
                form.element().submit().ok();
                return;
            }
            if in_place::is_out_of_date(failure) {
                in_place::refresh("user-changed", None);
            }
        })?;
        // A proxy's or captive portal's answer does not parse, and so is no success.
        client::data::<IgnoredAny>(&answer)?;
        if [PROFILE, PICTURE, REMOVE_PICTURE].into_iter().any(posts_to) {
            store.changed(client::data::<User>(&answer)?);
            // The tab that changed the email shows no notice of it.
            self.life.new_email.set(None);
        }
        if posts_to(END_ALL_SESSIONS) {
            store.logout(None).await;
            return Ok(());
        }
        form.finish();
        let target = onward.unwrap_or_else(SafePath::home);
        if !in_place::follow(&target).await {
            store.leave(Departure::To(target));
        }
        Ok(())
    }

    /// At the session limit, shows the session choice. After an expired ticket, shows the sign-in
    /// form again.
    fn offer(self, failure: &Failure, onward: Option<&SafePath>) {
        match offer_after(failure) {
            Some(Some(choice)) => {
                let onward = onward.map(|path| path.as_str().to_owned());
                choice_card::show(failure.clone(), choice, onward, self.lang);
            }
            Some(None) => {
                let failure = failure.clone();
                spawn_local(async move {
                    if in_place::again().await
                        && let Some(form) = Form::on_page("main form[data-form]")
                    {
                        form.refuse(&failure, self.lang);
                    }
                });
            }
            None => {}
        }
    }
}

fn on(name: &'static str, heard: impl Fn(Event) + 'static) {
    let listener = window_event_listener_untyped(name, heard);
    on_cleanup(move || listener.remove());
}

fn target(event: &Event) -> Option<Element> {
    event.target()?.dyn_into().ok()
}

fn input(event: &Event) -> Option<HtmlInputElement> {
    event.target()?.dyn_into().ok()
}

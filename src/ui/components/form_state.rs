//! The state of a form that works without WASM and better with it.

use std::collections::BTreeMap;
use std::time::Duration;

use futures::future::LocalBoxFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_location;

use super::form_alert::ALERT_ID;
use crate::model::failure::{Code, Failure};
use crate::model::form::query_field;
use crate::model::session::EndReason;
use crate::model::snapshot::Flash;
use crate::ui::browser::focus;
use crate::ui::page::snapshot;

/// What a form shows besides its fields. The fields themselves belong to the
/// browser: what was typed before WASM arrived is never overwritten.
#[derive(Clone, Copy)]
pub struct FormState {
    /// Why the last try was refused.
    pub failure: RwSignal<Option<Failure>>,
    /// While the server is asked, and while a success leaves the page.
    pub busy: RwSignal<bool>,
    /// Seconds until a lockout lifts; counted in the browser alone, so that
    /// without scripts no button stays disabled for ever.
    pub wait: RwSignal<Option<u64>>,
    /// A lockout has lifted while the page was open.
    pub lifted: RwSignal<bool>,
    /// A set-up or activation has just succeeded.
    pub ready: bool,
    /// Where it posts to, if its page has several forms.
    form: &'static str,
    /// Why the session that the browser came with is over.
    pub ended: Option<EndReason>,
    typed: StoredValue<BTreeMap<String, String>>,
}

impl FormState {
    /// The form as the page opens: with the `error` of the URL, if that is a
    /// code, and what the post that came back left in the flash.
    pub fn of_page() -> FormState {
        FormState::opened("")
    }

    /// One of a page's several forms, by where it posts to: only what came back
    /// from there is its own.
    pub fn of_form(action: &'static str) -> FormState {
        FormState::opened(action)
    }

    /// A form that opens over the page, and so has nothing behind it.
    pub fn blank() -> FormState {
        FormState::made("/over", None, Flash::default())
    }

    fn opened(form: &'static str) -> FormState {
        let code = query("error").and_then(|name| Code::from_name(&name));
        let mut flash = snapshot().flash.unwrap_or_default();
        let code = code.filter(|_| form.is_empty() || flash.form == form);
        // A flash of another refusal would put its numbers under the wrong text.
        let belongs = flash.code == code;
        let failure = code.map(|code| match belongs {
            true => Failure {
                fields: flash.fields.take(),
                remaining_attempts: flash.remaining_attempts,
                remaining_seconds: flash.remaining_seconds,
                ..Failure::new(code)
            },
            false => Failure::new(code),
        });
        if !(belongs || flash.ready) {
            flash.typed.clear();
        }
        FormState::made(form, failure, flash)
    }

    fn made(form: &'static str, failure: Option<Failure>, flash: Flash) -> FormState {
        let state = FormState {
            failure: RwSignal::new(failure),
            busy: RwSignal::new(false),
            wait: RwSignal::new(None),
            lifted: RwSignal::new(false),
            ready: flash.ready,
            form,
            ended: flash.ended,
            typed: StoredValue::new(flash.typed),
        };
        state.count_down();
        state
    }

    /// The id of the form's alert.
    pub fn alert_id(self) -> String {
        format!("{ALERT_ID}{}", self.form.replace('/', "-"))
    }

    /// What was typed into a field of the post that came back.
    pub fn typed(self, field: &str) -> String {
        self.typed.with_value(|typed| typed.get(field).cloned().unwrap_or_default())
    }

    /// What was typed into a field of the post that came back, else what is stored.
    pub fn typed_or(self, field: &str, stored: &str) -> String {
        self.typed.with_value(|typed| typed.get(field).cloned().unwrap_or_else(|| stored.to_owned()))
    }

    /// A field was typed into. A lockout is of one account: with another address
    /// in the form, there is nothing to wait for.
    pub fn edited(self, field: &str) {
        if field == "email" && self.wait.with_untracked(Option::is_some) {
            self.failure.set(None);
        }
    }

    /// A success that stays on the page.
    pub fn done(self) {
        self.failure.set(None);
        self.busy.set(false);
    }

    /// What is wrong with a field.
    pub fn field_error(self, field: &str) -> Option<String> {
        self.failure.with(|f| f.as_ref()?.fields.as_ref()?.get(field).cloned())
    }

    /// Where to start: the first field that is wrong, else the first that is empty.
    pub fn first<'a>(self, fields: &[&'a str]) -> Option<&'a str> {
        let wrong = |field: &&&str| untrack(|| self.field_error(field)).is_some();
        let empty = |field: &&&str| self.typed(field).is_empty();
        fields.iter().find(wrong).or_else(|| fields.iter().find(empty)).copied()
    }

    /// Does what the form asks. After a refusal the focus goes to the field that
    /// is wrong, else to the text that says why. A success stays busy: it has
    /// already told the browser to leave.
    pub fn send(self, work: impl Future<Output = Result<(), Failure>> + 'static) {
        self.send_boxed(Box::pin(work));
    }

    /// Once, and not anew for every form.
    fn send_boxed(self, work: LocalBoxFuture<'static, Result<(), Failure>>) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        self.lifted.set(false);
        spawn_local(async move {
            if let Err(failure) = work.await {
                focus(self.culprit(&failure));
                self.failure.set(Some(failure));
                self.busy.set(false);
            }
        });
    }

    /// Counts a lockout down by the clock, not by ticks: a tab in the background
    /// gets fewer of them. At zero the refusal lifts itself.
    fn count_down(self) {
        Effect::new(move |_| {
            let seconds = self.failure.with(|f| f.as_ref()?.remaining_seconds).filter(|s| *s > 0);
            self.wait.set(seconds);
            let Some(seconds) = seconds else { return };
            let until = js_sys::Date::now() + seconds as f64 * 1000.0;
            let tick = move || {
                let left = ((until - js_sys::Date::now()) / 1000.0).ceil();
                if left > 0.0 {
                    self.wait.set(Some(left as u64));
                } else {
                    self.failure.set(None);
                    self.lifted.set(true);
                }
            };
            if let Ok(timer) = set_interval_with_handle(tick, Duration::from_millis(500)) {
                on_cleanup(move || timer.clear());
            }
        });
    }

    /// Where to go on after a refusal: a field's element has the field's name as
    /// its id, and an empty one is `:invalid` since all are required.
    fn culprit(self, failure: &Failure) -> String {
        let shown = |name: &&String| document().get_element_by_id(name).is_some();
        match (failure.fields.iter().flat_map(BTreeMap::keys).find(shown), failure.code) {
            (Some(name), _) => format!("#{name}"),
            (None, Code::MissingCredentials) => ".form :invalid".to_owned(),
            (None, Code::InvalidCredentials) => "#password".to_owned(),
            _ => format!("#{}", self.alert_id()),
        }
    }
}

/// A parameter of the page's query. Not the router's map, which decodes each
/// value twice: `%2Bb` in a path to go on to would arrive as `+b`.
pub fn query(name: &str) -> Option<String> {
    use_location().search.with_untracked(|query| query_field(query, name))
}

//! The markup of a form. The browser can post it. When the program runs,
//! [`forms`](crate::ui::forms) submits it instead and updates this markup.

use std::collections::BTreeMap;

use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use crate::model::code::Code;
use crate::model::failure::Failure;
use crate::model::form::CSRF_FIELD;
use crate::model::lang::Lang;
use crate::model::page::{CsrfToken, Here};
use crate::model::text::{self, Text};
use crate::ui::page::{lang, t};

/// The prefix of the ids of form alerts.
const ALERT_ID: &str = "form-alert";

/// The state that a form is rendered with.
#[derive(Clone, Copy)]
pub struct FormState(StoredValue<Shown>);

#[derive(Default)]
struct Shown {
    form: String,
    failure: Option<Failure>,
    typed: BTreeMap<String, String>,
}

impl FormState {
    /// Creates the state of a form with its refusal and the typed values. `form` is the path it
    /// posts to, if its page has several forms.
    pub fn new(form: &str, failure: Option<Failure>, typed: BTreeMap<String, String>) -> FormState {
        FormState(StoredValue::new(Shown { form: form.to_owned(), failure, typed }))
    }

    /// Creates the state of a form in an overlay, which has no typed values.
    pub fn over(failure: Option<Failure>) -> FormState {
        FormState::new("/over", failure, BTreeMap::new())
    }

    /// Returns the id of the form's alert.
    fn alert_id(self) -> String {
        self.0.with_value(|shown| format!("{ALERT_ID}{}", shown.form.replace('/', "-")))
    }

    /// Returns the value typed into a field of the rejected form.
    pub fn typed(self, field: &str) -> String {
        self.typed_or(field, "")
    }

    /// Returns the value typed into a field of the rejected form, or else the stored value.
    pub fn typed_or(self, field: &str, stored: &str) -> String {
        self.0.with_value(|shown| shown.typed.get(field).cloned().unwrap_or_else(|| stored.to_owned()))
    }

    /// Whether the form was refused.
    pub fn is_refused(self) -> bool {
        self.0.with_value(|shown| shown.failure.is_some())
    }

    /// Returns a field's error.
    pub fn field_error(self, field: &str) -> Option<String> {
        self.0.with_value(|shown| shown.failure.as_ref()?.fields.as_ref()?.get(field).cloned())
    }

    /// Returns the first of these fields with an error.
    pub fn wrong<'a>(self, fields: &[&'a str]) -> Option<&'a str> {
        fields.iter().find(|field| self.field_error(field).is_some()).copied()
    }

    /// Returns the field to focus: the first with an error, or else the first empty one.
    pub fn first<'a>(self, fields: &[&'a str]) -> Option<&'a str> {
        self.wrong(fields).or_else(|| fields.iter().find(|field| self.typed(field).is_empty()).copied())
    }
}

/// The CSRF token, for posts without the program.
#[component]
pub fn CsrfField() -> impl IntoView {
    use_context::<CsrfToken>().map(|token| view! { <input type="hidden" name=CSRF_FIELD value=token.0/> })
}

/// A form with its alert above and its button below.
///
/// `novalidate`: the server reports errors, so that they are in the page's language and the same
/// with and without the program.
#[component]
pub fn PostForm(
    /// The path it posts to.
    #[prop(into)]
    action: String,
    state: FormState,
    /// Replaces the post, for forms that the program renders.
    #[prop(optional_no_strip, into)]
    on_submit: Option<Callback<SubmitEvent>>,
    /// Whether a conflict is explained by the page that a plain post leads to.
    #[prop(optional)]
    page_explains_conflict: bool,
    /// The button's label.
    label: Text,
    /// The button's label while the form waits for its answer.
    busy_label: Text,
    /// The fields.
    children: Children,
) -> impl IntoView {
    let submit = move |event: SubmitEvent| {
        if let Some(on_submit) = on_submit {
            event.prevent_default();
            on_submit.run(event);
        }
    };
    view! {
        <form class="form" method="post" action=action novalidate=true data-form="" data-conflict=page_explains_conflict.then_some("page") on:submit=submit>
            <FormAlert state/>
            <CsrfField/>
            {children()}
            <SubmitButton label busy_label class="button button-primary"/>
        </form>
    }
}

/// A form's submit button. While the form is busy, its label and `data-busy` are swapped.
#[component]
pub fn SubmitButton(
    label: Text,
    busy_label: Text,
    class: &'static str,
    /// What the button acts on, where several have the same label.
    #[prop(optional)]
    about: Option<String>,
) -> impl IntoView {
    view! {
        <button class=class type="submit">
            <span data-busy=t(busy_label)>{t(label)}</span>
            {about.map(|about| view! { <span class="visually-hidden">": "{about}</span> })}
        </button>
    }
}

/// A form's refusal above its fields, with the time until a retry.
///
/// The alert element always exists and only its content changes; otherwise screen readers would
/// miss it. The countdown is outside of it, so that not every second is announced.
#[component]
pub fn FormAlert(state: FormState) -> impl IntoView {
    let lang = lang();
    let (text, seconds) = state.0.with_value(|shown| {
        let failure = shown.failure.as_ref();
        (failure.map(|failure| explain(failure, lang)), failure.and_then(|failure| failure.remaining_seconds))
    });
    // Without the program, the password is proven on a page of its own.
    let stale =
        state.0.with_value(|shown| shown.failure.as_ref().is_some_and(|failure| failure.code == Code::ReauthRequired));
    let confirm = use_context::<Here>().filter(|_| stale).map(|here| confirm_path(&here.path));
    view! {
        <div id=state.alert_id() class="form-alert" tabindex="-1">
            <div role="alert">{text.map(|text| view! { <p class="notice notice-danger">{text}</p> })}</div>
            {confirm.map(|path| view! { <p><a class="button" href=path>{t(Text::ConfirmLink)}</a></p> })}
            <div class="form-clock" data-seconds=seconds.map(|seconds| seconds.to_string())>
                {seconds.map(|seconds| view! { <p class="countdown" role="timer">{retry_in(seconds, lang)}</p> })}
            </div>
            <div role="status"></div>
        </div>
    }
}

/// The page that proves the password again, and leads back.
fn confirm_path(back: &str) -> String {
    // A path of ours is plain but for what a query would split at.
    format!("/confirm?redirect={}", back.replace('%', "%25").replace('&', "%26").replace('+', "%2B"))
}

/// Returns the refusal in full sentences.
pub fn explain(failure: &Failure, lang: Lang) -> String {
    // A link's token and a session choice's ticket are not visible fields, so their errors are
    // shown here.
    if let Some(text) = failure.fields.as_ref().and_then(|fields| fields.get("token").or_else(|| fields.get("ticket")))
    {
        return text.clone();
    }
    let what = failure.code.text(lang);
    match failure.remaining_attempts {
        Some(left) if failure.code == Code::InvalidCredentials => {
            let rest = match left {
                0 => Text::LoginAttemptsNone.to(lang).to_owned(),
                left => text::login_attempts(lang, left),
            };
            format!("{what} {rest}")
        }
        // Only the server knows which rate limit was exceeded.
        _ if failure.code == Code::TooManyRequests && !failure.error.is_empty() => failure.error.clone(),
        _ => failure.count().map_or_else(|| what.to_owned(), |count| text::error_count(lang, count)),
    }
}

/// Returns a sentence with the time until a retry.
pub fn retry_in(seconds: u64, lang: Lang) -> String {
    text::login_retry_in(lang, clock(seconds))
}

/// Formats seconds as `29:05`, or as `1:00:00` from an hour on.
pub fn clock(seconds: u64) -> String {
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match hours {
        0 => format!("{minutes}:{seconds:02}"),
        _ => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_formatted_as_a_clock() {
        for (seconds, shown) in [(0, "0:00"), (59, "0:59"), (1745, "29:05"), (3600, "1:00:00"), (86_399, "23:59:59")] {
            assert_eq!(clock(seconds), shown);
        }
    }

    #[test]
    fn refusals_are_explained_with_the_attempts_left() {
        let wrong = |left| Failure { remaining_attempts: Some(left), ..Failure::new(Code::InvalidCredentials) };
        assert!(explain(&wrong(3), Lang::En).contains('3'));
        assert!(explain(&wrong(1), Lang::Tr).starts_with("E-posta veya parola hatalı."));
        assert_eq!(explain(&Failure::new(Code::Offline), Lang::En), Code::Offline.text(Lang::En));
        for hidden in ["token", "ticket"] {
            assert_eq!(explain(&Failure::field(hidden, "spent"), Lang::En), "spent");
        }
    }
}

//! Why a form was refused, announced to everybody, and when to try again.

use leptos::prelude::*;

use super::form_state::FormState;
use crate::model::failure::{Code, Failure};
use crate::model::lang::Lang;
use crate::model::text::Text;
use crate::ui::page::lang;

/// The element that takes the focus when no field is wrong; a page of several forms tells them apart by more.
pub const ALERT_ID: &str = "form-alert";

/// The summary above a form's fields.
///
/// The alert is always there and only its content comes and goes, or screen
/// readers would miss it. The clock is outside: nobody wants each second read.
#[component]
pub fn FormAlert(state: FormState) -> impl IntoView {
    let lang = lang();
    let text = move || state.failure.with(|f| f.as_ref().map(|f| explain(f, lang)));
    let left = move || state.wait.get().or_else(|| state.failure.with(|f| f.as_ref()?.remaining_seconds));
    let clock = move || left().map(|s| Text::LoginRetryIn.with(lang, &[("time", &clock(s))]));
    view! {
        <div id=state.alert_id() class="form-alert" tabindex="-1">
            <div role="alert">
                {move || text().map(|text| view! { <p class="notice notice-danger">{text}</p> })}
            </div>
            {move || clock().map(|clock| view! { <p class="countdown" role="timer">{clock}</p> })}
            <div role="status">
                {move || state.lifted.get().then(|| view! { <p class="notice notice-success">{Text::LoginLifted.to(lang)}</p> })}
            </div>
        </div>
    }
}

/// The refusal in full sentences.
fn explain(failure: &Failure, lang: Lang) -> String {
    // The token of a link and the ticket of a choice are no visible fields, so
    // their text is said here.
    if let Some(text) = failure.fields.as_ref().and_then(|fields| fields.get("token").or_else(|| fields.get("ticket")))
    {
        return text.clone();
    }
    let what = failure.code.text(lang);
    match failure.remaining_attempts {
        Some(left) if failure.code == Code::InvalidCredentials => {
            let rest = match left {
                0 => Text::LoginAttemptsNone,
                1 => Text::LoginAttemptsOne,
                _ => Text::LoginAttemptsMany,
            };
            format!("{what} {}", rest.with(lang, &[("count", &left.to_string())]))
        }
        // Only the server knows what there was too much of.
        _ if failure.code == Code::TooManyRequests && !failure.error.is_empty() => failure.error.clone(),
        _ => what.to_owned(),
    }
}

/// `29:05`, or `1:00:00` from an hour on.
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
    fn clocks_are_read_at_a_glance() {
        for (seconds, shown) in [(0, "0:00"), (59, "0:59"), (1745, "29:05"), (3600, "1:00:00"), (86_399, "23:59:59")] {
            assert_eq!(clock(seconds), shown);
        }
    }

    #[test]
    fn attempts_are_counted_only_where_they_count() {
        let wrong = |left| Failure { remaining_attempts: Some(left), ..Failure::new(Code::InvalidCredentials) };
        assert!(explain(&wrong(3), Lang::En).contains('3'));
        assert!(explain(&wrong(1), Lang::Tr).starts_with("E-posta veya parola hatalı."));
        assert_eq!(explain(&Failure::new(Code::Offline), Lang::En), Code::Offline.text(Lang::En));
        for hidden in ["token", "ticket"] {
            assert_eq!(explain(&Failure::field(hidden, "spent"), Lang::En), "spent");
        }
    }
}

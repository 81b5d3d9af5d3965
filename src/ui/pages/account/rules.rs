//! The rules of a new password, explained while it is typed.

use leptos::prelude::*;

use crate::model::password::{MAX_LENGTH, is_invisible, is_personal, length, normalise};
use crate::model::text::Text;
use crate::model::user::User;
use crate::ui::page::{lang, page_data, t};

/// How a rule stands; before anything is typed, nothing is judged.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    Kept,
    Broken,
}

impl State {
    fn of(typed: bool, kept: bool) -> State {
        match (typed, kept) {
            (false, _) => State::Open,
            (true, true) => State::Kept,
            (true, false) => State::Broken,
        }
    }
}

/// What the browser can judge by itself; whether a password is easy to guess,
/// only the server knows.
#[component]
pub fn Rules(current: RwSignal<String>, new: RwSignal<String>, user: Option<User>) -> impl IntoView {
    let lang = lang();
    let min = page_data().password_min_length().unwrap_or_default() as usize;
    let about: Vec<String> = user.map_or_else(Vec::new, |user| {
        let local_part = user.email.split('@').next().unwrap_or_default().to_owned();
        vec![user.name, local_part, "kafkasder".to_owned()]
    });
    let typed = move || new.with(|new| !new.is_empty());
    let count = move || new.with(|new| length(new));
    let blank = move || new.with(|new| is_invisible(new));
    let long_enough = move || State::of(typed(), (min..=MAX_LENGTH).contains(&count()) && !blank());
    let impersonal = move || {
        let about: Vec<&str> = about.iter().map(String::as_str).collect();
        State::of(typed(), new.with(|new| !is_personal(new, &about)))
    };
    let different = move || {
        let same = current.with(|current| new.with(|new| normalise(current) == normalise(new)));
        State::of(typed() && current.with(|current| !current.is_empty()), !same)
    };
    let length_text = move || {
        let rule = match count() > MAX_LENGTH {
            _ if blank() => Text::FieldPasswordBlank.to(lang).to_owned(),
            true => Text::FieldPasswordTooLong.with(lang, &[("max", &MAX_LENGTH.to_string())]),
            false => Text::FieldPasswordTooShort.with(lang, &[("min", &min.to_string())]),
        };
        match typed() {
            true => format!("{rule} {}", Text::PasswordSoFar.with(lang, &[("count", &count().to_string())])),
            false => rule,
        }
    };
    view! {
        <ul class="rules" aria-label=t(Text::PasswordRules)>
            <Rule state=Signal::derive(long_enough) text=Signal::derive(length_text)/>
            <Rule state=Signal::derive(impersonal) text=Signal::derive(move || Text::FieldPasswordPersonal.to(lang).to_owned())/>
            <Rule state=Signal::derive(different) text=Signal::derive(move || Text::FieldPasswordSame.to(lang).to_owned())/>
            <li class="rule">{t(Text::PasswordGuessed)}</li>
        </ul>
    }
}

#[component]
fn Rule(state: Signal<State>, text: Signal<String>) -> impl IntoView {
    let (kept, broken) = (t(Text::PasswordRuleKept), t(Text::PasswordRuleBroken));
    let word = move || match state.get() {
        State::Open => "",
        State::Kept => kept,
        State::Broken => broken,
    };
    view! {
        <li
            class="rule"
            class:rule-kept=move || state.get() == State::Kept
            class:rule-broken=move || state.get() == State::Broken
        >
            {text} <span class="visually-hidden">" "{word}</span>
        </li>
    }
}

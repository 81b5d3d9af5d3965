//! The account's sign-ins and failed attempts.

use leptos::prelude::*;

use crate::model::account::{SignIn, SignInKind};
use crate::model::text::{self, Text};
use crate::model::words;
use crate::ui::components::time::Time;
use crate::ui::page::{lang, t};

/// How many are shown at first; the others are folded.
const FIRST: usize = 8;

/// The last sign-ins, failed attempts and lockouts, newest first.
#[component]
pub fn SignIns(
    mut sign_ins: Vec<SignIn>,
    #[prop(default = Text::HistoryTitle)] title: Text,
    #[prop(default = Text::SignInsLead)] lead: Text,
) -> impl IntoView {
    let older = sign_ins.split_off(sign_ins.len().min(FIRST));
    let rows = |list: Vec<SignIn>| {
        let rows = list.into_iter().map(|sign_in| view! { <Row sign_in/> }).collect_view();
        view! { <ol class="log">{rows}</ol> }
    };
    let rest = (!older.is_empty()).then(|| {
        let count = older.len();
        view! {
            <details class="fold">
                <summary>{text::sign_ins_older(lang(), count)}</summary>
                <div class="fold-body">{rows(older)}</div>
            </details>
        }
    });
    let list = match sign_ins.is_empty() {
        true => view! { <p class="muted">{t(Text::SignInsNone)}</p> }.into_any(),
        false => rows(sign_ins).into_any(),
    };
    view! {
        <section class="panel" id="sign-ins" aria-labelledby="sign-ins-title">
            <div>
                <h2 id="sign-ins-title">{t(title)}</h2>
                <p class="muted">{t(lead)}</p>
            </div>
            {list}
            {rest}
        </section>
    }
}

#[component]
fn Row(sign_in: SignIn) -> impl IntoView {
    let (what, class) = match sign_in.kind {
        SignInKind::SignedIn => (Text::SignInKindSignedIn, "badge badge-success"),
        SignInKind::Failed => (Text::SignInKindFailed, "badge badge-warning"),
        SignInKind::Locked => (Text::SignInKindLocked, "badge badge-danger"),
        SignInKind::PasswordChanged => (Text::SignInKindPasswordChanged, "badge"),
        SignInKind::EmailChanged => (Text::SignInKindEmailChanged, "badge"),
    };
    let from = words::browser(&sign_in.browser, &sign_in.device, lang());
    view! {
        <li class="log-row">
            <p class="log-head"><span class=class>{t(what)}</span> " " <Time at=sign_in.at/></p>
            <p class="muted">{from}" · "{sign_in.address}</p>
        </li>
    }
}

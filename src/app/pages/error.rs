//! What is shown in place of a page: what happened, and what next.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::model::code::Code;
use crate::model::text::{self, Text};
use crate::ui::page::{lang, t};

/// An error as a page. The header stays, and with it the way out.
#[component]
pub fn ErrorPage(
    code: Code,
    /// To quote when asking for help, if the server gave one.
    #[prop(optional, into)]
    request_id: String,
) -> impl IntoView {
    let title = t(match code {
        Code::NotFound => Text::ErrorTitleNotFound,
        Code::Forbidden => Text::ErrorTitleForbidden,
        Code::Unavailable => Text::ErrorTitleUnavailable,
        Code::MisdirectedRequest => Text::ErrorTitleMisdirected,
        _ => Text::ErrorTitleOther,
    });
    // Trying again helps only where the cause may be gone by then.
    let may_pass = code.status() >= 500 || matches!(code, Code::RequestTimeout | Code::TooManyRequests);
    // A number helps only where the server has something to look up.
    let id = (code.status() >= 500 && !request_id.is_empty()).then(|| text::error_request_id(lang(), &request_id));
    view! {
        <Title text=title/>
        <section class="error-page">
            <p class="error-status" aria-hidden="true">{code.status()}</p>
            <h1>{title}</h1>
            <p class="lead">{code.text(lang())}</p>
            <p class="actions">
                // An empty target is the page itself, asked anew.
                {may_pass.then(|| view! { <a class="button button-primary" href="">{t(Text::TryAgain)}</a> })}
                <a class="button" href="/">{t(Text::GoHome)}</a>
            </p>
            {id.map(|id| view! { <p class="error-id">{id}</p> })}
        </section>
    }
}

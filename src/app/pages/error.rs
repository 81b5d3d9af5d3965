//! The error page: what happened, and what to do next.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::model::code::Code;
use crate::model::text::{self, Text};
use crate::ui::page::{lang, t};

/// An error as a page, with the header, so that the user can sign out.
#[component]
pub fn ErrorPage(
    code: Code,
    /// The request id to quote to support, if the server assigned one.
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
    // A retry makes sense only for temporary errors.
    let may_pass = code.status() >= 500 || matches!(code, Code::RequestTimeout | Code::TooManyRequests);
    // The id helps only where the server has logged an error.
    let id = (code.status() >= 500 && !request_id.is_empty()).then(|| text::error_request_id(lang(), &request_id));
    view! {
        <Title text=title/>
        <section class="error-page">
            <p class="error-status" aria-hidden="true">{code.status()}</p>
            <h1>{title}</h1>
            <p class="lead">{code.text(lang())}</p>
            <p class="actions">
                // An empty `href` is this page.
                {may_pass.then(|| view! { <a class="button button-primary" href="">{t(Text::TryAgain)}</a> })}
                <a class="button" href="/">{t(Text::GoHome)}</a>
            </p>
            {id.map(|id| view! { <p class="error-id">{id}</p> })}
        </section>
    }
}

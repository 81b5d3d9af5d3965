//! What administrators have changed in the account since the sign-in before this one.

use leptos::prelude::*;

use crate::model::account::News as Event;
use crate::model::text::{self, Text};
use crate::model::words;
use crate::ui::components::time::Time;
use crate::ui::page::{lang, t};

/// The changes, if there are any.
#[component]
pub fn News(news: Vec<Event>) -> impl IntoView {
    let any = !news.is_empty();
    let rows = news.into_iter().map(|event| {
        let text = match event.action.as_str() {
            "user_changed" if !event.fields.is_empty() => {
                let fields: Vec<&str> = event.fields.iter().filter_map(|field| words::field(field)).map(t).collect();
                text::news_changed(lang(), fields.join(", "))
            }
            "user_enabled" => t(Text::NewsEnabled).to_owned(),
            "password_required" => t(Text::NewsPasswordRequired).to_owned(),
            "reset_link_made" => t(Text::NewsLink).to_owned(),
            _ => t(Text::NewsOther).to_owned(),
        };
        view! { <li><p>{text}</p> <p class="muted"><Time at=event.at/></p></li> }
    });
    let rows = rows.collect_view();
    any.then(|| {
        view! {
            <section class="panel" id="news" aria-labelledby="news-title">
                <h2 id="news-title">{t(Text::NewsTitle)}</h2>
                <ul class="attempts">{rows}</ul>
            </section>
        }
    })
}

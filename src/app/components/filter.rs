//! Filters of a list: the address that has them, and their fields.

use leptos::prelude::*;

use crate::model::text::Text;
use crate::ui::page::t;

/// The address of a list with these parameters. Empty ones are left out.
pub fn address<'a>(path: &str, parameters: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let encode = |value: &str| url::form_urlencoded::byte_serialize(value.as_bytes()).collect::<String>();
    let set = parameters.into_iter().filter(|(_, value)| !value.is_empty());
    let query: Vec<String> = set.map(|(name, value)| format!("{name}={}", encode(value))).collect();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{}", query.join("&")) }
}

/// A labelled select of a filter.
#[component]
pub fn FilterChoice(name: &'static str, label: Text, options: Vec<(String, String)>, value: String) -> impl IntoView {
    let id = format!("filter-{name}");
    let options = options.into_iter().map(|(known, words)| {
        let selected = known == value;
        view! { <option value=known selected=selected>{words}</option> }
    });
    view! {
        <div class="field">
            <label class="field-label" for=id.clone()>{t(label)}</label>
            <select class="input" id=id name=name>{options.collect_view()}</select>
        </div>
    }
}

/// A labelled text of a filter.
#[component]
pub fn FilterText(
    name: &'static str,
    label: Text,
    value: String,
    #[prop(optional)] hint: Option<Text>,
    /// `search`, `date` or `text`.
    kind: &'static str,
) -> impl IntoView {
    let id = format!("filter-{name}");
    let hint_id = hint.map(|_| format!("{id}-hint"));
    view! {
        <div class="field" class:toolbar-search=kind == "search">
            <label class="field-label" for=id.clone()>{t(label)}</label>
            <input class="input" id=id name=name type=kind value=value aria-describedby=hint_id.clone() autocomplete="off"/>
            {hint.map(|hint| view! { <p class="field-hint" id=hint_id>{t(hint)}</p> })}
        </div>
    }
}

/// The chip of a filter in force: a link without it.
#[component]
pub fn FilterChip(words: String, without: String) -> impl IntoView {
    view! {
        <li>
            <a class="chip chip-filter" href=without>
                <span>{words}</span>
                <span class="visually-hidden">": "{t(Text::PeopleFilterOff)}</span>
                <span aria-hidden="true">"×"</span>
            </a>
        </li>
    }
}

/// The links to the next page and to the first.
#[component]
pub fn Pager(next: Option<String>, first: String) -> impl IntoView {
    next.map(|next| {
        view! {
            <p class="actions">
                <a class="button" href=next rel="next">{t(Text::PeopleNext)}</a>
                <a class="button button-quiet" href=first>{t(Text::PeopleFirst)}</a>
            </p>
        }
    })
}

//! `/audit`: who did what to whom, when, from where, and with which result.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::app::components::filter::{FilterChip, FilterChoice, FilterText, Pager, address};
use crate::app::components::record::{Record, result};
use crate::app::request::{page_data, query};
use crate::model::desk::AuditPage as Audit;
use crate::model::page::PageData;
use crate::model::text::Text;
use crate::model::words::{self, AUDIT_ACTIONS};
use crate::ui::page::{lang, t};

/// The rows, newest first, and their filters.
#[component]
pub fn AuditPage() -> impl IntoView {
    let PageData::Audit(page) = page_data() else { return ().into_any() };
    let Audit { filters, rows, unreadable } = *page;
    let value = |name: &str| {
        filters.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone()).unwrap_or_default()
    };
    let of = |without: &str, cursor: &str| {
        let kept = filters.iter().filter(|(name, _)| *name != without).map(|(name, value)| (*name, value.as_str()));
        address("/audit", kept.chain([("cursor", cursor)]))
    };
    let next = rows.next_cursor.as_deref().map(|cursor| of("", cursor));
    let chips: Vec<_> = filters
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| {
            let words = match *name {
                "action" => words::audit_action(value, lang()),
                "result" => result(value),
                _ => value.clone(),
            };
            view! { <FilterChip words without=of(name, "")/> }
        })
        .collect();
    let chips = (!chips.is_empty()).then(|| view! { <ul class="chips" aria-label=t(Text::PeopleFilters)>{chips}</ul> });
    let any = |text: Text| std::iter::once((String::new(), t(text).to_owned()));
    let actions = AUDIT_ACTIONS.iter().map(|(name, text)| ((*name).to_owned(), t(*text).to_owned()));
    let actions = any(Text::AuditAnyAction).chain(actions).collect();
    let results = ["success", "failure"].map(|name| (name.to_owned(), result(name)));
    let results = any(Text::AuditAnyResult).chain(results).collect();
    let file = |format: &str| {
        let all = filters.iter().map(|(name, value)| (*name, value.as_str()));
        address("/api/audit/export", all.chain([("format", format)]))
    };
    let none = rows.items.is_empty().then(|| view! { <p class="muted">{t(Text::AuditNone)}</p> });
    let items = rows.items.into_iter().map(|item| view! { <Record item/> }).collect_view();
    // Older pages stay as they are.
    let newest = query("cursor").is_none();
    view! {
        <Title text=t(Text::AuditTitle)/>
        <div class="page" data-live=newest.then_some("audit")>
            <div>
                <h1>{t(Text::AuditTitle)}</h1>
                <p class="lead">{t(Text::AuditLead)}</p>
            </div>
            <section class="panel" id="audit" aria-labelledby="audit-rows">
                <form class="toolbar" method="get" action="/audit" role="search">
                    <FilterText name="actor" label=Text::AuditActor kind="text" value=value("actor")/>
                    <FilterText name="target" label=Text::AuditTarget kind="text" value=value("target")/>
                    <FilterChoice name="action" label=Text::AuditAction options=actions value=value("action")/>
                    <FilterChoice name="result" label=Text::AuditResult options=results value=value("result")/>
                    <FilterText name="address" label=Text::SessionAddress kind="text" value=value("address")/>
                    <FilterText name="from" label=Text::AuditFrom kind="date" value=value("from")/>
                    <FilterText name="to" label=Text::AuditTo kind="date" value=value("to")/>
                    <button class="button" type="submit">{t(Text::PeopleFilter)}</button>
                </form>
                {chips}
                {unreadable.then(|| view! { <p class="notice notice-warning">{t(Text::AuditUnreadable)}</p> })}
                <h2 id="audit-rows" tabindex="-1">{t(Text::AuditRows)}</h2>
                {none}
                <ol class="log">{items}</ol>
                <Pager next first=of("", "")/>
                <p class="actions">
                    <span>{t(Text::AuditExport)}</span>
                    <a class="back-link" href=file("csv") download>"CSV"</a>
                    <a class="back-link" href=file("json") download>"JSON"</a>
                </p>
            </section>
        </div>
    }
    .into_any()
}

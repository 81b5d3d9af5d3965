//! `/settings`: the policy, in groups.

mod history;
mod rows;

use leptos::prelude::*;
use leptos_meta::Title;

use crate::app::request::{error, flash, form_with_conflict, page_data, query};
use crate::model::code::Code;
use crate::model::form::REDIRECT_FIELD;
use crate::model::forms::POLICY;
use crate::model::page::PageData;
use crate::model::policy::Policy;
use crate::model::settings::SettingsPage as Settings;
use crate::model::text::{self, Text};
use crate::ui::components::form::PostForm;
use crate::ui::page::{lang, t};
use history::LastChange;
use rows::{Row, SETTINGS, value_of};

/// The redirect target after saving.
const SAVED: &str = "/settings?saved=policy#settings";

/// The rules that administrators set.
#[component]
pub fn SettingsPage() -> impl IntoView {
    let PageData::Settings(page) = page_data() else { return ().into_any() };
    let Settings { policy, version, last_change, ends } = *page;
    let state = form_with_conflict(POLICY.action);
    let saved = query("saved").as_deref() == Some("policy") && !state.is_refused();
    let refused = error() == Some(Code::Conflict) && flash().form == POLICY.action;
    let explanation = match ends {
        Some(count) => Some(text::settings_ends(lang(), count)),
        None => refused.then(|| t(Text::SettingsConflict).to_owned()),
    };
    let shipped = Policy::default();
    let changed = policy != shipped;
    let groups = SETTINGS
        .map(|(title, settings)| {
            let rows = settings
                .iter()
                .map(|setting| {
                    let (stored, shipped) = (value_of(&policy, setting.key), value_of(&shipped, setting.key));
                    view! { <Row setting=*setting stored shipped policy=policy.clone() state conflict=refused && ends.is_none()/> }
                })
                .collect_view();
            view! {
                <fieldset class="settings-group">
                    <legend>{t(title)}</legend>
                    {rows}
                </fieldset>
            }
        })
        .collect_view();
    view! {
        <Title text=t(Text::SettingsTitle)/>
        <div class="page">
            <div>
                <h1>{t(Text::SettingsTitle)}</h1>
                <p class="lead">{t(Text::SettingsLead)}</p>
            </div>
            <div class="desk">
                <section class="panel" id="settings" aria-labelledby="settings-form">
                    <h2 id="settings-form" class="visually-hidden" tabindex="-1">{t(Text::SettingsTitle)}</h2>
                    <div role="status" data-notice="settings">
                        {saved.then(|| view! { <p class="notice notice-success">{t(Text::SettingsSaved)}</p> })}
                    </div>
                    {explanation.map(|text| view! { <p class="notice notice-warning">{text}</p> })}
                    <PostForm action=POLICY.action state page_explains_conflict=true label=Text::SettingsSave busy_label=Text::Saving>
                        <input type="hidden" name=REDIRECT_FIELD value=SAVED/>
                        <input type="hidden" name="version" value=version/>
                        <input type="hidden" name="ends" value=ends.unwrap_or_default()/>
                        // The first submit button is the one that Enter presses: it saves.
                        <button type="submit" hidden>{t(Text::SettingsSave)}</button>
                        {groups}
                        {changed.then(|| view! {
                            <button class="button button-quiet settings-reset" type="submit" name="restore" value="all">
                                {t(Text::SettingsResetAll)}
                            </button>
                        })}
                    </PostForm>
                </section>
                {last_change.map(|change| view! { <LastChange change/> })}
            </div>
        </div>
    }
    .into_any()
}

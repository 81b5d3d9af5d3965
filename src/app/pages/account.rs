//! `/account`: the user's profile, sessions, sign-ins and password.

pub mod ended;
mod password;
mod picture;
mod profile;
pub mod rules;
pub mod sessions;
pub mod sign_ins;

use leptos::prelude::*;
use leptos_meta::Title;

use crate::app::request::{page_data, user};
use crate::model::lang::Lang;
use crate::model::page::PageData;
use crate::model::text::{self, Text};
use crate::ui::page::t;
use ended::Ended;
use password::Password;
use profile::Profile;
use sessions::Sessions;
use sign_ins::SignIns;

/// The account page.
#[component]
pub fn AccountPage() -> impl IntoView {
    let PageData::Account(account) = page_data() else { return ().into_any() };
    let Some(user) = user() else { return ().into_any() };
    let version = user.updated_at.clone();
    view! {
        <Title text=t(Text::NavAccount)/>
        <div class="page" data-live="user-changed signed-in" data-version=version>
            <h1>{t(Text::NavAccount)}</h1>
            <div class="account">
                <Profile user=user.clone() stored=account.stored/>
                <Sessions live=account.live more=account.more_live/>
                <Ended ended=account.ended cursor=account.ended_cursor days=account.retention_days/>
                <Password user min_length=account.password_min_length/>
                <SignIns sign_ins=account.sign_ins/>
            </div>
        </div>
    }
    .into_any()
}

/// Returns a sentence with the number of ended sessions.
fn ended_text(count: usize, lang: Lang) -> String {
    match count {
        0 => Text::SessionsEndedNone.to(lang).to_owned(),
        count => text::sessions_ended(lang, u32::try_from(count).unwrap_or(u32::MAX)),
    }
}

//! `/account`: one's own profile, sessions, sign-ins and password.

mod desk;
mod ended;
mod password;
mod picture;
mod profile;
mod rules;
mod sessions;
mod sign_ins;

use leptos::prelude::*;
use leptos_meta::Title;

use crate::model::page::PageData;
use crate::model::text::Text;
use crate::ui::page::{page_data, t};
use desk::Desk;
use ended::Ended;
use password::Password;
use profile::Profile;
use sessions::Sessions;
use sign_ins::SignIns;

/// The page of one's own account. All it shows came with the page; what its
/// buttons change is asked anew.
#[component]
pub fn AccountPage() -> impl IntoView {
    let account = match page_data() {
        PageData::Account(account) => *account,
        _ => Default::default(),
    };
    let desk = Desk::of_page(&account);
    view! {
        <Title text=t(Text::NavAccount)/>
        <div class="page">
            <h1>{t(Text::NavAccount)}</h1>
            <div class="account">
                <Profile stored=account.stored/>
                <Sessions desk/>
                <Ended desk days=account.retention_days/>
                <Password desk/>
                <SignIns sign_ins=account.sign_ins/>
            </div>
        </div>
    }
}

//! `/account`: what belongs to oneself.

mod picture;
mod profile;

use leptos::prelude::*;
use leptos_meta::Title;

use crate::model::text::Text;
use crate::ui::page::t;
use profile::Profile;

/// The page of the person who is signed in.
#[component]
pub fn AccountPage() -> impl IntoView {
    view! {
        <Title text=t(Text::AccountTitle)/>
        <div class="page">
            <h1>{t(Text::AccountTitle)}</h1>
            <div class="panels">
                <Profile/>
            </div>
        </div>
    }
}

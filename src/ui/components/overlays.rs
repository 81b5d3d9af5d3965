//! Overlays for the session's warnings, dialogs and notices. The server does not render them.

use leptos::prelude::*;

use super::administrator_notice::AdministratorNotice;
use super::confirm_dialog::ConfirmDialog;
use super::expiry_warning::ExpiryWarning;
use super::new_email::NewEmailNotice;
use super::new_sign_in::NewSignInNotice;
use super::sign_in_cover::{SignInCover, SignedOutCover};
use crate::ui::auth_store::CoverReason;
use crate::ui::session_life::session_life;

/// The overlays. They precede the page: when an overlay and the page have fields with the same id,
/// the id finds the overlay's.
#[component]
pub fn Overlays() -> impl IntoView {
    let life = session_life();
    let ended = life.store.ended();
    let warned = Memo::new(move |_| life.warning.with(Option::is_some));
    view! {
        <div class="toasts" role="status">
            {move || life.news.get().map(|news| view! { <NewSignInNotice news/> })}
            {move || life.administrators.get().map(|change| view! { <AdministratorNotice change/> })}
            {move || life.new_email.get().map(|email| view! { <NewEmailNotice email/> })}
        </div>
        {move || warned.get().then(|| view! { <ExpiryWarning/> })}
        {move || life.proving.get().then(|| view! { <ConfirmDialog/> })}
        {move || ended.get().map(|ended| match ended.why {
            CoverReason::SignedOut => view! { <SignedOutCover/> }.into_any(),
            _ => view! { <SignInCover ended/> }.into_any(),
        })}
    }
}

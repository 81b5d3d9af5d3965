//! The end of a session on an open page. The page is covered and not left, so that typed text is
//! kept.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::{AuthState, AuthStore, sync};
use crate::api::client;
use crate::model::account::{Choice, Credentials, SignedIn};
use crate::model::code::Code;
use crate::model::failure::Failure;
use crate::model::forms;
use crate::model::redirect::SafePath;
use crate::model::seed::Who;
use crate::model::session::EndReason;
use crate::model::user::User;
use crate::ui::browser::{self, Departure};
use crate::ui::leaving;
use crate::ui::tabs;

/// After this time, a navigation counts as stopped if the page is still there.
const NAVIGATION_TIMEOUT: Duration = Duration::from_secs(10);

/// Why the page is covered, and which user may uncover it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    pub why: CoverReason,
    /// Empty after a sign-out, like the email: then no user can uncover the page.
    pub user_id: String,
    pub email: String,
    pub remembered: bool,
}

/// Why a page is covered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CoverReason {
    /// The session ended, for a reason that the server may have given.
    Ended(Option<EndReason>),
    /// The session is about to end, and the user signs in again before that.
    Renewing,
    /// The user signed out, and the server has not confirmed it yet.
    SignedOut,
}

impl AuthStore {
    /// Returns why the page is covered, if it is.
    pub fn ended(self) -> RwSignal<Option<Ended>> {
        self.ended
    }

    /// Whether the server confirmed a signed-in user and the page is not covered.
    pub fn is_alive(self) -> bool {
        self.state.with(|s| s.is_authenticated) && self.ended.with(Option::is_none)
    }

    /// Untracked [`is_alive`](Self::is_alive), for code outside of views and effects.
    pub fn alive(self) -> bool {
        untrack(|| self.is_alive())
    }

    /// Whether a sign-in or sign-out is in progress.
    pub fn is_busy(self) -> bool {
        self.state.with(|s| s.is_loading)
    }

    /// Whether the server confirmed a signed-in user, even on a covered page.
    pub fn vouches(self) -> bool {
        self.state.with_untracked(|s| s.is_authenticated)
    }

    /// Returns the user's email as it is displayed; empty without a user.
    pub fn shown_email(self) -> String {
        self.state.with_untracked(|s| s.user.as_ref().map(User::shown_email)).unwrap_or_default()
    }

    /// Whether the current user has this id.
    pub fn is(self, user_id: &str) -> bool {
        self.state.with_untracked(|s| s.user.as_ref().is_some_and(|user| user.id == user_id))
    }

    /// Leaves the page, once per target: an event of another tab arrives through several channels,
    /// and each would start the navigation again. (Chromium 156 has crashed when a navigation was
    /// cancelled just as its response arrived.)
    pub fn leave(self, departure: Departure) {
        let before = self.leaving_for.try_update_value(|leaving| leaving.replace(departure.clone()));
        if before.flatten().as_ref() != Some(&departure) {
            // The user can stop a navigation, so it may be requested again later.
            set_timeout(move || _ = self.leaving_for.try_set_value(None), NAVIGATION_TIMEOUT);
            (self.depart)(departure);
        }
    }

    /// Ends the session: forgets the user and covers the page until the user signs in again. A page
    /// whose user the server never confirmed is left instead.
    pub fn end(self, reason: Option<EndReason>) {
        if self.ended.with_untracked(|ended| ended.as_ref().is_some_and(|e| e.why != CoverReason::Renewing)) {
            return;
        }
        if self.cover(CoverReason::Ended(reason)) {
            sync::announce_end(reason);
            self.empty();
        } else if self.state.with_untracked(|s| s.user.is_some()) {
            self.forget();
            self.leave(Departure::Login);
        }
    }

    /// Asks the server who is signed in here, because a refusal without a reason may be the late
    /// answer for a session id that another tab has replaced.
    pub async fn ask_again(self) {
        match client::session().await {
            Ok(status) if !self.is(&status.user_id) => self.leave(Departure::Reload),
            Err(failure) if failure.code == Code::Unauthenticated => self.end(failure.reason),
            _ => {}
        }
    }

    /// Covers the page for a new sign-in before the session ends.
    pub fn renew(self) {
        self.cover(CoverReason::Renewing);
    }

    fn cover(self, why: CoverReason) -> bool {
        let covered = self.state.with_untracked(|s| {
            let user = s.user.as_ref().filter(|_| s.is_authenticated)?;
            let (user_id, email) = (user.id.clone(), user.email.clone());
            Some(Ended { why, user_id, email, remembered: s.remember_me })
        });
        let is = covered.is_some();
        if is {
            self.ended.set(covered);
        }
        is
    }

    /// Leaves the page for another account. Signs out first, because the login page redirects
    /// signed-in users.
    pub fn switch_account(self) {
        if self.vouches() {
            spawn_local(self.logout(None));
        } else {
            self.leave(Departure::Login);
        }
    }

    /// Signs in on the covered page. The same user continues on the page; another user gets a new
    /// page.
    ///
    /// # Errors
    /// The server's refusal.
    pub async fn sign_in_again(self, credentials: Credentials) -> Result<(), Failure> {
        self.state.update(|s| s.remember_me = credentials.remember_me);
        client::fresh_token().await?;
        self.go_on(&client::send(&client::json(forms::LOGIN.action, &credentials)).await?)
    }

    /// Signs in at the session limit on the covered page, and ends the chosen session.
    ///
    /// # Errors
    /// The server's refusal.
    pub async fn choose_again(self, choice: Choice) -> Result<(), Failure> {
        self.go_on(&client::send(&client::json(forms::CHOOSE.action, &choice)).await?)
    }

    fn go_on(self, answer: &str) -> Result<(), Failure> {
        let signed_in: SignedIn = client::data(answer)?;
        leaving::done();
        let ended = self.ended.get_untracked();
        let same = ended.as_ref().is_some_and(|ended| ended.user_id == signed_in.user.id);
        // After an ended session, the restored mirror tells the other tabs.
        if ended.is_some_and(|ended| ended.why == CoverReason::Renewing) {
            tabs::send("signed-in-here", &serde_json::to_string(&signed_in.user.id).unwrap_or_default());
        }
        self.state.set(AuthState::entered(signed_in, self.state.with_untracked(|s| s.remember_me)));
        if same {
            self.ended.set(None);
        } else {
            self.leave(Departure::To(SafePath::home()));
        }
        Ok(())
    }

    /// Uncovers the page after the same user signed in in another tab.
    pub(super) async fn resume(self) {
        let (Ok(user), Ok(session)) = (client::user().await, client::session().await) else { return };
        let remembered = match self.ended.get_untracked() {
            Some(ended) if ended.user_id == user.id => ended.remembered,
            _ => return,
        };
        let who = Who::SignedIn { user: Box::new(user), session, remembered };
        self.state.set(AuthState::seeded(&who));
        self.ended.set(None);
    }

    /// Reloads the user after a change of name, role or permissions. Returns whether the email
    /// changed without this page knowing.
    pub async fn refresh(self) -> bool {
        if self.alive()
            && let Ok(user) = client::user().await
            && self.is(&user.id)
        {
            let email = user.shown_email();
            let known = self.state.with_untracked(|s| s.user.as_ref().map(|user| user.shown_email()));
            self.state.update(|s| s.user = Some(user));
            return known.is_some_and(|known| known != email);
        }
        false
    }

    /// Handles a sign-out in another tab. A sign-out of this tab navigates by itself.
    pub fn signed_out_elsewhere(self) {
        if !untrack(|| self.is_busy()) {
            self.follow_user(None);
        }
    }

    /// Forgets the user and covers the page after a sign-out that did not reach the server. A flag
    /// in storage makes the browser retry it.
    pub(super) fn cover_pending_sign_out(self) {
        self.forget();
        let (user_id, email) = Default::default();
        self.ended.set(Some(Ended { why: CoverReason::SignedOut, user_id, email, remembered: false }));
    }

    /// Retries a sign-out that did not reach the server. On success, loads the login page.
    pub async fn finish_sign_out(self) {
        match client::send(&client::json(forms::LOGOUT.action, &())).await {
            Ok(_) => {}
            Err(failure) if is_recorded(&failure) => {}
            Err(_) => return,
        }
        leaving::done();
        self.leave(Departure::Login);
    }

    /// Handles a page opened while a sign-out is pending: it shows no user. The flag has hidden it
    /// since before its first frame.
    pub(super) fn handle_pending_sign_out(self) {
        if self.state.with_untracked(|s| s.is_initialized && !s.is_authenticated) {
            // The server knows no session here, so no sign-out is pending.
            leaving::done();
            browser::uncover();
        } else {
            self.cover_pending_sign_out();
            spawn_local(self.finish_sign_out());
        }
    }
}

/// Whether a refused sign-out counts as done: while the database is away, the server records the
/// sign-out itself. A proxy's 503 does not count.
pub(super) fn is_recorded(failure: &Failure) -> bool {
    failure.code == Code::Unavailable && failure.is_the_panels()
}

//! How a session ends on the page it was used on: the page is covered, not
//! left, so that nothing typed is lost.

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

/// A page that is still there after so long was not left.
const STOPPED: Duration = Duration::from_secs(10);

/// Why the page is covered, and for whom it waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    pub why: Why,
    /// Both empty after a sign-out: then it waits for nobody.
    pub user_id: String,
    pub email: String,
    pub remembered: bool,
}

/// Why a page is covered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The session ended; with the reason, if the server gave one.
    Ended(Option<EndReason>),
    /// It is about to, and somebody signs in again before that.
    Renewing,
    /// Signed out, and the server does not know yet.
    SignedOut,
}

impl AuthStore {
    /// Why the page is covered, while it is.
    pub fn ended(self) -> RwSignal<Option<Ended>> {
        self.ended
    }

    /// Whether the server vouches for somebody and the page is not covered.
    pub fn is_alive(self) -> bool {
        self.state.with(|s| s.is_authenticated) && self.ended.with(Option::is_none)
    }

    /// The same, for what runs outside of views and effects.
    pub fn alive(self) -> bool {
        untrack(|| self.is_alive())
    }

    /// Whether a sign-in or sign-out is on its way.
    pub fn is_busy(self) -> bool {
        self.state.with(|s| s.is_loading)
    }

    /// Whether the server vouches for somebody, also behind a cover.
    pub fn vouches(self) -> bool {
        self.state.with_untracked(|s| s.is_authenticated)
    }

    /// The person's email as it is shown to people; empty where there is nobody.
    pub fn shown_email(self) -> String {
        self.state.with_untracked(|s| s.user.as_ref().map(User::shown_email)).unwrap_or_default()
    }

    /// Whether it is this user.
    pub fn is(self, user_id: &str) -> bool {
        self.state.with_untracked(|s| s.user.as_ref().is_some_and(|user| user.id == user_id))
    }

    /// Leaves the page, for the same place once: what happened in another tab is
    /// heard on more than one way, and a load asked for twice begins twice. (One
    /// that is cut off just as its answer comes has crashed Chromium 156.)
    pub fn leave(self, departure: Departure) {
        let before = self.leaving_for.try_update_value(|leaving| leaving.replace(departure.clone()));
        if before.flatten().as_ref() != Some(&departure) {
            // A load that somebody stopped may be asked for again.
            set_timeout(move || _ = self.leaving_for.try_set_value(None), STOPPED);
            (self.depart)(departure);
        }
    }

    /// The session has ended: nobody is signed in here, and the page is covered
    /// until somebody is. A page the server never vouched for is left instead.
    pub fn end(self, reason: Option<EndReason>) {
        if self.ended.with_untracked(|ended| ended.as_ref().is_some_and(|e| e.why != Why::Renewing)) {
            return;
        }
        if self.cover(Why::Ended(reason)) {
            sync::say_ended(reason);
            self.empty();
        } else if self.state.with_untracked(|s| s.user.is_some()) {
            self.forget();
            self.leave(Departure::Login);
        }
    }

    /// Asks the server who is signed in here, where what was heard may be old: a
    /// refusal without a reason may be the late answer of an id that another tab
    /// has replaced.
    pub async fn ask_again(self) {
        match client::session().await {
            Ok(status) if !self.is(&status.user_id) => self.leave(Departure::Reload),
            Err(failure) if failure.code == Code::Unauthenticated => self.end(failure.reason),
            _ => {}
        }
    }

    /// Covers the page for a sign-in before the session has ended.
    pub fn renew(self) {
        self.cover(Why::Renewing);
    }

    fn cover(self, why: Why) -> bool {
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

    /// Gives the page up for another account: nothing of it is left. The login
    /// page is for those who are signed out, so that comes first.
    pub fn give_up(self) {
        if self.vouches() {
            spawn_local(self.logout(None));
        } else {
            self.leave(Departure::Login);
        }
    }

    /// Signs in over the covered page. For the same user the page goes on as it
    /// was; for another, nothing of it is left.
    ///
    /// # Errors
    /// What the server refused.
    pub async fn sign_in_again(self, credentials: Credentials) -> Result<(), Failure> {
        self.state.update(|s| s.remember_me = credentials.remember_me);
        client::fresh_token().await?;
        self.go_on(&client::send(&client::json(forms::LOGIN.action, &credentials)).await?)
    }

    /// The same at the session limit: the chosen session ends.
    ///
    /// # Errors
    /// What the server refused.
    pub async fn choose_again(self, choice: Choice) -> Result<(), Failure> {
        self.go_on(&client::send(&client::json(forms::CHOOSE.action, &choice)).await?)
    }

    fn go_on(self, answer: &str) -> Result<(), Failure> {
        let signed_in: SignedIn = client::data(answer)?;
        leaving::done();
        let ended = self.ended.get_untracked();
        let same = ended.as_ref().is_some_and(|ended| ended.user_id == signed_in.user.id);
        // Where the session had ended, the mirror that comes back says so to the other tabs.
        if ended.is_some_and(|ended| ended.why == Why::Renewing) {
            tabs::say("signed-in-here", &serde_json::to_string(&signed_in.user.id).unwrap_or_default());
        }
        self.state.set(AuthState::entered(signed_in, self.state.with_untracked(|s| s.remember_me)));
        if same {
            self.ended.set(None);
        } else {
            self.leave(Departure::To(SafePath::home()));
        }
        Ok(())
    }

    /// Goes on after the same user signed in in another tab.
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

    /// Reads the user anew: name, role or permissions have changed. Says whether
    /// the email has, and this page did not know.
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

    /// Somebody signed out in another tab of this browser. One's own sign-out
    /// leads on by itself.
    pub fn signed_out_elsewhere(self) {
        if !untrack(|| self.is_busy()) {
            self.other_tab(None);
        }
    }

    /// A sign-out that the server could not be told of: the page is covered, and
    /// forgets; the browser remembers to tell.
    pub(super) fn sign_out_untold(self) {
        self.forget();
        let (user_id, email) = Default::default();
        self.ended.set(Some(Ended { why: Why::SignedOut, user_id, email, remembered: false }));
    }

    /// Tells the server of a sign-out, if it can be told now; then the way leads
    /// to the login page.
    pub async fn finish_sign_out(self) {
        match client::send(&client::json(forms::LOGOUT.action, &())).await {
            Ok(_) => {}
            Err(failure) if is_kept(&failure) => {}
            Err(_) => return,
        }
        leaving::done();
        self.leave(Departure::Login);
    }

    /// A page that was opened after a sign-out that the server has not heard of
    /// shows nobody: the mark has hidden it from its first moment.
    pub(super) fn leave_first(self) {
        if self.state.with_untracked(|s| s.is_initialized && !s.is_authenticated) {
            // The server knows of nobody here: there is nothing left to tell.
            leaving::done();
            browser::uncover();
        } else {
            self.sign_out_untold();
            spawn_local(self.finish_sign_out());
        }
    }
}

/// Whether a sign-out that was refused is as good as done: with its database
/// away, the server keeps the end itself. A proxy that says the same has told
/// nobody.
pub(super) fn is_kept(failure: &Failure) -> bool {
    failure.code == Code::Unavailable && failure.is_the_panels()
}

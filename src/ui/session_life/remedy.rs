//! What the page does before a refused call is repeated: a sign-in on the covered page, or a
//! password prompt.

use std::rc::Rc;

use futures::channel::oneshot;
use leptos::prelude::*;

use super::SessionLife;
use crate::api::client;
use crate::model::code::Code;
use crate::model::failure::Failure;
use crate::ui::browser::Departure;

/// The calls that wait for the user; `false` cancels them.
pub type Waiting = Vec<oneshot::Sender<bool>>;

impl SessionLife {
    /// Installs the remedy for every call of this page.
    pub(super) fn install_remedy(self) {
        client::set_remedy(Rc::new(move |failure| Box::pin(self.remedy(failure))));
    }

    async fn remedy(self, failure: Failure) -> Result<(), Failure> {
        match failure.code {
            // No user was signed in here, so no session of this page has ended.
            Code::Unauthenticated if !self.store.alive() && self.store.ended().with_untracked(Option::is_none) => {
                return Err(failure);
            }
            Code::Unauthenticated => {
                self.lost(failure.reason).await;
                // The refusal was a late answer for a session id that another tab has replaced.
                if self.store.alive() {
                    return Ok(());
                }
            }
            Code::ReauthRequired => self.proving.set(true),
            Code::PasswordRequired => {
                // The server leads to the page that asks for it.
                self.store.leave(Departure::Reload);
                return Err(failure);
            }
            _ => return Err(failure),
        }
        let (done, waiting) = oneshot::channel();
        self.waiting.update_value(|waiting| waiting.push(done));
        match waiting.await {
            Ok(true) => Ok(()),
            _ => Err(failure),
        }
    }

    /// Resumes the waiting calls after the user has signed in, confirmed or cancelled.
    pub fn resume_calls(self, confirmed: bool) {
        self.proving.set(false);
        let waiting = self.waiting.try_update_value(std::mem::take).unwrap_or_default();
        for call in waiting {
            // Fails if the call was dropped.
            call.send(confirmed).ok();
        }
    }
}
